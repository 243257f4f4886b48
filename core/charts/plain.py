"""Bar charts and line charts with bands, each with its summary in words."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
from core.charts.looks import (
    DASHES,
    EMPTY,
    PALETTE,
    PETROL,
    SLATE,
    SYMBOLS,
    Axis,
    amount,
    axis_name,
    axis_ticks,
    axis_title,
    both,
    filled,
    finite,
    framed,
    interval,
    nothing_yet,
    scaled,
    signed_text,
    tint,
    unframed,
)
from core.charts.sketch import Sketch


def line_with_band(table: pd.DataFrame, x: Axis, y: Axis, group: str | None = None) -> go.Figure:
    """Curves with the interval of `<y.column>_low` and `_high` as a band, one line for each value of `group`."""
    rows = finite(table, x, y, also=group)
    if rows.empty:
        return nothing_yet().figure()
    figure = framed(x, y)
    looks = cycle(zip(PALETTE, DASHES, SYMBOLS, strict=True))
    for (name, some), (colour, dash, symbol) in zip(_groups(rows, group), looks, strict=False):
        some = some.sort_values(x.column, kind="stable")
        _add_band(figure, some, x, y, name, colour)
        hover = [f"{name}<br>{both(row, x, y)}".removeprefix("<br>") for _, row in some.iterrows()]
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
    figure.update_xaxes(title=axis_name(axis_title(x, None), 16))
    figure.update_xaxes(**axis_ticks(x, _span(rows, x)))
    figure.update_yaxes(**axis_ticks(y, _span(rows, y)))
    return figure.figure()


def line_with_band_summary(table: pd.DataFrame, x: Axis, y: Axis, group: str | None = None) -> str:
    rows = finite(table, x, y, also=group)
    if rows.empty:
        return f"{EMPTY}."
    sentences = []
    for name, some in _groups(rows, group):
        ordered = some.sort_values(x.column, kind="stable")
        first, last = ordered.iloc[0], ordered.iloc[-1]
        best = ordered.loc[ordered[y.column].idxmax() if y.better == "higher" else ordered[y.column].idxmin()]
        curve = f"{amount(first, y)} at {amount(first, x)} to {amount(last, y)} at {amount(last, x)}"
        best_at = "" if best.name in (first.name, last.name) else f", best {amount(best, y)} at {amount(best, x)}"
        sentences.append((f"{name}, " if name else "") + curve + best_at)
    return f"{y.label} against {x.label}: " + "; ".join(sentences) + "."


def bars(
    table: pd.DataFrame, category: str, value: str, low: str | None = None, high: str | None = None, *, unit: str = ""
) -> go.Figure:
    """Horizontal bars, largest effect on top, with the interval of columns `low` and `high`; figures at the right."""
    rows = _sorted(table, value)
    if rows.empty:
        return nothing_yet().figure()
    figure = unframed(84 + 38 * len(rows), unit)
    error = interval(rows, value, low, high, SLATE) if low and high else None
    names = rows[category].astype(str)
    hover = [f"{n}: {signed_text(v)} {unit}" for n, v in zip(names, rows[value], strict=True)]
    _add_bars(figure, rows[value], names, hover, marker=filled(PETROL, ""), error_x=error)
    for name, length in zip(names, rows[value], strict=True):
        _add_word(figure, signed_text(length), x=1, xref="paper", y=name)
    figure.update_layout(showlegend=False, bargap=0.45, margin_r=64)
    figure.update_xaxes(zeroline=True, zerolinecolor=SLATE, zerolinewidth=1)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.figure()


def bars_summary(table: pd.DataFrame, category: str, value: str, *, unit: str = "") -> str:
    rows = _sorted(table, value)
    if rows.empty:
        return f"{EMPTY}."
    named = [f"{name}: {signed_text(v)} {unit}".rstrip() for name, v in zip(rows[category], rows[value], strict=True)]
    return f"From the largest effect to the smallest: {'; '.join(named)}."


def _add_bars(figure: Sketch, lengths: pd.Series, names: pd.Series, hover: list[str], **look: object) -> None:
    figure.add_bar(x=lengths, y=names.astype(str), orientation="h", hovertext=hover, hoverinfo="text", **look)


def _add_word(figure: Sketch, text: str, **place: object) -> None:
    figure.add_annotation(text=text, xanchor="left", xshift=8, showarrow=False, **place)


def _groups(rows: pd.DataFrame, group: str | None) -> list[tuple[str, pd.DataFrame]]:
    return [("", rows)] if group is None else [(str(name), some) for name, some in rows.groupby(group, sort=False)]


def _add_band(figure: Sketch, rows: pd.DataFrame, x: Axis, y: Axis, name: str, colour: str) -> None:
    low, high = f"{y.column}_low", f"{y.column}_high"
    if low not in rows or high not in rows:
        return
    known = rows.dropna(subset=[low, high])
    across = [*known[x.column], *known[x.column][::-1]]
    edge = [*known[high], *known[low][::-1]]
    band = {"fill": "toself", "fillcolor": tint(colour, 0.16), "line": {"width": 0}, "hoverinfo": "skip"}
    band |= {"name": f"{name} interval", "legendgroup": name, "showlegend": False}
    figure.add_scatter(x=across, y=edge, mode="lines", **band)


def _known(table: pd.DataFrame, value: str) -> pd.DataFrame:
    return table[np.isfinite(table[value].astype(float))] if value in table else table.head(0)


def _span(rows: pd.DataFrame, axis: Axis) -> tuple[float, float]:
    """The ends of an axis over the values and their intervals, as powers of ten on a log axis."""
    columns = [axis.column, *(f"{axis.column}_{end}" for end in ("low", "high") if f"{axis.column}_{end}" in rows)]
    known = rows[columns].to_numpy(float).ravel()
    known = known[np.isfinite(known) & ((known > 0) | (not axis.log))]
    return scaled(axis, known.min()), scaled(axis, known.max())


def _sorted(table: pd.DataFrame, value: str) -> pd.DataFrame:
    known = _known(table, value)
    return known.sort_values(value, key=abs, ascending=False, kind="stable") if len(known) else known
