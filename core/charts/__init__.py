"""Table in, Plotly figure out: the tradeoff chart and two plainer ones, each with its summary in words.

One figure serves the light and the dark page: backgrounds are transparent, text takes the page's colour, and every
mark has a colour that stands 3 : 1 from both pages. Roles differ by symbol, fill and size too, so the charts read
without colour.
"""

from core.charts.class_wall import class_wall, class_wall_summary
from core.charts.compared import compared, compared_summary
from core.charts.looks import EMPTY, INK, MARKS, Axis, Line
from core.charts.plain import (
    bars,
    bars_summary,
    line_with_band,
    line_with_band_summary,
)
from core.charts.svg import tradeoff_svg
from core.charts.tradeoff import tradeoff
from core.charts.tradeoff_words import tradeoff_summary
from core.charts.waterfall import waterfall, waterfall_summary

__all__ = ["EMPTY", "INK", "MARKS", "Axis", "Line", "bars", "bars_summary", "line_with_band", "line_with_band_summary"]
__all__ += [
    "compared",
    "compared_summary",
    "tradeoff",
    "tradeoff_summary",
    "tradeoff_svg",
]
__all__ += ["class_wall", "class_wall_summary", "waterfall", "waterfall_summary"]
