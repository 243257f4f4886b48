"""Parallel coordinates: a line for each design over its knobs and figures, and what a brush on the axes leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten, wrap
from typing import TYPE_CHECKING, Any

from core.charts.hover import card
from core.charts.looks import (
    GROUND,
    HOVER,
    INK,
    LEGEND,
    PETROL,
    SLATE,
    SPOKEN,
    UMBER,
    VERMILION,
    Axis,
    Row,
    Rows,
    base_layout,
    nothing_yet,
    number_text,
    scaled,
)
from core.charts.sketch import Sketch
from core.charts.ticks import log_ticks, tick_text
from core.charts.tradeoff import DOMINATED, FRONT, apart
from core.formatting import figure_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

LONGEST = 16  # letters of an option beside its axis
LOOKS = {  # group → colour, width and opacity, from the lowest to the topmost
    "misses the SLO": (SLATE, 1, 0.25),
    "too noisy to say": (SLATE, 1, 0.25),
    DOMINATED: (PETROL, 1, 0.35),
    FRONT: (PETROL, 2, 0.9),
    "baseline": (UMBER, 2.5, 1),
    "this design": (VERMILION, 3.5, 1),
}


@dataclass(frozen=True)
class Scale:
    """A vertical axis: the options of a knob from below, or a figure between two values, better up."""

    column: str
    label: str
    options: tuple[Any, ...] = ()
    texts: tuple[str, ...] = ()  # of the options
    axis: Axis | None = None
    low: float = 0.0  # of a figure, as a power of ten on a log axis
    high: float = 1.0

    def share(self, row: Row) -> float | None:
        """The height of a row on this axis, 0 to 1; None where it has no value."""
        value = row.get(self.column)
        if self.axis is None:
            return self._of_option(self.options.index(value)) if value in self.options else None
        if value is None or not math.isfinite(value) or (self.axis.log and value <= 0):
            return None
        return self._of_figure(scaled(self.axis, value))

    def ticks(self) -> list[tuple[float, str]]:
        """(height, text) of every tick."""
        if self.axis is None:
            return [(self._of_option(at), text) for at, text in enumerate(self.texts)]
        if self.axis.log:
            ticks = [(math.log10(value), value) for value in log_ticks(self.low, self.high, most=6)]
        else:
            ticks = [(end, end) for end in (self.low, (self.low + self.high) / 2, self.high)]
        return [(self._of_figure(at), self._text(value)) for at, value in ticks]

    def _of_option(self, at: int) -> float:
        return at / (len(self.options) - 1) if len(self.options) > 1 else 0.5

    def _of_figure(self, at: float) -> float:
        share = (at - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return share if self.axis is None or self.axis.better == "higher" else 1 - share

    def _text(self, value: float) -> str:
        unit = self.axis.unit if self.axis else ""
        if unit == "$/month":
            return f"${tick_text(value)}"
        return figure_text(value, unit) if unit in SPOKEN else number_text(value)


def figure_scale(axis: Axis, rows: Rows) -> Scale:
    """A figure over the values that the rows have."""
    values = [row[axis.column] for row in rows if row.get(axis.column) is not None]
    known = [scaled(axis, v) for v in values if math.isfinite(v) and (v > 0 or not axis.log)] or [0.0]
    return Scale(axis.column, axis.label, axis=axis, low=min(known), high=max(known))


def parallel(rows: Rows, scales: Sequence[Scale], x: Axis, y: Axis, *, height: int = 380) -> go.Figure:
    """A line for each row over the scales, left to right; marks carry the card of `x` and `y` and the row's link.

    Columns as for `tradeoff`; `height` in pixels.
    """
    if not rows or not scales:
        return nothing_yet(height).figure()
    figure = Sketch()
    margin = {"l": 20, "r": 90, "t": 80, "b": 12}
    figure.update_layout(**base_layout(height) | {"margin": margin}, hovermode="closest", hoverlabel=HOVER)
    top = {"y": 1 + 48 / (height - 92), "yanchor": "bottom", "font": {"color": INK, "size": 11}}
    figure.update_layout(legend=LEGEND | top | {"itemwidth": 30}, dragmode="select")
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "fixedrange": True}
    figure.update_xaxes(range=[-0.05, len(scales) - 0.95], **hidden)
    figure.update_yaxes(range=[-0.04, 1.04], **hidden)
    for at, scale in enumerate(scales):
        _add_axis(figure, at, scale)
    for name in LOOKS:
        _add_group(figure, [row for row in rows if group(row) == name], scales, x, y, name)
    return figure.figure()


def group(row: Row) -> str:
    """The group of a row: this design, the baseline, why it is outside the comparison, or its place in the front."""
    if row["role"] in ("present", "baseline"):
        return {"present": "this design", "baseline": "baseline"}[row["role"]]
    return apart(row) or (FRONT if row["on_front"] else DOMINATED)


def brushed(rows: Rows, scales: Sequence[Scale], boxes: Sequence[Mapping[str, Sequence[float]]]) -> list[int]:
    """The places of the rows that pass every brushed axis; boxes on one axis add up.

    A box holds the ends of its `x`, in axes counted from 0, and of its `y`, in shares of their height.
    """
    brushes: dict[int, list[tuple[float, float]]] = {}
    for box in boxes:
        for at in range(len(scales)):
            if min(box["x"]) <= at <= max(box["x"]):
                brushes.setdefault(at, []).append((min(box["y"]), max(box["y"])))
    return [
        n for n, row in enumerate(rows) if all(_inside(scales[at].share(row), spans) for at, spans in brushes.items())
    ]


def parallel_summary(rows: Rows, scales: Sequence[Scale]) -> str:
    """The number of lines and the axes in order."""
    axes = ", ".join(scale.label for scale in scales)
    return f"{len(rows)} designs as lines over {axes}." if rows and scales else "Nothing measured yet."


def _inside(share: float | None, spans: Sequence[tuple[float, float]]) -> bool:
    return share is not None and any(low <= share <= high for low, high in spans)


def _add_axis(figure: Sketch, at: int, scale: Scale) -> None:
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, layer="below", line={"color": SLATE, "width": 1})
    title = "<br>".join(wrap(scale.label, LONGEST, max_lines=2, placeholder=" …"))
    named = {"font": {"size": 12, "color": INK}, "xanchor": "left", "yanchor": "bottom", "align": "left", "yshift": 8}
    figure.add_annotation(x=at, y=1, text=f"<b>{title}</b>", showarrow=False, xshift=-8, **named)
    for share, text in scale.ticks():
        small = {"font": {"size": 11, "color": INK}, "xanchor": "left", "showarrow": False, "xshift": 6}
        small |= {"bgcolor": GROUND, "borderpad": 0}  # the lines pass behind the words
        figure.add_annotation(x=at, y=share, text=shorten(text, LONGEST, placeholder=" …"), **small)


def _add_group(figure: Sketch, rows: Rows, scales: Sequence[Scale], x: Axis, y: Axis, name: str) -> None:
    if not rows:
        return
    colour, width, opacity = LOOKS[name]
    places = [[*((at, scale.share(row)) for at, scale in enumerate(scales)), (None, None)] for row in rows]
    across, up = zip(*(place for line in places for place in line), strict=True)
    links = [row["link"] for row, line in zip(rows, places, strict=True) for _ in line]
    cards = [text for row, line in zip(rows, places, strict=True) for text in [card(row, x, y)] * len(line)]
    figure.add_scatter(
        x=list(across),
        y=list(up),
        mode="lines+markers",
        line={"color": colour, "width": width},
        marker={"color": colour, "size": 4 + width},
        opacity=opacity,
        hovertext=cards,
        hoverinfo="text",
        customdata=links,
        name=name,
        meta="designs",
        connectgaps=False,
    )
