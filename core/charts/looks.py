"""Shared looks of all charts: axes, palette, marks and number formats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from core.charts.sketch import Sketch
from core.charts.ticks import log_ticks, tick_text
from core.formatting import figure_text
from core.metrics import Better
from core.metrics.pareto import knee

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]  # one measured design
Rows = list[Row]
Table: TypeAlias = "pd.DataFrame | Rows"
PETROL, VERMILION, INDIGO, UMBER, MAGENTA = PALETTE = ("#0399B8", "#EE6A3A", "#5565DA", "#8B5F0A", "#BA3079")
SLATE = "#76848D"
INK = "#000037"  # Streamlit's theme replaces it by the page's text colour; its default grey is too faint
GROUND = "#000038"  # Streamlit's theme replaces it by the page's background
GRID = "rgba(118, 132, 141, 0.20)"
SHADE = "rgba(118, 132, 141, 0.08)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "title": {"text": ""}, "font": {"color": INK}}
BETTER = {
    ("x", "higher"): "better →",
    ("x", "lower"): "← better",
    ("y", "higher"): "↑ better",
    ("y", "lower"): "↓ better",
}
MARGIN = {"l": 4, "r": 4, "t": 4, "b": 4}
HOVER = {"align": "left", "font": {"color": INK, "size": 12}}
HEIGHT = 380
BUTTON = 34  # pixels of a margin in which the download button covers nothing
SIDES = {"l": 52, "r": BUTTON, "t": 50, "b": 44}
EMPTY = "Nothing measured yet"
SPOKEN = ("ms", "s", "CPU s", "MB", "$/month")  # units with smaller and larger ones
SHORT = {"present": "this design", "baseline": "baseline", "trail": "last moves", "recorded": "recorded"}


@dataclass(frozen=True)
class Axis:
    column: str
    label: str
    unit: str
    better: Better
    log: bool = False


@dataclass(frozen=True)
class Line:
    """A requirement: the worse side of `value` on axis "x" or "y" is shaded."""

    value: float
    axis: str
    label: str


@dataclass(frozen=True)
class Mark:
    symbol: str
    size: int
    colour: str


MARKS = {  # a design of the cloud has the shape and colour of its serving mode
    "recorded": Mark("circle-open", 7, PETROL),
    "sweep": Mark("circle", 7, PETROL),
    "baseline": Mark("square", 11, UMBER),
    "trail": Mark("diamond-open", 9, VERMILION),
    "present": Mark("diamond", 18, VERMILION),
}


@dataclass(frozen=True)
class ModeLook:
    """The look of a serving mode: the shape of its designs, and the colour and line of its front."""

    symbol: str
    colour: str
    dash: str


MODES = (  # by the place among the options of a case
    ModeLook(MARKS["sweep"].symbol, PETROL, "solid"),
    ModeLook("triangle-down", MAGENTA, "dash"),
    ModeLook("pentagon", INDIGO, "dot"),
    ModeLook("hexagram", UMBER, "dashdot"),
)


def base_layout(height: int) -> dict[str, object]:
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": INK}}
    return {"height": height, "margin": MARGIN, "uirevision": "kept", **clear}


def framed(x: Axis, y: Axis, height: int = HEIGHT) -> Sketch:
    """A figure for two measured axes: legend in a row on top, y title below it, both inside the height in pixels."""
    figure, inner = Sketch(), plot_height(height)
    figure.update_layout(**base_layout(height) | {"margin": SIDES}, hovermode="closest", hoverlabel=HOVER)
    row = {"y": 1 + 20 / inner, "yanchor": "bottom", "font": {"color": INK, "size": 10}}  # two rows on a phone
    row |= {"itemwidth": 30, "itemsizing": "constant"}
    figure.update_layout(legend=LEGEND | row)
    figure.update_xaxes(title=axis_name(axis_title(x, "x"), 10), type=axis_type(x), **axis_look())
    figure.update_yaxes(type=axis_type(y), **axis_look())
    above = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 3}
    figure.add_annotation(text=axis_title(y, "y"), name="y title", showarrow=False, xshift=2 - SIDES["l"], **above)
    return figure


def plot_height(height: int) -> int:
    """The pixels between the two horizontal margins of a framed chart."""
    return height - SIDES["t"] - SIDES["b"]


def unframed(height: int, unit: str) -> Sketch:
    """A figure for bars, `height` pixels below a row for the download button."""
    figure = Sketch()
    legend = LEGEND | {"y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    below = 52 if unit else 28  # in a low chart, automargin puts the title among the ticks
    figure.update_layout(**base_layout(height + BUTTON), legend=legend, hoverlabel=HOVER)
    figure.update_layout(margin=MARGIN | {"t": BUTTON, "b": below})
    look = axis_look() | {"automargin": True}  # bar names have any length, and sliders do not redraw them
    figure.update_xaxes(title=axis_name(unit, 14), **look)
    figure.update_yaxes(**look)
    return figure


def axis_look() -> dict[str, object]:
    """No zoom by dragging, which would catch a thumb that scrolls the page."""
    plain = {"gridcolor": GRID, "zeroline": False, "automargin": False, "ticks": "", "fixedrange": True}
    return plain | {"tickfont": {"color": INK, "size": 12}}


def axis_name(text: str, standoff: int) -> dict[str, object]:
    """The title of a horizontal axis, `standoff` points below its ticks."""
    return {"text": text, "standoff": standoff, "font": {"color": INK, "size": 13}}


def nothing_yet(height: int = 160) -> Sketch:
    """A figure of this many pixels that says that there is nothing to draw."""
    figure = Sketch()
    figure.update_layout(**base_layout(height))
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=EMPTY, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def axis_type(axis: Axis) -> str:
    return "log" if axis.log else "linear"


def axis_title(axis: Axis, side: str | None) -> str:
    """Label, unit and, for a judged axis, the better direction; `side` is "x", "y" or None."""
    better = f"  <b>{BETTER[side, axis.better]}</b>" if side else ""
    return axis.label + (f" ({axis.unit})" if axis.unit else "") + better


def axis_ticks(axis: Axis, span: tuple[float, float]) -> dict[str, object]:
    """The ticks of a log axis between two powers of ten, each written in full; a linear axis has Plotly's."""
    if not axis.log:
        return {}
    ticks = log_ticks(*span)
    return {"tickvals": ticks, "ticktext": [tick_text(tick) for tick in ticks]}


def filled(colour: str, pattern: str) -> dict[str, object]:
    """A tinted fill with a firm outline; text beside it keeps the page's colour."""
    look = {"shape": pattern, "fgcolor": colour, "fgopacity": 0.8, "fillmode": "overlay", "size": 7, "solidity": 0.18}
    return {"color": tint(colour, 0.45), "line": {"color": colour, "width": 1.4}, "pattern": look}


def tint(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def signed_text(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number_text(abs(value))


def number_text(value: float) -> str:
    """Three significant figures, never with an exponent."""
    size = abs(value)
    for limit, word in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return f"{value / limit * (10 if word == 'k' else 1):.3g}{word}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size >= 1e-4 or size == 0 else f"{value:.1e}"


def scaled(axis: Axis, value: float) -> float:
    return math.log10(value) if axis.log else float(value)


def interval(rows: pd.DataFrame, value: str, low: str, high: str, colour: str) -> dict[str, object]:
    above = (rows[high] - rows[value]).clip(lower=0).fillna(0)
    below = (rows[value] - rows[low]).clip(lower=0).fillna(0)
    return error_bar(above, below, colour)


def error_bar(above: Sequence[float], below: Sequence[float], colour: str) -> dict[str, object]:
    pen = {"color": colour, "thickness": 1.6, "width": 5}
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, **pen}


def drawable(table: Table, x: Axis, y: Axis) -> Rows:
    """The rows with finite values on both axes, as dictionaries, which redraws read faster than pandas rows."""
    lines = table if isinstance(table, list) else table.to_dict("records")
    words = {
        "role": "sweep",
        "on_front": False,
        "ruled_out_by": "",
        "design": "",
        "link": "",
        "mode": "",
        "mode_at": 0,
        "noisy": False,
        "trail": (),
    }
    defaults = {x.column: math.nan, y.column: math.nan, **words}
    return [
        row for line in lines if all(_has_place(axis, (row := {**defaults, **line})[axis.column]) for axis in (x, y))
    ]


def _has_place(axis: Axis, value: float) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not axis.log)


def finite(table: pd.DataFrame, x: Axis, y: Axis, also: str | None = None) -> pd.DataFrame:
    """The rows of a table with finite values, with only the columns that a curve needs."""
    wanted = {x.column, y.column, f"{y.column}_low", f"{y.column}_high", also}
    rows = table[[column for column in table if column in wanted]].copy()
    keep = np.ones(len(rows), dtype=bool)
    for axis in (x, y):
        rows[axis.column] = rows[axis.column].astype(float) if axis.column in rows else np.full(len(rows), np.nan)
        keep &= np.array([_has_place(axis, value) for value in rows[axis.column]], dtype=bool)
    return rows[keep].reset_index(drop=True)


def first(rows: Rows, role: str) -> Row | None:
    """The first row in a role; None without one."""
    return next((row for row in rows if row["role"] == role), None)


def knee_row(rows: Rows, x: Axis, y: Axis) -> Row | None:
    """The knee of the front of the present design's serving mode, among what meets the SLO; None without a bend."""
    present = first(rows, "present")
    front = [row for row in rows if row["on_front"] and not row["ruled_out_by"]]
    front = [row for row in front if present is None or row["mode"] == present["mode"]]
    points = [[scaled(axis, row[axis.column]) for axis in (x, y)] for row in front]
    at = knee(points, (x.better, y.better)) if points else None
    return None if at is None else front[at]


def both(row: Row, x: Axis, y: Axis) -> str:
    return f"{y.label} {amount(row, y)} at {x.label} {amount(row, x)}"


def amount(row: Row, axis: Axis) -> str:
    """A row's value on an axis in its unit, as it reads best."""
    value = row[axis.column]
    return figure_text(value, axis.unit) if axis.unit in SPOKEN else f"{number_text(value)} {axis.unit}".strip()
