"""A planned drawing as SVG and as a text alternative."""

from __future__ import annotations

from html import escape
from textwrap import wrap

from core.diagram.parts import CORNER, LANES, LINE, MARGIN, Box, Drawing, Point, Rectangle
from core.diagram.plan import Plan


def layout(drawing: Drawing, vertical: bool = False) -> dict[str, Rectangle]:
    """The position of each box, in viewBox units."""
    return Plan(drawing, vertical).rectangles()


def describe(drawing: Drawing) -> str:
    """The drawing in words, for screen readers."""
    labels = {box.id: box.label for box in drawing.boxes}
    lanes = []
    for lane in LANES:
        named = [_in_words(box) for box in drawing.boxes if box.lane == lane]
        if named:
            lanes.append(f"{lane}: {', '.join(named)}")
    flows = [
        f"{labels[edge.src]} to {labels[edge.dst]}" + (f" ({edge.label})" if edge.label else "")
        for edge in drawing.edges
    ]
    words = f"{drawing.title}, {'; '.join(lanes)}."
    return f"{words} Data flows from {'; '.join(flows)}." if flows else words


def draw(drawing: Drawing, vertical: bool = False) -> str:
    """A complete <svg> for light and dark pages, inline and as a file."""
    plan = Plan(drawing, vertical)
    width, height = plan.size()
    caption = wrap(drawing.caption, max(20, int((width - 2 * MARGIN) / 6.4)))
    total = height + (len(caption) * LINE + 4 if caption else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kp-drawing" viewBox="0 0 {width:g} {total:g}" width="100%" '
        f'style="max-width:{width:g}px;height:auto" role="img" fill="none">',
        f"<title>{escape(drawing.title)}</title><desc>{escape(describe(drawing))}</desc><style>{STYLE}</style>",
        *(_lane(lane if vertical else f"{lane} · {LANES[lane]}", band) for lane, band in plan.bands()),
        '<g opacity="0.66">',
        *(_edge(points) for points in plan.routes),
        "</g>",
        *(_box(box, plan.rectangle(box.id), plan.lines[box.id]) for box in drawing.boxes),
        *(_text(x, y, text, "edge", anchor) for x, y, text, anchor in plan.labels),
        *(_text(MARGIN, height + 12 + LINE * i, line, "caption", "start") for i, line in enumerate(caption)),
        "</svg>",
    ]
    return "".join(parts)


def inline(drawing: Drawing) -> str:
    """One line of HTML: the horizontal drawing, and the vertical one for narrow windows."""
    return (
        "<style>.kp-tall{display:none}@media(max-width:640px){.kp-tall{display:block}.kp-wide{display:none}}</style>"
        f'<div class="kp-wide">{draw(drawing)}</div><div class="kp-tall">{draw(drawing, vertical=True)}</div>'
    )


def _in_words(box: Box) -> str:
    remarks = [part for part in (box.note, "stale" if box.stale else "") if part]
    return box.label + (f" ({', '.join(remarks)})" if remarks else "")


# `svg:root` matches stand-alone files only; inline drawings inherit the page's colours and font.
STYLE = (
    ".kp-drawing{--accent:var(--kp-accent,light-dark(#05687F,#6CC7DA));"
    "--paper:var(--kp-paper,light-dark(#FCFDFD,#161D22))}"
    "svg:root.kp-drawing{color-scheme:light dark;color:light-dark(#182026,#E4EAEC);"
    "background:light-dark(#FCFDFD,#11171B);font-family:'IBM Plex Sans','Helvetica Neue',Arial,sans-serif}"
    ".kp-drawing .box{fill:var(--paper)}.kp-drawing .note{fill:var(--accent)}"
    ".kp-drawing text{font-variant-numeric:tabular-nums}"
)
TEXT = {
    "label": 'font-size="13" font-weight="600" fill="currentColor"',
    "note": 'class="note" font-size="12" fill="#05687F"',
    "edge": 'font-size="11" fill="currentColor" fill-opacity="0.78"',
    "lane": 'font-size="11" font-weight="600" letter-spacing="0.06em" fill="currentColor" fill-opacity="0.78"',
    "caption": 'font-size="12" fill="currentColor" fill-opacity="0.78"',
}


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {TEXT[kind]}>{escape(text)}</text>'


def _lane(label: str, band: Rectangle) -> str:
    x, y, width, height = band
    pen = 'rx="6" fill="currentColor" fill-opacity="0.045"'
    rect = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" {pen}/>'
    return rect + _text(x + 12, y + 18, label, "lane", "start")


def _edge(points: list[Point]) -> str:
    corners = _corners(points)
    (x0, y0), (x, y) = corners[-2:]
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    back_x, back_y = x - 7 * dx, y - 7 * dy
    head = f"M{x:g} {y:g}L{back_x - 3.6 * dy:g} {back_y - 3.6 * dx:g}L{back_x + 3.6 * dy:g} {back_y + 3.6 * dx:g}Z"
    line = _rounded([*corners[:-1], (back_x, back_y)])
    return f'<path d="{line}" stroke="currentColor" stroke-width="1.4"/><path d="{head}" fill="currentColor"/>'


def _corners(points: list[Point]) -> list[Point]:
    """The polyline without repeated or collinear points."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) < 0.01:
            continue
        if len(kept) > 1 and any(abs(kept[-2][k] - kept[-1][k]) + abs(kept[-1][k] - point[k]) < 0.01 for k in (0, 1)):
            kept.pop()
        kept.append(point)
    return kept


def _rounded(points: list[Point]) -> str:
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (ax, ay), (bx, by) = _towards(corner, before), _towards(corner, after)
        path += f"L{ax:g} {ay:g}Q{corner[0]:g} {corner[1]:g} {bx:g} {by:g}"
    return path + f"L{points[-1][0]:g} {points[-1][1]:g}"


def _towards(corner: Point, target: Point) -> Point:
    dx, dy = target[0] - corner[0], target[1] - corner[1]
    step = min(CORNER, (abs(dx) + abs(dy)) / 2) / (abs(dx) + abs(dy))
    return corner[0] + dx * step, corner[1] + dy * step


def _box(box: Box, place: Rectangle, lines: list[tuple[str, str]]) -> str:
    x, y, width, height = place
    dash = ' stroke-dasharray="5 3"' if box.stale else ""
    pen = f'class="box" fill="#FCFDFD" stroke="currentColor" stroke-opacity="0.7" stroke-width="1.25"{dash}'
    drop = 3 if box.shape == "store" else 0
    first = y + height / 2 - LINE * (len(lines) - 1) / 2 + 4.5 + drop
    middle = x + width / 2
    texts = "".join(_text(middle, first + LINE * i, text, kind, "middle") for i, (kind, text) in enumerate(lines))
    return f"<g>{OUTLINES[box.shape](place, pen)}{_hatch(place) if box.stale else ''}{texts}</g>"


def _compute(place: Rectangle, pen: str) -> str:
    x, y, width, height = place
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" {pen}/>'


def _person(place: Rectangle, pen: str) -> str:
    x, y, width, height = place
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{min(height / 2, 26):g}" {pen}/>'


def _store(place: Rectangle, pen: str) -> str:
    x, y, width, height = place
    arc = f"{width / 2:g} 5 0 0"
    body = f"M{x:g} {y + 5:g}A{arc} 1 {x + width:g} {y + 5:g}V{y + height - 5:g}A{arc} 1 {x:g} {y + height - 5:g}Z"
    lid = f"M{x:g} {y + 5:g}A{arc} 0 {x + width:g} {y + 5:g}"
    return f'<path d="{body}" {pen}/><path d="{lid}" stroke="currentColor" stroke-opacity="0.7" stroke-width="1.25"/>'


def _data(place: Rectangle, pen: str) -> str:
    x, y, width, height = place
    fold = f"M{x + width - 11:g} {y:g}v11h11"
    body = f"M{x:g} {y:g}H{x + width - 11:g}L{x + width:g} {y + 11:g}V{y + height:g}H{x:g}Z"
    return f'<path d="{body}" {pen}/><path d="{fold}" stroke="currentColor" stroke-opacity="0.7" stroke-width="1.25"/>'


OUTLINES = {"compute": _compute, "store": _store, "person": _person, "data": _data}


def _hatch(place: Rectangle) -> str:
    """Diagonal strokes along the left edge: they mark stale data without colour."""
    x, y, height = place.x, place.y, place.height
    rungs = range(int(y) + 12, int(y + height) - 6, 6)
    path = "".join(f"M{x + 1.5:g} {rung}l7 -7" for rung in rungs)
    return f'<path d="{path}" stroke="currentColor" stroke-opacity="0.6" stroke-width="1.1"/>'
