"""Quality against cost: every design a point, the Pareto front a line, the present design the one large mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.charts.frame import Frame, add_lines, error_bars, front_of, places, points, step_of
from core.charts.looks import (
    EMPTY,
    MARKS,
    PETROL,
    SHORT,
    SLATE,
    VERMILION,
    Axis,
    Line,
    Row,
    Rows,
    Table,
    axis_ticks,
    both,
    drawable,
    framed,
    nothing_yet,
    scaled,
)
from core.charts.sketch import Sketch
from core.metrics.pareto import knee

if TYPE_CHECKING:
    import plotly.graph_objects as go


def tradeoff(table: Table, x: Axis, y: Axis, *, lines: Sequence[Line] = ()) -> go.Figure:
    """Designs as points, the front as a step line, the present design as the one large mark.

    Columns: those of the axes, optionally `<y.column>_low` and `_high`, `role` (a key of MARKS), `on_front`, `design`
    (the hover text) and `link` (customdata of the point).
    """
    rows = drawable(table, x, y)
    if not rows:
        return nothing_yet().figure()
    figure = framed(x, y)
    frame = Frame(rows, x, y, lines)
    add_lines(figure, lines, frame)
    _add_front(figure, rows, x, y)
    _add_ruled_out(figure, rows, x, y)
    for role in ("sweep", "neighbour"):
        _add_cloud(figure, rows, x, y, role)
    _add_move(figure, rows, x, y)
    _add_knee(figure, rows, frame)
    for role in ("baseline", "last", "present"):
        _add_single(figure, rows, frame, role)
    figure.update_xaxes(range=list(frame.ranges[0]), **axis_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=list(frame.ranges[1]), **axis_ticks(y, frame.ranges[1]))
    return figure.figure(checked=False)


def tradeoff_summary(table: Table, x: Axis, y: Axis) -> str:
    """The number of designs, the position of the present one, and the knee."""
    rows = drawable(table, x, y)
    if not rows:
        return f"{EMPTY}: no design has both {y.label} and {x.label}."
    count, on_front, out = (
        len(rows),
        sum(row["on_front"] for row in rows),
        sum(bool(row["ruled_out_by"]) for row in rows),
    )
    sentences = [f"{count} design{'s' * (count != 1)}, {on_front} on the front of {y.label} against {x.label}"]
    if out:
        sentences.append(f"{out} ruled out by what was asked")
    present = _first(rows, "present")
    if present is not None:
        sentences.append(_standing(rows, present, x, y))
    bend = _knee_row(rows, x, y)
    if bend is not None:
        sentences.append(f"the knee is {_name(bend)}, {both(bend, x, y)}")
    return "; ".join(sentences) + "."


def _add_front(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    front = front_of(rows, x)
    figure.add_scatter(
        **places(front, x, y),
        mode="lines",
        line={"shape": step_of(x), "color": PETROL, "width": 2},
        hoverinfo="skip",
        name="front",
        meta="front",
        showlegend=len(front) > 1,
    )


def _add_cloud(figure: Sketch, rows: Rows, x: Axis, y: Axis, role: str) -> None:
    """Designs on the front filled, the others hollow; two traces, so that the legend shows both marks."""
    mark = MARKS[role]
    for on_front in (False, True):
        some = [row for row in rows if row["role"] == role and row["on_front"] == on_front and not row["ruled_out_by"]]
        if not some:
            continue
        dull = role == "sweep" and not on_front
        marker = {
            "symbol": mark.symbol if on_front else f"{mark.symbol}-open",
            "size": mark.size + on_front,
            "color": SLATE if dull else mark.colour,
            "opacity": 0.75 if dull else 1,
            "line": {"width": 1.4, "color": SLATE if dull else mark.colour},
        }
        name = ("on the front" if on_front else "beaten") if role == "sweep" else SHORT[role]
        shown = role == "sweep" or not any(trace["meta"] == role for trace in figure.traces)
        legend = {"name": name, "legendgroup": role + name, "showlegend": shown}
        figure.add_scatter(**points(some, x, y), marker=marker, meta=role, **legend)


def _add_ruled_out(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """Designs that miss a requirement: small, grey, with the missed requirements in the hover text."""
    some = [row for row in rows if row["ruled_out_by"] and row["role"] in ("sweep", "neighbour")]
    if some:
        marker = {"symbol": "x-thin", "size": 6, "opacity": 0.8, "line": {"width": 1.3, "color": SLATE}}
        figure.add_scatter(**points(some, x, y), marker=marker, meta="ruled out", name="ruled out", showlegend=True)


def _add_single(figure: Sketch, rows: Rows, frame: Frame, role: str) -> None:
    row = _first(rows, role)
    if row is None:
        return
    x, y, mark = frame.x, frame.y, MARKS[role]
    hidden = role == "baseline" and _near(rows, row, frame)
    label = "" if hidden or role == "last" else SHORT[role]
    pen = {"width": 1.8, "color": mark.colour}
    figure.add_scatter(
        **points([row], x, y, mode="markers+text"),
        text=[f"<b>{label}</b>" if role == "present" else label],
        textposition=frame.beside(row, role == "present" and row["on_front"]),
        cliponaxis=False,
        marker={"symbol": mark.symbol, "size": mark.size, "color": mark.colour, "line": pen},
        error_y=error_bars(row, y, VERMILION) if role == "present" else None,
        name=SHORT[role],
        meta=role,
        showlegend=role == "last",
    )


def _near(rows: Rows, row: Row, frame: Frame) -> bool:
    """True where a label would overlap that of the present design."""
    present = _first(rows, "present")
    return present is not None and math.dist(frame.place(present), frame.place(row)) < 0.05


def _add_move(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """A dotted line from the last design to the present one."""
    ends = [row for role in ("last", "present") if (row := _first(rows, role)) is not None]
    if len(ends) < 2:
        return
    trail = {"color": VERMILION, "width": 1.5, "dash": "dot"}
    figure.add_scatter(
        **places(ends, x, y), mode="lines", line=trail, hoverinfo="skip", showlegend=False, name="move", meta="move"
    )


def _add_knee(figure: Sketch, rows: Rows, frame: Frame) -> None:
    bend = _knee_row(rows, frame.x, frame.y)
    if bend is None:
        return
    crowded = _near(rows, bend, frame)
    figure.add_scatter(
        **places([bend], frame.x, frame.y),
        mode="markers+text",
        marker={"symbol": "circle-open", "size": 24 if crowded else 19, "color": PETROL, "line": {"width": 1.5}},
        text=["knee"],
        textposition=frame.beside(bend, not crowded),
        hoverinfo="skip",
        cliponaxis=False,
        showlegend=False,
        name="knee",
        meta="knee",
    )


def _first(rows: Rows, role: str) -> Row | None:
    return next((row for row in rows if row["role"] == role), None)


def _knee_row(rows: Rows, x: Axis, y: Axis) -> Row | None:
    front = [row for row in rows if row["on_front"]]
    points = [[scaled(axis, row[axis.column]) for axis in (x, y)] for row in front]
    at = knee(points, (x.better, y.better)) if points else None
    return None if at is None else front[at]


def _standing(rows: Rows, present: Row, x: Axis, y: Axis) -> str:
    here = f"this design has {both(present, x, y)}"
    if present["on_front"]:
        return f"{here} and is on the front"
    signs = {axis.column: 1 if axis.better == "higher" else -1 for axis in (x, y)}

    def gains(row: Row) -> list[float]:
        return [(row[column] - present[column]) * sign for column, sign in signs.items()]

    beaten_by = [row for row in rows if min(gains(row)) >= 0 and max(gains(row)) > 0]
    if not beaten_by:
        return here
    best = max(beaten_by, key=lambda row: (row["on_front"], row[y.column] * signs[y.column]))
    return f"{here} and is beaten by {_name(best)}, {both(best, x, y)}"


def _name(row: Row) -> str:
    """The short name of a design (`name`), else all of its knobs."""
    named = row.get("name") or row["design"].replace("<br>", ", ")
    return named or SHORT.get(row["role"], "a design")
