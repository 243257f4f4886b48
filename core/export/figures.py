"""The figures of a design as SVG files, made here: the drawing and the two charts every page opens with."""

from __future__ import annotations

from typing import Any

from core.analysis.figures import FIGURES, quality_figures, requirement_lines
from core.analysis.tradeoff_table import with_front
from core.charts import Axis, tradeoff_svg
from core.diagram import draw
from core.export.subject import Subject

AGAINST = ("p99_ms", "usd")


def drawing(subject: Subject) -> str:
    """What would be built, as a complete <svg>."""
    return draw(subject.drawing)


def charts(subject: Subject) -> dict[str, str]:
    """{name of the cost: <svg>} of the first quality against p99 and against dollars."""
    case, scenario = subject.case, subject.present.scenario
    return {
        x.column: tradeoff_svg(marks, x, y, lines=requirement_lines(case, scenario, x, y))
        for marks, x, y in chart_axes(subject)
    }


def chart_axes(subject: Subject) -> list[tuple[list[dict[str, Any]], Axis, Axis]]:
    """(rows with their front, x, y) of the two charts."""
    y = next(iter(quality_figures(subject.case, subject.present).values())).axis
    return [(with_front(subject.rows, FIGURES[key].axis, y), FIGURES[key].axis, y) for key in AGAINST]
