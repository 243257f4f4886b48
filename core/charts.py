"""Table in, Plotly figure out: the tradeoff chart and three plainer ones, each with its summary in words.

One figure serves the light and the dark page: backgrounds are transparent, text takes the page's colour, and every
mark has a colour that stands 3 : 1 from both pages. Roles differ by symbol, fill and size too, so the charts read
without colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from core.metrics import Better
from core.pareto import knee

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PETROL, VERMILION, INDIGO, UMBER, MAGENTA = PALETTE = ("#0399B8", "#EE6A3A", "#5565DA", "#8B5F0A", "#BA3079")
SLATE = "#76848D"
INK = "#000037"  # Streamlit's theme puts the page's strong text colour in its place; its default grey is too faint
GRID = "rgba(118, 132, 141, 0.20)"
SHADE = "rgba(118, 132, 141, 0.08)"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
PATTERNS = ("", "/", ".", "x", "-")
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "title_text": "", "font_color": INK}
BETTER = {
    ("x", "higher"): "better →",
    ("x", "lower"): "← better",
    ("y", "higher"): "↑ better",
    ("y", "lower"): "↓ better",
}
HEIGHT = 440
EMPTY = "Nothing measured yet"
SHORT = {"present": "this design", "baseline": "baseline", "last": "before", "neighbour": "one knob away"}


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


MARKS = {
    "sweep": Mark("circle", 7, PETROL),
    "neighbour": Mark("triangle-up", 10, INDIGO),
    "baseline": Mark("square", 11, UMBER),
    "last": Mark("diamond-open", 13, VERMILION),
    "present": Mark("diamond", 16, VERMILION),
}


# -- the tradeoff chart ----------------------------------------------------------------------------------------------


def tradeoff(table: pd.DataFrame, x: Axis, y: Axis, *, lines: Sequence[Line] = ()) -> go.Figure:
    """Designs as points, the front as a step line, the present design as the one large mark.

    Columns: those of the axes, perhaps `<y.column>_low` and `_high`, `role` (a key of MARKS), `on_front`, `design` (the
    whole design in words, for hover) and `link` (customdata of the point).
    """
    rows = _finite(table, x, y)
    if rows.empty:
        return _empty()
    figure = _figure(x, y)
    frame = _Frame(rows, x, y, lines)
    _add_lines(figure, lines, frame)
    _add_front(figure, rows, x, y)
    for role in ("sweep", "neighbour"):
        _add_cloud(figure, rows, x, y, role)
    _add_move(figure, rows, x, y)
    _add_knee(figure, rows, frame)
    for role in ("baseline", "last", "present"):
        _add_single(figure, rows, frame, role)
    figure.update_xaxes(range=frame.ranges[0], **_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=frame.ranges[1], **_ticks(y, frame.ranges[1]))
    return figure


def tradeoff_summary(table: pd.DataFrame, x: Axis, y: Axis) -> str:
    """How many designs, where the present one stands and where the knee is."""
    rows = _finite(table, x, y)
    if rows.empty:
        return f"{EMPTY}: no design has both {y.label} and {x.label}."
    count, on_front = len(rows), int(rows["on_front"].sum())
    said = [f"{count} design{'s' * (count != 1)}, {on_front} on the front of {y.label} against {x.label}"]
    present = rows[rows["role"] == "present"]
    if not present.empty:
        said.append(_standing(rows, present.iloc[0], x, y))
    bend = _knee_row(rows, x, y)
    if bend is not None:
        said.append(f"the knee is {_name(bend)}, {_both(bend, x, y)}")
    return "; ".join(said) + "."


def thumbnail(table: pd.DataFrame, x: Axis, y: Axis) -> go.Figure:
    """A frontier of the size of a postage stamp: no axes, no words, no hover."""
    import plotly.graph_objects as go

    rows = _finite(table, x, y)
    figure = go.Figure()
    figure.update_layout(**_base(96), showlegend=False, hovermode=False)
    figure.update_xaxes(visible=False, fixedrange=True, type=_scale(x))
    figure.update_yaxes(visible=False, fixedrange=True, type=_scale(y))
    if rows.empty:
        return figure
    others = rows[~rows["on_front"]]
    small = {"symbol": "circle-open", "size": 4, "color": SLATE, "opacity": 0.7}
    figure.add_scatter(x=others[x.column], y=others[y.column], mode="markers", marker=small)
    front = rows[rows["on_front"]].sort_values(x.column)
    shape = {"shape": _step(x), "color": PETROL, "width": 2}
    figure.add_scatter(x=front[x.column], y=front[y.column], mode="lines", line=shape)
    bend = _knee_row(rows, x, y)
    if bend is not None:
        ring = {"symbol": "diamond", "size": 9, "color": VERMILION}
        figure.add_scatter(x=[bend[x.column]], y=[bend[y.column]], mode="markers", marker=ring)
    return figure


class _Frame:
    """The ranges of both axes, and where in them a row stands (0..1 each way)."""

    def __init__(self, rows: pd.DataFrame, x: Axis, y: Axis, lines: Sequence[Line]) -> None:
        self.x, self.y = x, y
        bars = rows[rows["role"] == "present"].filter([f"{y.column}_low", f"{y.column}_high"])
        values = (list(rows[x.column]), [*rows[y.column], *bars.to_numpy(float).ravel()])
        wanted = tuple([line.value for line in lines if line.axis == name] for name in "xy")
        self.ranges = tuple(_range(a, v, w) for a, v, w in zip((x, y), values, wanted, strict=True))

    def place(self, row: pd.Series) -> tuple[float, float]:
        shares = []
        for axis, (low, high) in zip((self.x, self.y), self.ranges, strict=True):
            shares.append((_scaled(axis, row[axis.column]) - low) / (high - low))
        return shares[0], shares[1]

    def beside(self, row: pd.Series, towards_better: bool) -> str:
        """Plotly's textposition for a label beside a point, turned inward near an edge of the plot."""
        right, up = self.place(row)
        to_right = (self.x.better == "higher") == towards_better
        to_top = (self.y.better == "higher") == towards_better
        side = "right" if right < 0.25 or (to_right and right < 0.75) else "left"
        level = "top" if up < 0.12 or (to_top and up < 0.88) else "bottom"
        return f"{level} {side}"


def _range(axis: Axis, values: list[float], wanted: list[float]) -> tuple[float, float]:
    """The data's range with a margin; a requirement widens it unless the data would shrink below two fifths."""
    known = [_scaled(axis, v) for v in values if math.isfinite(v) and (v > 0 or not axis.log)]
    low, high = min(known), max(known)
    span = (high - low) or abs(high) * 0.2 or 1.0
    for value in wanted:
        if axis.log and value <= 0:
            continue
        at = _scaled(axis, value)
        if max(high, at) - min(low, at) <= 2.5 * span:
            low, high = min(low, at), max(high, at)
    margin = 0.09 * (high - low or span)
    return low - margin, high + margin


def _scaled(axis: Axis, value: float) -> float:
    return math.log10(value) if axis.log else float(value)


def _add_lines(figure: go.Figure, lines: Sequence[Line], frame: _Frame) -> None:
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
        place = _line_label(line, axis, (_scaled(axis, line.value) - low) / (high - low))
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


def _add_front(figure: go.Figure, rows: pd.DataFrame, x: Axis, y: Axis) -> None:
    front = rows[rows["on_front"]].sort_values(x.column, kind="stable")
    figure.add_scatter(
        x=front[x.column],
        y=front[y.column],
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


def _add_cloud(figure: go.Figure, rows: pd.DataFrame, x: Axis, y: Axis, role: str) -> None:
    """Filled on the front, hollow behind it; two traces, so that the legend shows both marks."""
    mark = MARKS[role]
    for on_front in (False, True):
        some = rows[(rows["role"] == role) & (rows["on_front"] == on_front)]
        if some.empty:
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
        shown = role == "sweep" or not any(trace.meta == role for trace in figure.data)
        legend = {"name": name, "legendgroup": role + name, "showlegend": shown}
        figure.add_scatter(**_points(some, x, y), marker=marker, meta=role, **legend)


def _add_single(figure: go.Figure, rows: pd.DataFrame, frame: _Frame, role: str) -> None:
    some = rows[rows["role"] == role]
    if some.empty:
        return
    x, y, mark = frame.x, frame.y, MARKS[role]
    row = some.iloc[0]
    hidden = role == "baseline" and _near(rows, row, frame)
    label = "" if hidden or role == "last" else SHORT[role]
    pen = {"width": 1.8, "color": mark.colour}
    figure.add_scatter(
        **_points(some, x, y, mode="markers+text"),
        text=[f"<b>{label}</b>" if role == "present" else label] * len(some),
        textposition=frame.beside(row, role == "present" and bool(row["on_front"])),
        cliponaxis=False,
        marker={"symbol": mark.symbol, "size": mark.size, "color": mark.colour, "line": pen},
        error_y=_error_bars(some, y) if role == "present" else None,
        name=SHORT[role],
        meta=role,
        showlegend=role == "last",
    )


def _near(rows: pd.DataFrame, row: pd.Series, frame: _Frame) -> bool:
    """Would a label here lie on that of the present design?"""
    present = rows[rows["role"] == "present"]
    return not present.empty and math.dist(frame.place(present.iloc[0]), frame.place(row)) < 0.05


def _add_move(figure: go.Figure, rows: pd.DataFrame, x: Axis, y: Axis) -> None:
    """A dotted trail from the last design to the present one."""
    ends = [rows[rows["role"] == role].head(1) for role in ("last", "present")]
    if any(end.empty for end in ends):
        return
    places = {"x": [end[x.column].iloc[0] for end in ends], "y": [end[y.column].iloc[0] for end in ends]}
    trail = {"color": VERMILION, "width": 1.5, "dash": "dot"}
    figure.add_scatter(**places, mode="lines", line=trail, hoverinfo="skip", showlegend=False, name="move", meta="move")


def _add_knee(figure: go.Figure, rows: pd.DataFrame, frame: _Frame) -> None:
    bend = _knee_row(rows, frame.x, frame.y)
    if bend is None:
        return
    crowded = _near(rows, bend, frame)
    figure.add_scatter(
        x=[bend[frame.x.column]],
        y=[bend[frame.y.column]],
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


def _points(rows: pd.DataFrame, x: Axis, y: Axis, mode: str = "markers") -> dict[str, object]:
    hover = [
        f"{row['design']}<br>{y.label}: {_amount(row, y)}<br>{x.label}: {_amount(row, x)}" for _, row in rows.iterrows()
    ]
    places = {"x": rows[x.column], "y": rows[y.column], "mode": mode}
    return places | {"hovertext": hover, "hoverinfo": "text", "customdata": rows["link"].tolist()}


def _error_bars(rows: pd.DataFrame, y: Axis) -> dict[str, object] | None:
    low, high = f"{y.column}_low", f"{y.column}_high"
    return _interval(rows, y.column, low, high, VERMILION) if low in rows and high in rows else None


def _interval(rows: pd.DataFrame, value: str, low: str, high: str, colour: str) -> dict[str, object]:
    above = (rows[high] - rows[value]).clip(lower=0).fillna(0)
    below = (rows[value] - rows[low]).clip(lower=0).fillna(0)
    pen = {"color": colour, "thickness": 1.6, "width": 5}
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, **pen}


def _finite(table: pd.DataFrame, x: Axis, y: Axis) -> pd.DataFrame:
    """The rows that can be drawn, with every column the charts read."""
    rows = table.copy()
    defaults = {x.column: np.nan, y.column: np.nan, "role": "sweep", "on_front": False, "design": "", "link": ""}
    for column in defaults.keys() - set(rows):
        rows[column] = defaults[column]
    keep = np.ones(len(rows), dtype=bool)
    for axis in (x, y):
        rows[axis.column] = rows[axis.column].astype(float)
        keep &= np.isfinite(rows[axis.column].to_numpy())
        keep &= (rows[axis.column] > 0).to_numpy() | (not axis.log)
    rows["on_front"] = rows["on_front"].astype(bool)
    return rows[keep].reset_index(drop=True)


def _knee_row(rows: pd.DataFrame, x: Axis, y: Axis) -> pd.Series | None:
    front = rows[rows["on_front"]].reset_index(drop=True)
    points = [[_scaled(axis, row[axis.column]) for axis in (x, y)] for _, row in front.iterrows()]
    at = knee(points, (x.better, y.better)) if points else None
    return None if at is None else front.iloc[at]


def _standing(rows: pd.DataFrame, present: pd.Series, x: Axis, y: Axis) -> str:
    here = f"this design has {_both(present, x, y)}"
    if present["on_front"]:
        return f"{here} and is on the front"
    signs = [1 if axis.better == "higher" else -1 for axis in (x, y)]
    columns = [x.column, y.column]
    gains = (rows[columns].to_numpy() - present[columns].to_numpy(float)) * signs
    beaten_by = rows[(gains >= 0).all(axis=1) & (gains > 0).any(axis=1)]
    if beaten_by.empty:
        return here
    best = beaten_by.sort_values(["on_front", y.column], ascending=[False, y.better == "lower"], kind="stable").iloc[0]
    return f"{here} and is beaten by {_name(best)}, {_both(best, x, y)}"


def _name(row: pd.Series) -> str:
    return str(row["design"]).replace("<br>", ", ") or SHORT.get(row["role"], "a design")


def _both(row: pd.Series, x: Axis, y: Axis) -> str:
    return f"{y.label} {_amount(row, y)} at {x.label} {_amount(row, x)}"


def _amount(row: pd.Series, axis: Axis) -> str:
    return f"{_number(row[axis.column])} {axis.unit}".strip()


# -- plainer charts --------------------------------------------------------------------------------------------------


def stacked_bars(table: pd.DataFrame, *, category: str, part: str, value: str, unit: str = "") -> go.Figure:
    """Horizontal bars cut into parts, in the order given: where the time or the money goes."""
    rows = _known(table, value)
    if rows.empty:
        return _empty()
    totals = rows.groupby(category, sort=False)[value].sum()
    figure = _plain(70 + 54 * len(totals) + 40, unit)
    for name, colour, pattern in zip(rows[part].unique(), cycle(PALETTE), cycle(PATTERNS), strict=False):
        some = rows[rows[part] == name]
        hover = [f"{c}<br>{name}: {_number(v)} {unit}" for c, v in zip(some[category], some[value], strict=True)]
        _add_bars(figure, some[value], some[category], hover, name=str(name), marker=_filled(colour, pattern))
    for name, total in totals.items():
        _add_word(figure, f"<b>{_number(total)}</b> {unit}", x=total, y=str(name))
    figure.update_layout(barmode="stack", bargap=0.42)
    figure.update_xaxes(range=[0, float(totals.max()) * 1.2 or 1])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def stacked_bars_summary(table: pd.DataFrame, *, category: str, part: str, value: str, unit: str = "") -> str:
    rows = _known(table, value)
    if rows.empty:
        return f"{EMPTY}."
    said = []
    for name, some in rows.groupby(category, sort=False):
        total, most = some[value].sum(), some.loc[some[value].idxmax()]
        share = f" ({most[value] / total:.0%})" if total else ""
        said.append(f"{name}: {_number(total)} {unit}".rstrip() + f", most of it {most[part]}{share}")
    return "; ".join(said) + "."


def line_with_band(table: pd.DataFrame, x: Axis, y: Axis, group: str | None = None) -> go.Figure:
    """Curves with the interval of `<y.column>_low` and `_high` as a band, one line for each value of `group`."""
    rows = _finite(table, x, y)
    if rows.empty:
        return _empty()
    figure = _figure(x, y)
    looks = cycle(zip(PALETTE, DASHES, SYMBOLS, strict=True))
    for (name, some), (colour, dash, symbol) in zip(_groups(rows, group), looks, strict=False):
        some = some.sort_values(x.column, kind="stable")
        _add_band(figure, some, x, y, name, colour)
        hover = [f"{name}<br>{_both(row, x, y)}".removeprefix("<br>") for _, row in some.iterrows()]
        figure.add_scatter(
            x=some[x.column],
            y=some[y.column],
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"symbol": symbol, "size": 7, "color": colour},
            name=name,
            legendgroup=name,
            showlegend=group is not None,
            hovertext=hover,
            hoverinfo="text",
        )
    figure.update_xaxes(title_text=_title(x, None))
    span = [_scaled(x, v) for v in (rows[x.column].min(), rows[x.column].max())]
    figure.update_xaxes(**_ticks(x, (span[0], span[1])))
    return figure


def line_with_band_summary(table: pd.DataFrame, x: Axis, y: Axis, group: str | None = None) -> str:
    rows = _finite(table, x, y)
    if rows.empty:
        return f"{EMPTY}."
    said = []
    for name, some in _groups(rows, group):
        ordered = some.sort_values(x.column, kind="stable")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        best = ordered.loc[ordered[y.column].idxmax() if y.better == "higher" else ordered[y.column].idxmin()]
        curve = f"{_amount(first, y)} at {_amount(first, x)} to {_amount(last, y)} at {_amount(last, x)}"
        best_at = "" if best.name in (first.name, last.name) else f", best {_amount(best, y)} at {_amount(best, x)}"
        said.append((f"{name}, " if name else "") + curve + best_at)
    return f"{y.label} against {x.label}: " + "; ".join(said) + "."


def bars(
    table: pd.DataFrame, category: str, value: str, low: str | None = None, high: str | None = None, *, unit: str = ""
) -> go.Figure:
    """Horizontal bars, largest effect on top, with the interval of columns `low` and `high`; figures at the right."""
    rows = _sorted(table, value)
    if rows.empty:
        return _empty()
    figure = _plain(60 + 38 * len(rows), unit)
    error = _interval(rows, value, low, high, SLATE) if low and high else None
    names = rows[category].astype(str)
    hover = [f"{n}: {_signed(v)} {unit}" for n, v in zip(names, rows[value], strict=True)]
    _add_bars(figure, rows[value], names, hover, marker=_filled(PETROL, ""), error_x=error)
    for name, amount in zip(names, rows[value], strict=True):
        _add_word(figure, _signed(amount), x=1, xref="paper", y=name)
    figure.update_layout(showlegend=False, bargap=0.45, margin_r=64)
    figure.update_xaxes(zeroline=True, zerolinecolor=SLATE, zerolinewidth=1)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def bars_summary(table: pd.DataFrame, category: str, value: str, *, unit: str = "") -> str:
    rows = _sorted(table, value)
    if rows.empty:
        return f"{EMPTY}."
    named = [f"{name}: {_signed(v)} {unit}".rstrip() for name, v in zip(rows[category], rows[value], strict=True)]
    return f"From the largest effect to the smallest: {'; '.join(named)}."


def _add_bars(figure: go.Figure, lengths: pd.Series, names: pd.Series, hover: list[str], **look: object) -> None:
    figure.add_bar(x=lengths, y=names.astype(str), orientation="h", hovertext=hover, hoverinfo="text", **look)


def _add_word(figure: go.Figure, text: str, **place: object) -> None:
    figure.add_annotation(text=text, xanchor="left", xshift=8, showarrow=False, **place)


def _groups(rows: pd.DataFrame, group: str | None) -> list[tuple[str, pd.DataFrame]]:
    return [("", rows)] if group is None else [(str(name), some) for name, some in rows.groupby(group, sort=False)]


def _add_band(figure: go.Figure, rows: pd.DataFrame, x: Axis, y: Axis, name: str, colour: str) -> None:
    low, high = f"{y.column}_low", f"{y.column}_high"
    if low not in rows or high not in rows:
        return
    known = rows.dropna(subset=[low, high])
    across = [*known[x.column], *known[x.column][::-1]]
    edge = [*known[high], *known[low][::-1]]
    band = {"fill": "toself", "fillcolor": _tint(colour, 0.16), "line": {"width": 0}, "hoverinfo": "skip"}
    band |= {"name": f"{name} interval", "legendgroup": name, "showlegend": False}
    figure.add_scatter(x=across, y=edge, mode="lines", **band)


def _known(table: pd.DataFrame, value: str) -> pd.DataFrame:
    return table[np.isfinite(table[value].astype(float))] if value in table else table.head(0)


def _sorted(table: pd.DataFrame, value: str) -> pd.DataFrame:
    known = _known(table, value)
    return known.sort_values(value, key=abs, ascending=False, kind="stable") if len(known) else known


# -- shared looks ----------------------------------------------------------------------------------------------------


def _base(height: int) -> dict[str, object]:
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font_color": INK}
    return {"height": height, "margin": {"l": 4, "r": 4, "t": 4, "b": 4}, "uirevision": "kept", **clear}


def _figure(x: Axis, y: Axis) -> go.Figure:
    """Two measured axes: the name of y stands level above the plot, the legend below."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(**_base(HEIGHT), hovermode="closest", hoverlabel_align="left")
    figure.update_layout(legend=LEGEND | {"y": -0.2, "yanchor": "top"}, margin={"l": 8, "r": 16, "t": 40, "b": 8})
    figure.update_xaxes(title={"text": _title(x, "x"), "standoff": 16}, type=_scale(x), **_axis_look())
    figure.update_yaxes(type=_scale(y), **_axis_look())
    above = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 10}
    figure.add_annotation(text=_title(y, "y"), name="y title", showarrow=False, **above)
    return figure


def _plain(height: int, unit: str) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    legend = LEGEND | {"y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    figure.update_layout(**_base(height), legend=legend, hoverlabel_align="left")
    figure.update_xaxes(title={"text": unit, "standoff": 14}, **_axis_look())
    figure.update_yaxes(**_axis_look())
    return figure


def _axis_look() -> dict[str, object]:
    plain = {"gridcolor": GRID, "zeroline": False, "automargin": True, "ticks": ""}
    return plain | {"tickfont": {"color": INK, "size": 12}, "title_font": {"color": INK, "size": 13}}


def _empty() -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.update_layout(**_base(160))
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=EMPTY, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def _scale(axis: Axis) -> str:
    return "log" if axis.log else "linear"


def _title(axis: Axis, side: str | None) -> str:
    """Label, unit and, for an axis that is judged, which way is better; `side` is "x", "y" or None."""
    better = f"  <b>{BETTER[side, axis.better]}</b>" if side else ""
    return axis.label + (f" ({axis.unit})" if axis.unit else "") + better


def _ticks(axis: Axis, span: tuple[float, float]) -> dict[str, object]:
    """On a log axis 1, 2, 5 while there is room, then whole decades."""
    if not axis.log:
        return {}
    low, high = span
    steps = (1, 2, 5) if high - low < 2.6 else (1,)
    wide = max(1, math.ceil((high - low) / 8))
    decades = range(math.floor(low), math.ceil(high) + 1, wide)
    ticks = [step * 10.0**decade for decade in decades for step in steps if low <= decade + math.log10(step) <= high]
    return {"tickvals": ticks, "ticktext": [_number(tick) for tick in ticks]} if len(ticks) > 1 else {}


def _filled(colour: str, pattern: str) -> dict[str, object]:
    """A tint with a firm outline; text beside it keeps the page's colour."""
    look = {"shape": pattern, "fgcolor": colour, "fgopacity": 0.8, "fillmode": "overlay", "size": 7, "solidity": 0.18}
    return {"color": _tint(colour, 0.45), "line": {"color": colour, "width": 1.4}, "pattern": look}


def _tint(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + _number(abs(value))


def _number(value: float) -> str:
    """Three significant figures, never an exponent a reader must decode."""
    size = abs(value)
    for limit, word in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            return f"{value / limit * (10 if word == 'k' else 1):.3g}{word}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size >= 1e-4 or size == 0 else f"{value:.1e}"
