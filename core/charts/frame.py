"""Shared parts of charts with two measured axes: ranges, positions, the front, intervals and requirement lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.charts.hover import card
from core.charts.labels import Word
from core.charts.looks import INK, SHADE, SLATE, Axis, Line, Row, Rows, error_bar, scaled
from core.charts.sketch import Sketch

SHOWN = ("present", "baseline", "trail")  # roles that are on the chart whatever they miss
FEWEST = 4  # designs that meet the SLO, for them to set the axis
EDGE = 0.015  # of the axis, between its end and what lies beyond it
OTHER = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


class Frame:
    """The ranges of both axes, and the position of a row in them (0 to 1)."""

    def __init__(self, rows: Rows, x: Axis, y: Axis, lines: Sequence[Line]) -> None:
        self.x, self.y = x, y
        ends = (f"{y.column}_low", f"{y.column}_high")
        bars = [row[end] for row in rows if row["role"] == "present" or row.get("letter") for end in ends if end in row]
        at = places(rows, x, y)
        values = (at["x"], [*_near(rows, y), *bars])
        wanted = tuple([line.value for line in lines if line.axis == name] for name in "xy")
        self.ranges = tuple(_range(a, v, w) for a, v, w in zip((x, y), values, wanted, strict=True))

    def inside(self, rows: Rows) -> dict[str, list[float]]:
        """The y values of rows, those beyond the axis at its edge."""
        low, high = self.ranges[1]
        edge = EDGE * (high - low)
        return {"y": [min(max(row[self.y.column], low + edge), high - edge) for row in rows]}

    def place(self, row: Row) -> tuple[float, float]:
        """The position of a row from the lower left, as shares of the two ranges."""
        shares = []
        for axis, (low, high) in zip((self.x, self.y), self.ranges, strict=True):
            shares.append((scaled(axis, row[axis.column]) - low) / (high - low))
        return shares[0], shares[1]

    def beside(self, row: Row, towards_better: bool) -> str:
        """Plotly's textposition for a label at a point, turned inward near an edge."""
        right, up = self.place(row)
        to_right = (self.x.better == "higher") == towards_better
        to_top = (self.y.better == "higher") == towards_better
        side = "right" if right < 0.25 or (to_right and right < 0.75) else "left"
        level = "top" if up < 0.12 or (to_top and up < 0.88) else "bottom"
        return f"{level} {side}"


def _near(rows: Rows, y: Axis) -> list[float]:
    """The y values that an axis has to show: what misses the SLO by more than the others span does not squeeze them."""
    every = [row[y.column] for row in rows]
    kept = [row[y.column] for row in rows if not row.get("ruled_out_by") or row["role"] in SHOWN]
    if y.log or len(kept) < FEWEST or not all(map(math.isfinite, every)):
        return every
    low, high = min(kept), max(kept)
    return [value for value in every if low - (high - low) <= value <= high + (high - low)]


def _range(axis: Axis, values: list[float], wanted: list[float]) -> tuple[float, float]:
    """The data's range with a margin, widened to show a requirement unless the data would fill less than 40 %."""
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


def add_lines(figure: Sketch, lines: Sequence[Line], frame: Frame) -> None:
    """Requirements: a dashed line each, with the worse side shaded."""
    for line in lines:
        axis = frame.x if line.axis == "x" else frame.y
        if axis.log and line.value <= 0:
            continue
        low, high = frame.ranges[line.axis == "y"]
        beyond = 99 if axis.better == "lower" else -99  # beyond any zoom
        worse = 10.0 ** (high + beyond / 9) if axis.log else line.value + beyond * (high - low)
        along = "y" if line.axis == "x" else "x"
        across = {f"{along}0": 0, f"{along}1": 1, f"{along}ref": "paper"}
        shade = {f"{line.axis}0": line.value, f"{line.axis}1": worse, "fillcolor": SHADE, "line": {"width": 0}}
        figure.add_shape(type="rect", layer="below", **across, **shade)
        place = _line_label(line, axis, (scaled(axis, line.value) - low) / (high - low))
        label = {"text": line.label, "font": {"size": 12, "color": INK}, "textangle": 0, "padding": 4, **place}
        at = {f"{line.axis}0": line.value, f"{line.axis}1": line.value}
        pen = {"color": SLATE, "width": 1.5, "dash": "dash"}
        figure.add_shape(type="line", **across, **at, line=pen, label=label)


def _line_label(line: Line, axis: Axis, share: float) -> dict[str, str]:
    """The position of a requirement's label: on the shaded side unless that is too narrow."""
    after = axis.better == "lower"
    if line.axis == "y":
        return {"textposition": "end", "xanchor": "right", "yanchor": "bottom" if after else "top"}
    to_right = share < 0.25 or (after and share < 0.7)
    return {"textposition": "start", "xanchor": "left" if to_right else "right", "yanchor": "bottom"}


def line_words(lines: Sequence[Line], frame: Frame) -> list[Word]:
    """The labels of the requirement lines in view as words at their fixed places, so that others keep clear of them."""
    words = []
    for line in lines:
        axis, (low, high) = (frame.x, frame.ranges[0]) if line.axis == "x" else (frame.y, frame.ranges[1])
        if axis.log and line.value <= 0:
            continue
        share = (scaled(axis, line.value) - low) / (high - low)
        if not 0 <= share <= 1:
            continue
        look = _line_label(line, axis, share)
        level, side = OTHER[look["yanchor"]], OTHER[look["xanchor"]]  # an anchor is the side that touches the line
        at, where = ((1.0, share), f"{level} left") if line.axis == "y" else ((share, 0.0), f"top {side}")
        words.append(Word(line.label, at, 1, (where,)))
    return words


def step_of(x: Axis) -> str:
    """The step shape of the front: flat towards the worse x, since a budget buys the best design within it."""
    return "hv" if x.better == "lower" else "vh"


def points(rows: Rows, x: Axis, y: Axis, mode: str = "markers") -> dict[str, object]:
    """Rows as the points of a trace, with hover text and link."""
    hover = [card(row, x, y) for row in rows]
    links = [row["link"] for row in rows]
    return {**places(rows, x, y), "mode": mode, "hovertext": hover, "hoverinfo": "text", "customdata": links}


def places(rows: Rows, x: Axis, y: Axis) -> dict[str, list[float]]:
    """The x and y values of rows."""
    return {"x": [row[x.column] for row in rows], "y": [row[y.column] for row in rows]}


def modes_of(rows: Rows) -> dict[str, int]:
    """The serving modes among the rows, each with its place among the options of its case, in that order."""
    return dict(sorted({(row["mode"], row["mode_at"]) for row in rows}, key=lambda mode: mode[1]))


def fronts_of(rows: Rows, x: Axis) -> dict[str, Rows]:
    """The Pareto-optimal designs of each serving mode from left to right."""
    on_front = sorted((row for row in rows if row["on_front"]), key=lambda row: row[x.column])
    return {mode: [row for row in on_front if row["mode"] == mode] for mode in modes_of(rows)}


def spread_of(row: Row, y: Axis) -> tuple[float, float] | None:
    """The distances from y to the ends of its interval; None without one."""
    low, high = (row.get(f"{y.column}_{end}") for end in ("low", "high"))
    if low is None or high is None:
        return None
    below, above = (max(0.0, d) if math.isfinite(d) else 0.0 for d in (row[y.column] - low, high - row[y.column]))
    return below, above


def error_bars(row: Row, y: Axis, colour: str) -> dict[str, object] | None:
    """The interval of y as Plotly error bars."""
    spread = spread_of(row, y)
    return None if spread is None else error_bar([spread[1]], [spread[0]], colour)
