"""A map without tiles as one line of SVG, small enough for a column beside the tradeoff chart; it loads nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import cos, radians

import numpy as np

WIDE, HIGH, MARGIN = 300, 128, 12  # of the drawing, in its own units
MOST_DOTS = 150
NARROWEST = 0.002  # degrees; marks closer together than this stay in the middle
STYLE = (
    ".kp-map{color:light-dark(#182026,#E4EAEC);border:1px solid light-dark(#D5DCDF,#2E3A40);border-radius:.2rem}"
    ".kp-map .dot{fill:light-dark(#5A6870,#9BA9B0);fill-opacity:.35}.kp-map text{font-size:9px;text-anchor:middle;"
    "dominant-baseline:central}.kp-map .here{fill:currentColor}.kp-map .here+text{fill:light-dark(#FCFDFD,#11171B)}"
    ".kp-map .shown,.kp-map .missed{fill:light-dark(#FCFDFD,#11171B);stroke:light-dark(#05687F,#6CC7DA);"
    "stroke-width:1.2}.kp-map .right{stroke:light-dark(#1B7046,#6CC495);stroke-width:2.4}"
    ".kp-map .missed{stroke:light-dark(#A83E0E,#F58A5C)}.kp-map text{fill:currentColor}"
)


@dataclass(frozen=True)
class Mark:
    """A disc on the map. `kind` is "here", "shown", "shown right" or "missed"; `text` is a letter or a number."""

    lon: float
    lat: float
    text: str
    kind: str
    words: str


def small_map(marks: Sequence[Mark], dots: np.ndarray, alt: str) -> str:
    """The marks, the first ones on top, over some of the dots (n, 2) of longitude and latitude.

    What is missed has no say in how far the map reaches; what lies outside is left out.
    """
    place = _projection([mark for mark in marks if mark.kind != "missed"] or marks)
    some = dots[:: max(1, -(-len(dots) // MOST_DOTS))].tolist()
    ground = [place(lon, lat) for lon, lat in some]
    drawn = "".join(f'<circle class="dot" cx="{x:.0f}" cy="{y:.0f}" r="1.5"/>' for x, y in ground if _inside(x, y))
    drawn += "".join(_disc(mark, *place(mark.lon, mark.lat)) for mark in reversed(marks))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kp-map" viewBox="0 0 {WIDE} {HIGH}" role="img" '
        f'aria-label="{escape(alt)}"><style>{STYLE}</style>{drawn}</svg>'
    )


def _projection(marks: Sequence[Mark]) -> Callable[[float, float], tuple[float, float]]:
    """Longitude and latitude to x and y with all marks inside, both axes on one scale."""
    lons, lats = [mark.lon for mark in marks], [mark.lat for mark in marks]
    lon, lat = (max(lons) + min(lons)) / 2, (max(lats) + min(lats)) / 2
    narrow = cos(radians(lat))
    wide, high = (max(lons) - min(lons)) * narrow, max(lats) - min(lats)
    scale = min((WIDE - 2 * MARGIN) / max(wide, NARROWEST), (HIGH - 2 * MARGIN) / max(high, NARROWEST))
    return lambda x, y: (WIDE / 2 + (x - lon) * narrow * scale, HIGH / 2 - (y - lat) * scale)


def _inside(x: float, y: float) -> bool:
    return 0 < x < WIDE and 0 < y < HIGH


def _disc(mark: Mark, x: float, y: float) -> str:
    if not _inside(x, y):
        return ""
    return (
        f'<g><title>{escape(mark.words)}</title><circle class="{mark.kind}" cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
        f'<text x="{x:.1f}" y="{y:.1f}">{escape(mark.text)}</text></g>'
    )
