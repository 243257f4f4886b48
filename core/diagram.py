"""The architecture drawing of a design: boxes and edges in, SVG text out.

Two lanes, offline above online; the flow runs left to right, or top to bottom with `vertical=True` for narrow screens.
The layout is computed in flow coordinates, u along the flow and v across it; only the last step swaps them for the
vertical drawing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

LANES = {"offline": "ahead of time", "online": "per request"}
SHAPES = ("compute", "store", "person", "data")

CHARACTER = 7.3  # px, a wide mean for the 13 px label, so that fallback fonts fit too
LINE = 17
PAD = 14
MARGIN = 16
LANE_HEAD = 30
TRACK = 12  # px between two parallel edges
CORNER = 6


@dataclass(frozen=True)
class Box:
    id: str
    label: str
    lane: str
    note: str = ""
    shape: str = "compute"
    stale: bool = False


@dataclass(frozen=True)
class Edge:
    src: str
    dst: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    title: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    caption: str = ""


class Rectangle(NamedTuple):
    x: float
    y: float
    width: float
    height: float


Point = tuple[float, float]


def layout(drawing: Drawing, vertical: bool = False) -> dict[str, Rectangle]:
    """Where each box stands, in the units of the viewBox."""
    return _Plan(drawing, vertical).rectangles()


def describe(drawing: Drawing) -> str:
    """The drawing in words, for a screen reader."""
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
    said = f"{drawing.title}, {'; '.join(lanes)}."
    return f"{said} Data flows from {'; '.join(flows)}." if flows else said


def draw(drawing: Drawing, vertical: bool = False) -> str:
    """A complete <svg>, right in light and dark, inline and as a file of its own."""
    plan = _Plan(drawing, vertical)
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
    """One line of HTML for a page: the wide drawing, and the vertical one where the window is narrow."""
    return (
        "<style>.kp-tall{display:none}@media(max-width:640px){.kp-tall{display:block}.kp-wide{display:none}}</style>"
        f'<div class="kp-wide">{draw(drawing)}</div><div class="kp-tall">{draw(drawing, vertical=True)}</div>'
    )


def _label_length(label: str) -> float:
    return len(label) * CHARACTER * 0.85 + 8 if label else 0


def _in_words(box: Box) -> str:
    remarks = [part for part in (box.note, "stale" if box.stale else "") if part]
    return box.label + (f" ({', '.join(remarks)})" if remarks else "")


# -- order: which column and which row -------------------------------------------------------------------------------


def _check(drawing: Drawing) -> dict[str, Box]:
    boxes = {box.id: box for box in drawing.boxes}
    if not boxes:
        raise ValueError("a drawing needs at least one box")
    if len(boxes) != len(drawing.boxes):
        raise ValueError("two boxes have the same id")
    for box in drawing.boxes:
        if box.lane not in LANES or box.shape not in SHAPES:
            raise ValueError(f"box {box.id!r} has an unknown lane {box.lane!r} or shape {box.shape!r}")
    for edge in drawing.edges:
        unknown = {edge.src, edge.dst} - boxes.keys()
        if unknown:
            raise ValueError(f"edge {edge.src!r} to {edge.dst!r} names an unknown box: {sorted(unknown)}")
    return boxes


def _forward(drawing: Drawing) -> list[Edge]:
    """The edges without those that close a cycle, found depth first in the order given."""
    following = defaultdict(list)
    for edge in drawing.edges:
        following[edge.src].append(edge)
    kept, state = [], {}

    def visit(box_id: str) -> None:
        state[box_id] = "open"
        for edge in following[box_id]:
            if state.get(edge.dst) != "open":
                kept.append(edge)
                if edge.dst not in state:
                    visit(edge.dst)
        state[box_id] = "done"

    for box in drawing.boxes:
        if box.id not in state:
            visit(box.id)
    return kept


def _columns(boxes: dict[str, Box], edges: list[Edge]) -> dict[str, int]:
    """Longest path; an edge into the other lane may go straight across, so it asks for no column of its own."""
    column = dict.fromkeys(boxes, 0)
    for _ in boxes:
        for edge in edges:
            step = int(boxes[edge.src].lane == boxes[edge.dst].lane)
            column[edge.dst] = max(column[edge.dst], column[edge.src] + step)
    return column


def _rows(chains: list[list[tuple]], columns: dict[tuple, int], order: list[tuple]) -> dict[tuple, int]:
    """Rows of one lane: each node as near to its predecessors' mean row as the nodes above it allow."""
    before = defaultdict(list)
    for chain in chains:
        for left, right in pairwise(chain):
            before[right].append(left)
    row: dict[tuple, int] = {}
    for column in sorted(set(columns.values())):
        members = [node for node in order if columns[node] == column]
        wanted = {n: sum(row[b] for b in before[n]) / len(before[n]) if before[n] else 0.0 for n in members}
        free = 0
        for node in sorted(members, key=wanted.__getitem__):
            row[node] = max(free, int(wanted[node] + 0.5))
            free = row[node] + 1
    return row


# -- plan: columns, rows and edges to coordinates --------------------------------------------------------------------


class _Plan:
    """Everything `draw` needs to know about places; computed once, in flow coordinates."""

    def __init__(self, drawing: Drawing, vertical: bool) -> None:
        self.drawing, self.vertical = drawing, vertical
        self.boxes = _check(drawing)
        self.lines = {box.id: _lines(box, 13 if vertical else 17) for box in drawing.boxes}
        forward = _forward(drawing)
        self.column = _columns(self.boxes, forward)
        self.ahead = [e for e in drawing.edges if e in forward and self._same_lane(e)]
        self.across = [e for e in drawing.edges if e not in self.ahead]
        self.lanes = [lane for lane in LANES if any(box.lane == lane for box in drawing.boxes)]
        self._place_rows()
        self._place_gaps()
        self._place_columns()
        self._place_lanes()
        self.labels: list[tuple[float, float, str, str]] = []
        self.routes = [self._swap(points) for points in self._routes()]

    def rectangles(self) -> dict[str, Rectangle]:
        return {box_id: self.rectangle(box_id) for box_id in self.boxes}

    def rectangle(self, box_id: str) -> Rectangle:
        u, v, length, breadth = self._flow(box_id)
        return Rectangle(v, u, breadth, length) if self.vertical else Rectangle(u, v, length, breadth)

    def size(self) -> Point:
        size = (self.length, self.breadth)
        return (size[1], size[0]) if self.vertical else size

    def bands(self) -> Iterable[tuple[str, Rectangle]]:
        for lane in self.lanes:
            top, breadth = self.lane_top[lane], self.lane_breadth[lane]
            u, length = MARGIN / 2, self.length - MARGIN
            yield lane, Rectangle(top, u, breadth, length) if self.vertical else Rectangle(u, top, length, breadth)

    def _swap(self, points: list[Point]) -> list[Point]:
        return [(v, u) for u, v in points] if self.vertical else points

    def _same_lane(self, edge: Edge) -> bool:
        return self.boxes[edge.src].lane == self.boxes[edge.dst].lane

    def _chain(self, edge: Edge) -> list[tuple]:
        """The nodes an edge passes: its box, a free cell in each column between, its other box."""
        inner = range(self.column[edge.src] + 1, self.column[edge.dst])
        return [(edge.src,), *((edge.src, edge.dst, c) for c in inner), (edge.dst,)]

    def _place_rows(self) -> None:
        self.row: dict[tuple, int] = {}
        self.n_rows = {}
        for lane in self.lanes:
            chains = [self._chain(e) for e in self.ahead if self.boxes[e.src].lane == lane]
            columns = {(b.id,): self.column[b.id] for b in self.drawing.boxes if b.lane == lane}
            columns |= {node: node[2] for chain in chains for node in chain[1:-1]}
            rows = _rows(chains, columns, list(columns))
            self.row |= rows
            self.n_rows[lane] = max(rows.values()) + 1

    def _facing(self, box_id: str) -> bool:
        """Does nothing stand between the box and the other lane?"""
        lane, column, row = self.boxes[box_id].lane, self.column[box_id], self.row[box_id,]
        rows = [self.row[b.id,] for b in self.drawing.boxes if b.lane == lane and self.column[b.id] == column]
        return row == (max(rows) if lane == self.lanes[0] else min(rows))

    def _place_gaps(self) -> None:
        """Tracks in the gap before each column: one a source that turns there, one an edge that leaves or enters."""
        gaps: dict[int, list[object]] = defaultdict(list)
        self.gap_label: dict[int, float] = defaultdict(float)
        for edge in self.ahead:
            chain = self._chain(edge)
            for i, (left, right) in enumerate(pairwise(chain)):
                gap = self.column[edge.src] + 1 + i
                if self.row[left] != self.row[right] and edge.src not in gaps[gap]:
                    gaps[gap].append(edge.src)
            room = LINE if self.vertical and edge.label else _label_length(edge.label)
            self.gap_label[self.column[edge.dst]] = max(self.gap_label[self.column[edge.dst]], room)
        for edge in self.across:
            if not self._facing(edge.src):
                gaps[self.column[edge.src] + 1].append((edge, "leaves"))
            if not self._facing(edge.dst):
                gaps[self.column[edge.dst]].append((edge, "enters"))
        self.gaps = gaps

    def _gap_length(self, gap: int) -> float:
        inner = 0 < gap < self.n_columns
        least = (26 if self.vertical else 38) if inner else 0
        tracks = len(self.gaps[gap])
        return max(least, tracks * TRACK + self.gap_label[gap] + 22 if tracks or self.gap_label[gap] else 0)

    def _place_columns(self) -> None:
        self.n_columns = max(self.column.values()) + 1
        lengths, breadths = zip(*(_box_size(lines) for lines in self.lines.values()), strict=True)
        self.box_length = dict(zip(self.lines, breadths if self.vertical else lengths, strict=True))
        self.box_breadth = max(lengths if self.vertical else breadths)
        u = MARGIN + PAD + (LANE_HEAD - PAD if self.vertical else 0)
        self.gap_start, self.column_centre = {}, {}
        for c in range(self.n_columns + 1):
            self.gap_start[c] = u
            u += self._gap_length(c)
            longest = max((self.box_length[b] for b in self.boxes if self.column[b] == c), default=0)
            self.column_centre[c] = u + longest / 2
            u += longest
        self.length = u + MARGIN + PAD

    def _place_lanes(self) -> None:
        head = PAD if self.vertical else LANE_HEAD
        pitch = self.box_breadth + (16 if self.vertical else 20)
        self.lane_top, self.lane_breadth, self.first_row = {}, {}, {}
        self._assign_crossings()
        labels = [e.label for e in self.across if e.label]
        self.label_room = _label_length(max(labels, key=len, default="")) if self.vertical else 22
        between = 14 + TRACK * max(self.n_tracks, 1) + self.label_room if self.across else 14
        v = MARGIN / 2
        for lane in self.lanes:
            self.lane_top[lane] = v
            self.first_row[lane] = v + head + self.box_breadth / 2
            rows = pitch * (self.n_rows[lane] - 1) + self.box_breadth
            self.lane_breadth[lane] = head + rows + PAD
            v += self.lane_breadth[lane] + between
        self.pitch, self.between = pitch, between
        alone = len(self.lanes) == 1 and self.across
        self.breadth = v - (0 if alone else between) + MARGIN / 2
        self.corridor = self.lane_top[self.lanes[0]] + self.lane_breadth[self.lanes[0]]

    def _flow(self, box_id: str) -> tuple[float, float, float, float]:
        length, breadth = self.box_length[box_id], self.box_breadth
        return self.column_centre[self.column[box_id]] - length / 2, self._v((box_id,)) - breadth / 2, length, breadth

    def _v(self, node: tuple) -> float:
        lane = self.boxes[node[0]].lane
        return self.first_row[lane] + self.pitch * self.row[node]

    def _track(self, gap: int, user: object) -> float:
        return self.gap_start[gap] + 10 + TRACK * self.gaps[gap].index(user)

    # -- edges -------------------------------------------------------------------------------------------------------

    def _routes(self) -> Iterable[list[Point]]:
        for edge in self.drawing.edges:
            yield self._route_ahead(edge) if edge in self.ahead else self._route_across(edge)

    def _route_ahead(self, edge: Edge) -> list[Point]:
        chain = self._chain(edge)
        u, _, length, _ = self._flow(edge.src)
        points = [(u + length, self._v(chain[0]))]
        for i, (left, right) in enumerate(pairwise(chain)):
            if self.row[left] != self.row[right]:
                track = self._track(self.column[edge.src] + 1 + i, edge.src)
                points += [(track, self._v(left)), (track, self._v(right))]
        end = self._flow(edge.dst)[0]
        points.append((end, self._v(chain[-1])))
        self._label(edge, ((points[-2][0] + end) / 2 - 4, self._v(chain[-1])))
        return points

    def _assign_crossings(self) -> None:
        """Ports along the faces and tracks in the corridor between the lanes; far-apart edges share a track."""
        self.ports: dict[str, list[tuple[int, Edge, str]]] = defaultdict(list)
        for edge in self.across:
            for box_id, other, end in ((edge.src, edge.dst, "leaves"), (edge.dst, edge.src, "enters")):
                if self._facing(box_id):
                    self.ports[box_id].append((self.column[other], edge, end))
        for users in self.ports.values():
            users.sort(key=lambda user: user[0])
        self.track: dict[Edge, int] = {}
        ends: list[float] = []
        for edge in sorted(self.across, key=lambda e: min(self._span(e))):
            low, high = sorted(self._span(edge))
            if high - low > 1:
                free = next((i for i, end in enumerate(ends) if end < low - TRACK), len(ends))
                ends[free : free + 1] = [high]
                self.track[edge] = free
        self.n_tracks = len(ends)

    def _span(self, edge: Edge) -> Point:
        return self._end_u(edge, edge.src, "leaves"), self._end_u(edge, edge.dst, "enters")

    def _end_u(self, edge: Edge, box_id: str, end: str) -> float:
        if not self._facing(box_id):
            return self._track(self.column[box_id] + (end == "leaves"), (edge, end))
        users = [(e, which) for _, e, which in self.ports[box_id]]
        length = self.box_length[box_id]
        share = (users.index((edge, end)) + 1) / (len(users) + 1)
        return self.column_centre[self.column[box_id]] + (share - 0.5) * length

    def _route_across(self, edge: Edge) -> list[Point]:
        start, end = self._span(edge)
        level = self.corridor + 14 + TRACK * self.track.get(edge, 0)
        self._label(edge, (end if self.boxes[edge.dst].lane == self.lanes[-1] else start, self.corridor + self.between))
        return [*self._stub(edge.src, start, True), (start, level), (end, level), *self._stub(edge.dst, end, False)]

    def _stub(self, box_id: str, u: float, leaves: bool) -> list[Point]:
        """From the box to the line `u`: one point on the face, or two by way of the gap beside the box."""
        left, top, length, breadth = self._flow(box_id)
        if self._facing(box_id):
            below = self.boxes[box_id].lane == self.lanes[0]
            return [(u, top + breadth if below else top)]
        side = (left + length if leaves else left, top + breadth / 2)
        return [side, (u, side[1])] if leaves else [(u, side[1]), side]

    def _label(self, edge: Edge, at: Point) -> None:
        """An edge's words: above a line that runs along x, to the right of one that runs along y."""
        if not edge.label:
            return
        along_x = (edge in self.ahead) != self.vertical
        x, y = self._swap([at])[0]
        if edge in self.ahead:
            place = (x, y - 6, edge.label, "middle") if along_x else (x + 6, y + 4, edge.label, "start")
        else:
            place = (x - 5, y - 6, edge.label, "end") if along_x else (x + 6, y - 7, edge.label, "start")
        while any(abs(place[0] - old[0]) < 30 and abs(place[1] - old[1]) < 10 for old in self.labels):
            place = (place[0], place[1] + LINE, *place[2:])
        self.labels.append(place)


# -- drawing ---------------------------------------------------------------------------------------------------------

# `svg:root` matches only a file of its own: inline, the colours and the font of the page are inherited.
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


def _lines(box: Box, width: int) -> list[tuple[str, str]]:
    note = " · ".join(part for part in (box.note, "stale" if box.stale else "") if part)
    label = [("label", line) for line in wrap(box.label, width, break_long_words=False)]
    return label + [("note", line) for line in wrap(note, width + 3, break_long_words=False)]


def _box_size(lines: list[tuple[str, str]]) -> tuple[float, float]:
    longest = max((len(text) for _, text in lines), default=0)
    return max(88, round(longest * CHARACTER + 2 * PAD)), LINE * max(2, len(lines)) + 20


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
    """The polyline without repeated points and without points on a straight run."""
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


def _towards(corner: Point, other: Point) -> Point:
    dx, dy = other[0] - corner[0], other[1] - corner[1]
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
    """Diagonal strokes along the left edge: stale reads without colour and leaves the text clear."""
    x, y, height = place.x, place.y, place.height
    rungs = range(int(y) + 12, int(y + height) - 6, 6)
    path = "".join(f"M{x + 1.5:g} {rung}l7 -7" for rung in rungs)
    return f'<path d="{path}" stroke="currentColor" stroke-opacity="0.6" stroke-width="1.1"/>'
