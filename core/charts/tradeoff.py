"""Quality against cost: every design a point, the Pareto front a line, the present design the one large mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.charts.frame import Frame, add_lines, error_bars, fronts_of, modes_of, places, points, step_of
from core.charts.looks import (
    EMPTY,
    MARKS,
    MODES,
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


CLOUD = ("recorded", "sweep", "neighbour")


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
    _add_fronts(figure, rows, x, y)
    _add_ruled_out(figure, rows, x, y)
    _add_noisy(figure, rows, x, y)
    for role in CLOUD:
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
    out, noisy = (sum(map(bool, (row[key] for row in rows))) for key in ("ruled_out_by", "noisy"))
    sentences = [f"{len(rows)} design{'s' * (len(rows) != 1)}, {_on_fronts(rows)} of {y.label} against {x.label}"]
    kept = sum(row["role"] == "recorded" for row in rows)
    if kept:
        sentences.append(f"{kept} of them recorded elsewhere")
    if out > noisy:
        sentences.append(f"{out - noisy} ruled out by what was asked")
    if noisy:
        sentences.append(f"{noisy} too noisy to say")
    present = _first(rows, "present")
    if present is not None:
        sentences.append(_standing(rows, present, x, y))
    bend = _knee_row(rows, x, y)
    if bend is not None:
        sentences.append(f"the knee is {_name(bend)}, {both(bend, x, y)}")
    return "; ".join(sentences) + "."


def _on_fronts(rows: Rows) -> str:
    """How many designs are on the front of their serving mode."""
    counts = {mode: sum(row["on_front"] for row in rows if row["mode"] == mode) for mode in modes_of(rows)}
    if len(counts) < 2:
        return f"{sum(counts.values())} on the front"
    return ", ".join(f"{n} on the front of {mode.lower()} serving" for mode, n in counts.items())


def _add_fronts(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """A step line for each serving mode; with several, the legend has the mark of its designs where there are any."""
    fronts, places_of = fronts_of(rows, x), modes_of(rows)
    for mode, front in fronts.items():
        marked = len(fronts) > 1 and any(row["role"] == "sweep" and _judged(row) for row in front)
        look = MODES[places_of[mode] % len(MODES)]
        figure.add_scatter(
            **places(front, x, y),
            mode="lines",
            line={"shape": step_of(x), "color": look.colour, "width": 2, "dash": look.dash},
            hoverinfo="skip",
            name=f"front, {mode.lower()}" if len(fronts) > 1 else "front",
            meta="front",
            showlegend=len(front) > 1 and not marked,
        )


def _add_cloud(figure: Sketch, rows: Rows, x: Axis, y: Axis, role: str) -> None:
    """Designs on the front of their serving mode filled, the others hollow, each mode with its own shape."""
    modes = modes_of(rows)
    for on_front, mode in ((on_front, mode) for on_front in (False, True) for mode in modes):
        some = [
            row
            for row in rows
            if (row["role"], row["on_front"], row["mode"]) == (role, on_front, mode) and _judged(row)
        ]
        if not some:
            continue
        look = MODES[modes[mode] % len(MODES)] if role in ("sweep", "recorded") else MARKS[role]
        dull = role in ("sweep", "recorded") and not on_front
        filled = on_front and role != "recorded"  # what was not measured here stays hollow
        marker = {
            "symbol": look.symbol if filled else f"{look.symbol}-open",
            "size": MARKS[role].size + on_front,
            "color": SLATE if dull else look.colour,
            "opacity": 0.75 if dull else 1,
            "line": {"width": 1.4, "color": SLATE if dull else look.colour},
        }
        name = _cloud_name(role, on_front, mode if len(modes) > 1 else "")
        drawn = {trace["name"] for trace in figure.traces if trace.get("showlegend")}
        legend = {"name": name, "legendgroup": role + name, "showlegend": name not in drawn}
        figure.add_scatter(**points(some, x, y), marker=marker, meta=role, **legend)


def _cloud_name(role: str, on_front: bool, mode: str) -> str:
    """The entry of the legend; what is beaten shares one, whatever its serving mode."""
    if role != "sweep":
        return SHORT[role]
    if not on_front:
        return "beaten"
    return f"front, {mode.lower()}" if mode else "on the front"


def _judged(row: Row) -> bool:
    """Whether a design meets what was asked, as far as a machine that was not too busy can say."""
    return not row["ruled_out_by"] and not row["noisy"]


def _add_noisy(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """Designs that were timed on a machine too busy to say: faint and hollow, never on a front."""
    some = [row for row in rows if row["noisy"] and row["role"] in CLOUD]
    if some:
        marker = {"symbol": "circle-open-dot", "size": 7, "color": SLATE, "opacity": 0.5}
        figure.add_scatter(**points(some, x, y), marker=marker, meta="noisy", name="too noisy to say", showlegend=True)


def _add_ruled_out(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """Designs that miss a requirement: small, grey, with the missed requirements in the hover text."""
    some = [row for row in rows if row["ruled_out_by"] and not row["noisy"] and row["role"] in CLOUD]
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
        marker={
            "symbol": _hollow(mark.symbol) if row["noisy"] else mark.symbol,
            "size": mark.size,
            "color": mark.colour,
            "line": pen,
        },
        error_y=error_bars(row, y, VERMILION) if role == "present" else None,
        name=SHORT[role],
        meta=role,
        showlegend=role == "last",
    )


def _hollow(symbol: str) -> str:
    return symbol if symbol.endswith("-open") else f"{symbol}-open"


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
    """The knee of the front of the present design's serving mode."""
    present = _first(rows, "present")
    front = [row for row in rows if row["on_front"] and (present is None or row["mode"] == present["mode"])]
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

    beaten_by = [row for row in rows if _same_front(row, present) and min(gains(row)) >= 0 and max(gains(row)) > 0]
    if not beaten_by:
        return here
    best = max(beaten_by, key=lambda row: (row["on_front"], row[y.column] * signs[y.column]))
    return f"{here} and is beaten by {_name(best)}, {both(best, x, y)}"


def _same_front(row: Row, present: Row) -> bool:
    return row["mode"] == present["mode"] and not row["noisy"] and not present["noisy"]


def _name(row: Row) -> str:
    """The short name of a design (`name`), else all of its knobs."""
    named = row.get("name") or row["design"].replace("<br>", ", ")
    return named or SHORT.get(row["role"], "a design")
