"""Quality against cost: every design a point, the front a line, the present design the one large mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.charts.looks import (
    EMPTY,
    INK,
    MARKS,
    PETROL,
    SHADE,
    SHORT,
    SLATE,
    VERMILION,
    Axis,
    Line,
    Row,
    Rows,
    Table,
    amount,
    axis_ticks,
    axis_type,
    base_layout,
    both,
    drawable,
    error_bar,
    framed,
    nothing_yet,
    scaled,
)
from core.charts.sketch import Sketch
from core.pareto import knee

if TYPE_CHECKING:
    import plotly.graph_objects as go


def tradeoff(table: Table, x: Axis, y: Axis, *, lines: Sequence[Line] = ()) -> go.Figure:
    """Designs as points, the front as a step line, the present design as the one large mark.

    Columns: those of the axes, perhaps `<y.column>_low` and `_high`, `role` (a key of MARKS), `on_front`, `design` (the
    whole design in words, for hover) and `link` (customdata of the point).
    """
    rows = drawable(table, x, y)
    if not rows:
        return nothing_yet().figure()
    figure = framed(x, y)
    frame = _Frame(rows, x, y, lines)
    _add_lines(figure, lines, frame)
    _add_front(figure, rows, x, y)
    _add_ruled_out(figure, rows, x, y)
    for role in ("sweep", "neighbour"):
        _add_cloud(figure, rows, x, y, role)
    _add_move(figure, rows, x, y)
    _add_knee(figure, rows, frame)
    for role in ("baseline", "last", "present"):
        _add_single(figure, rows, frame, role)
    figure.update_xaxes(range=frame.ranges[0], **axis_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=frame.ranges[1], **axis_ticks(y, frame.ranges[1]))
    return figure.figure()


def tradeoff_summary(table: Table, x: Axis, y: Axis) -> str:
    """How many designs, where the present one stands and where the knee is."""
    rows = drawable(table, x, y)
    if not rows:
        return f"{EMPTY}: no design has both {y.label} and {x.label}."
    count, on_front, out = (
        len(rows),
        sum(row["on_front"] for row in rows),
        sum(bool(row["ruled_out_by"]) for row in rows),
    )
    said = [f"{count} design{'s' * (count != 1)}, {on_front} on the front of {y.label} against {x.label}"]
    if out:
        said.append(f"{out} ruled out by what was asked")
    present = _first(rows, "present")
    if present is not None:
        said.append(_standing(rows, present, x, y))
    bend = _knee_row(rows, x, y)
    if bend is not None:
        said.append(f"the knee is {_name(bend)}, {both(bend, x, y)}")
    return "; ".join(said) + "."


def thumbnail(table: Table, x: Axis, y: Axis) -> go.Figure:
    """A frontier of the size of a postage stamp: no axes, no words, no hover."""
    rows = drawable(table, x, y)
    figure = Sketch()
    figure.update_layout(**base_layout(96), showlegend=False, hovermode=False)
    figure.update_xaxes(visible=False, fixedrange=True, type=axis_type(x))
    figure.update_yaxes(visible=False, fixedrange=True, type=axis_type(y))
    if not rows:
        return figure.figure()
    others = [row for row in rows if not row["on_front"]]
    small = {"symbol": "circle-open", "size": 4, "color": SLATE, "opacity": 0.7}
    figure.add_scatter(**_places(others, x, y), mode="markers", marker=small)
    shape = {"shape": _step(x), "color": PETROL, "width": 2}
    figure.add_scatter(**_places(_front(rows, x), x, y), mode="lines", line=shape)
    bend = _knee_row(rows, x, y)
    if bend is not None:
        ring = {"symbol": "diamond", "size": 9, "color": VERMILION}
        figure.add_scatter(**_places([bend], x, y), mode="markers", marker=ring)
    return figure.figure()


class _Frame:
    """The ranges of both axes, and where in them a row stands (0..1 each way)."""

    def __init__(self, rows: Rows, x: Axis, y: Axis, lines: Sequence[Line]) -> None:
        self.x, self.y = x, y
        ends = (f"{y.column}_low", f"{y.column}_high")
        bars = [row[end] for row in rows if row["role"] == "present" for end in ends if end in row]
        places = _places(rows, x, y)
        values = (places["x"], [*places["y"], *bars])
        wanted = tuple([line.value for line in lines if line.axis == name] for name in "xy")
        self.ranges = tuple(_range(a, v, w) for a, v, w in zip((x, y), values, wanted, strict=True))

    def place(self, row: Row) -> tuple[float, float]:
        shares = []
        for axis, (low, high) in zip((self.x, self.y), self.ranges, strict=True):
            shares.append((scaled(axis, row[axis.column]) - low) / (high - low))
        return shares[0], shares[1]

    def beside(self, row: Row, towards_better: bool) -> str:
        """Plotly's textposition for a label beside a point, turned inward near an edge of the plot."""
        right, up = self.place(row)
        to_right = (self.x.better == "higher") == towards_better
        to_top = (self.y.better == "higher") == towards_better
        side = "right" if right < 0.25 or (to_right and right < 0.75) else "left"
        level = "top" if up < 0.12 or (to_top and up < 0.88) else "bottom"
        return f"{level} {side}"


def _range(axis: Axis, values: list[float], wanted: list[float]) -> tuple[float, float]:
    """The data's range with a margin; a requirement widens it unless the data would shrink below two fifths."""
    known = [scaled(axis, v) for v in values if math.isfinite(v) and (v > 0 or not axis.log)]
    low, high = min(known), max(known)
    span = (high - low) or abs(high) * 0.2 or 1.0
    for value in wanted:
        if axis.log and value <= 0:
            continue
        at = scaled(axis, value)
        if max(high, at) - min(low, at) <= 2.5 * span:
            low, high = min(low, at), max(high, at)
    margin = 0.09 * (high - low or span)
    return low - margin, high + margin


def _add_lines(figure: Sketch, lines: Sequence[Line], frame: _Frame) -> None:
    for line in lines:
        axis = frame.x if line.axis == "x" else frame.y
        if axis.log and line.value <= 0:
            continue
        low, high = frame.ranges[line.axis == "y"]
        beyond = 99 if axis.better == "lower" else -99  # far enough that nobody zooms past it
        worse = 10.0 ** (high + beyond / 9) if axis.log else line.value + beyond * (high - low)
        other = "y" if line.axis == "x" else "x"
        across = {f"{other}0": 0, f"{other}1": 1, f"{other}ref": "paper"}
        shade = {f"{line.axis}0": line.value, f"{line.axis}1": worse, "fillcolor": SHADE, "line_width": 0}
        figure.add_shape(type="rect", layer="below", **across, **shade)
        place = _line_label(line, axis, (scaled(axis, line.value) - low) / (high - low))
        label = {"text": line.label, "font": {"size": 12, "color": INK}, "textangle": 0, "padding": 4, **place}
        at = {f"{line.axis}0": line.value, f"{line.axis}1": line.value}
        pen = {"color": SLATE, "width": 1.5, "dash": "dash"}
        figure.add_shape(type="line", **across, **at, line=pen, label=label)


def _line_label(line: Line, axis: Axis, share: float) -> dict[str, str]:
    """The words of a requirement stand on its shaded side, unless that is too narrow."""
    after = axis.better == "lower"
    if line.axis == "y":
        return {"textposition": "end", "xanchor": "right", "yanchor": "bottom" if after else "top"}
    to_right = share < 0.25 or (after and share < 0.7)
    return {"textposition": "start", "xanchor": "left" if to_right else "right", "yanchor": "bottom"}


def _add_front(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    front = _front(rows, x)
    figure.add_scatter(
        **_places(front, x, y),
        mode="lines",
        line={"shape": _step(x), "color": PETROL, "width": 2},
        hoverinfo="skip",
        name="front",
        meta="front",
        showlegend=len(front) > 1,
    )


def _step(x: Axis) -> str:
    """A budget on x buys the best design inside it, so the front is flat towards the worse x."""
    return "hv" if x.better == "lower" else "vh"


def _add_cloud(figure: Sketch, rows: Rows, x: Axis, y: Axis, role: str) -> None:
    """Filled on the front, hollow behind it; two traces, so that the legend shows both marks."""
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
        figure.add_scatter(**_points(some, x, y), marker=marker, meta=role, **legend)


def _add_ruled_out(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """Designs that what was asked rules out: small and grey, whatever else they are; hover says what rules them out."""
    some = [row for row in rows if row["ruled_out_by"] and row["role"] in ("sweep", "neighbour")]
    if some:
        marker = {"symbol": "x-thin", "size": 6, "opacity": 0.8, "line": {"width": 1.3, "color": SLATE}}
        figure.add_scatter(**_points(some, x, y), marker=marker, meta="ruled out", name="ruled out", showlegend=True)


def _add_single(figure: Sketch, rows: Rows, frame: _Frame, role: str) -> None:
    row = _first(rows, role)
    if row is None:
        return
    x, y, mark = frame.x, frame.y, MARKS[role]
    hidden = role == "baseline" and _near(rows, row, frame)
    label = "" if hidden or role == "last" else SHORT[role]
    pen = {"width": 1.8, "color": mark.colour}
    figure.add_scatter(
        **_points([row], x, y, mode="markers+text"),
        text=[f"<b>{label}</b>" if role == "present" else label],
        textposition=frame.beside(row, role == "present" and row["on_front"]),
        cliponaxis=False,
        marker={"symbol": mark.symbol, "size": mark.size, "color": mark.colour, "line": pen},
        error_y=_error_bars(row, y) if role == "present" else None,
        name=SHORT[role],
        meta=role,
        showlegend=role == "last",
    )


def _near(rows: Rows, row: Row, frame: _Frame) -> bool:
    """Would a label here lie on that of the present design?"""
    present = _first(rows, "present")
    return present is not None and math.dist(frame.place(present), frame.place(row)) < 0.05


def _add_move(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    """A dotted trail from the last design to the present one."""
    ends = [row for role in ("last", "present") if (row := _first(rows, role)) is not None]
    if len(ends) < 2:
        return
    trail = {"color": VERMILION, "width": 1.5, "dash": "dot"}
    figure.add_scatter(
        **_places(ends, x, y), mode="lines", line=trail, hoverinfo="skip", showlegend=False, name="move", meta="move"
    )


def _add_knee(figure: Sketch, rows: Rows, frame: _Frame) -> None:
    bend = _knee_row(rows, frame.x, frame.y)
    if bend is None:
        return
    crowded = _near(rows, bend, frame)
    figure.add_scatter(
        **_places([bend], frame.x, frame.y),
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


def _points(rows: Rows, x: Axis, y: Axis, mode: str = "markers") -> dict[str, object]:
    hover = [
        f"{row['design']}<br>{y.label}: {amount(row, y)}<br>{x.label}: {amount(row, x)}"
        + (f"<br>ruled out by: {row['ruled_out_by']}" if row["ruled_out_by"] else "")
        for row in rows
    ]
    links = [row["link"] for row in rows]
    return {**_places(rows, x, y), "mode": mode, "hovertext": hover, "hoverinfo": "text", "customdata": links}


def _places(rows: Rows, x: Axis, y: Axis) -> dict[str, list[float]]:
    return {"x": [row[x.column] for row in rows], "y": [row[y.column] for row in rows]}


def _first(rows: Rows, role: str) -> Row | None:
    return next((row for row in rows if row["role"] == role), None)


def _front(rows: Rows, x: Axis) -> Rows:
    """The designs that nothing beats, from left to right."""
    return sorted((row for row in rows if row["on_front"]), key=lambda row: row[x.column])


def _error_bars(row: Row, y: Axis) -> dict[str, object] | None:
    low, high = (row.get(f"{y.column}_{end}") for end in ("low", "high"))
    if low is None or high is None:
        return None
    below, above = (max(0.0, d) if math.isfinite(d) else 0.0 for d in (row[y.column] - low, high - row[y.column]))
    return error_bar([above], [below], VERMILION)


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
    """The design's short name where the table has one (`name`), else all of its knobs."""
    named = row.get("name") or row["design"].replace("<br>", ", ")
    return named or SHORT.get(row["role"], "a design")
