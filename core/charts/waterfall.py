"""The waterfall chart: a ceiling, the losses step by step, and what remains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go
from core.charts.looks import (
    BUTTON,
    INDIGO,
    PETROL,
    SLATE,
    VERMILION,
    error_bar,
    filled,
    nothing_yet,
    number_text,
    signed_text,
)
from core.charts.looks import unframed as bar_frame

ROOM = 0.35  # of the span, for figures right of the bars
CUT = 0.5  # the axis starts at 0 unless everything lies above this share of the highest level


def waterfall(table: pd.DataFrame, unit: str = "") -> go.Figure:
    """Horizontal bars from `label`, `value` and `total`; a total starts at the axis, a change at the previous level.

    `low` and `high` are the interval of a change, missing where there is none; `better` is "higher" or "lower".
    """
    if table.empty:
        return nothing_yet().figure()
    starts, ends = _levels(table)
    low, high = _span(table, starts, ends)
    figure = bar_frame(60 + 46 * len(table), unit + ("" if low == 0 else "  (the axis does not start at 0)"))
    for row, start, end in zip(table.to_dict("records"), starts, ends, strict=True):
        base = low if row["total"] else start
        look = filled(*_look(row))
        error = _error(row) if not row["total"] else None
        text = number_text(row["value"]) if row["total"] else _change_text(row)
        figure.add_bar(
            x=[end - base], y=[row["label"]], base=[base], orientation="h", marker=look, error_x=error,
            hovertext=[f"{row['label']}: {text}<br>{row.get('detail', '')}"], hoverinfo="text", showlegend=False,
        )  # fmt: skip
        place = {"x": 1, "xref": "paper", "y": row["label"], "xanchor": "right", "showarrow": False}
        figure.add_annotation(text=f"<b>{text}</b>" if row["total"] else text, **place)
    figure.update_layout(barmode="overlay", bargap=0.42, margin={"l": 4, "r": 8, "t": BUTTON, "b": 44})
    figure.update_xaxes(range=[low, high + ROOM * (high - low)])
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return figure.figure()


def waterfall_summary(table: pd.DataFrame) -> str:
    """The waterfall in one sentence."""
    if table.empty:
        return "Nothing measured yet."
    rows = table.to_dict("records")
    changes = [f"{row['label']} {_change_text(row)}" for row in rows if not row["total"]]
    top, left = (number_text(rows[at]["value"]) for at in (0, -1))
    return f"From {top} at the ceiling to {left}: {', '.join(changes)}."


def _levels(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The start and the end of each bar."""
    ends = np.empty(len(table))
    for at, row in enumerate(table.to_dict("records")):
        ends[at] = row["value"] if row["total"] else ends[at - 1] + row["value"]
    starts = np.where(table["total"], 0.0, np.concatenate([[0.0], ends[:-1]]))
    return starts, ends


def _span(table: pd.DataFrame, starts: np.ndarray, ends: np.ndarray) -> tuple[float, float]:
    """The range of the axis: every bar and every interval."""
    edges = starts[:, None] + np.nan_to_num(table[["low", "high"]].to_numpy(float))  # an interval is of the change
    hung = np.concatenate([edges[~table["total"].to_numpy(bool)].ravel(), ends])
    least, high = float(hung.min()), float(hung.max())
    if least <= CUT * high:
        return min(0.0, least), high
    return least - max(0.3 * (high - least), 0.01 * high), high


def _look(row: dict) -> tuple[str, str]:
    if row["total"]:
        return PETROL, ""
    worse = (row["value"] < 0) == (row.get("better", "higher") == "higher")
    return (VERMILION, "/") if worse else (INDIGO, ".")


def _error(row: dict) -> dict | None:
    if not np.isfinite(row["low"]) or not np.isfinite(row["high"]) or row["low"] == row["high"]:
        return None
    return error_bar([max(0.0, row["high"] - row["value"])], [max(0.0, row["value"] - row["low"])], SLATE)


def _change_text(row: dict) -> str:
    return "nothing" if row.get("same") else signed_text(round(row["value"], 4)) or "0"
