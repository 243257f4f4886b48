"""The column and the row of each box."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from core.diagram.parts import LANES, SHAPES, Box, Drawing, Edge


def checked(drawing: Drawing) -> dict[str, Box]:
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


def forward_edges(drawing: Drawing) -> list[Edge]:
    """The edges without those that close a cycle, by depth-first search in the given order."""
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


def columns_of(boxes: dict[str, Box], edges: list[Edge]) -> dict[str, int]:
    """The longest path to each box; an edge into the other lane can go straight across and adds no column."""
    column = dict.fromkeys(boxes, 0)
    for _ in boxes:
        for edge in edges:
            step = int(boxes[edge.src].lane == boxes[edge.dst].lane)
            column[edge.dst] = max(column[edge.dst], column[edge.src] + step)
    return column


def rows_of(chains: list[list[tuple]], columns: dict[tuple, int], order: list[tuple]) -> dict[tuple, int]:
    """Rows of one lane: each node as close to its predecessors' mean row as the nodes above it allow."""
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
