"""Coordinates of boxes and edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from textwrap import wrap

from core.diagram.order import checked, columns_of, forward_edges, rows_of
from core.diagram.parts import (
    CHARACTER,
    LANE_HEAD,
    LANES,
    LINE,
    MARGIN,
    PAD,
    TRACK,
    Box,
    Drawing,
    Edge,
    Point,
    Rectangle,
)


class Plan:
    """All coordinates that `draw` needs, computed once in flow coordinates."""

    def __init__(self, drawing: Drawing, vertical: bool) -> None:
        self.drawing, self.vertical = drawing, vertical
        self.boxes = checked(drawing)
        self.lines = {box.id: _lines(box, 13 if vertical else 17) for box in drawing.boxes}
        forward = forward_edges(drawing)
        self.column = columns_of(self.boxes, forward)
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
        """The nodes along an edge: its box, a free cell in each column between, its other box."""
        inner = range(self.column[edge.src] + 1, self.column[edge.dst])
        return [(edge.src,), *((edge.src, edge.dst, c) for c in inner), (edge.dst,)]

    def _place_rows(self) -> None:
        self.row: dict[tuple, int] = {}
        self.n_rows = {}
        for lane in self.lanes:
            chains = [self._chain(e) for e in self.ahead if self.boxes[e.src].lane == lane]
            columns = {(b.id,): self.column[b.id] for b in self.drawing.boxes if b.lane == lane}
            columns |= {node: node[2] for chain in chains for node in chain[1:-1]}
            rows = rows_of(chains, columns, list(columns))
            self.row |= rows
            self.n_rows[lane] = max(rows.values()) + 1

    def _facing(self, box_id: str) -> bool:
        """True where no box stands between this box and the other lane."""
        lane, column, row = self.boxes[box_id].lane, self.column[box_id], self.row[box_id,]
        rows = [self.row[b.id,] for b in self.drawing.boxes if b.lane == lane and self.column[b.id] == column]
        return row == (max(rows) if lane == self.lanes[0] else min(rows))

    def _place_gaps(self) -> None:
        """Tracks in the gap before each column: one per turning source, one per edge that enters or leaves."""
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
        """Ports along the faces and tracks in the corridor between the lanes; distant edges share a track."""
        self.ports: dict[str, list[tuple[int, Edge, str]]] = defaultdict(list)
        for edge in self.across:
            for box_id, partner, end in ((edge.src, edge.dst, "leaves"), (edge.dst, edge.src, "enters")):
                if self._facing(box_id):
                    self.ports[box_id].append((self.column[partner], edge, end))
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


def _lines(box: Box, width: int) -> list[tuple[str, str]]:
    note = " · ".join(part for part in (box.note, "stale" if box.stale else "") if part)
    label = [("label", line) for line in wrap(box.label, width, break_long_words=False)]
    return label + [("note", line) for line in wrap(note, width + 3, break_long_words=False)]


def _box_size(lines: list[tuple[str, str]]) -> tuple[float, float]:
    longest = max((len(text) for _, text in lines), default=0)
    return max(88, round(longest * CHARACTER + 2 * PAD)), LINE * max(2, len(lines)) + 20


def _label_length(label: str) -> float:
    return len(label) * CHARACTER * 0.85 + 8 if label else 0
