"""The tradeoff chart of a comparison: saved designs by letter, all other measured designs as ghosts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.charts.frame import Frame, add_lines, error_bars, fronts_of, modes_of, places, points, step_of
from core.charts.looks import (
    MODES,
    PALETTE,
    PETROL,
    SLATE,
    SYMBOLS,
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
)
from core.charts.sketch import Sketch

if TYPE_CHECKING:
    import plotly.graph_objects as go

OPTIMAL = "Pareto-optimal among these"
CROWDED = 0.07  # letters closer than this share of the plot would overlap
AROUND = (
    "bottom left",
    "middle right",
    "top left",
    "middle left",
)  # positions of the second to fifth overlapping letter


def compared(table: Table, x: Axis, y: Axis, *, lines: Sequence[Line] = ()) -> go.Figure:
    """Rows with a `letter` as large marks with intervals, the others as ghosts, and the front of all rows.

    Columns as for `tradeoff`; `letter` is empty for a ghost.
    """
    rows = drawable(table, x, y)
    if not rows:
        return nothing_yet().figure()
    figure, frame = framed(x, y), Frame(rows, x, y, lines)
    add_lines(figure, lines, frame)
    _add_ghosts(figure, rows, x, y)
    pinned = sorted(_pinned(rows), key=lambda row: row["letter"])
    for at, row in enumerate(pinned):
        crowd = sum(math.dist(frame.place(row), frame.place(earlier)) < CROWDED for earlier in pinned[:at])
        beside = frame.beside(row, row["on_front"]) if not crowd else AROUND[crowd - 1]
        _add_pinned(figure, row, frame, at, beside)
    figure.update_xaxes(range=frame.ranges[0], **axis_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=frame.ranges[1], **axis_ticks(y, frame.ranges[1]))
    return figure.figure()


def compared_summary(table: Table, x: Axis, y: Axis) -> str:
    """The position of each lettered design, and the number of ghosts."""
    rows = drawable(table, x, y)
    sentences = [
        f"{row['letter'].upper()} has {both(row, x, y)}" + (" and is Pareto-optimal" if row["on_front"] else "")
        for row in sorted(_pinned(rows), key=lambda row: row["letter"])
    ]
    ghosts = len(rows) - len(sentences)
    others = f"{ghosts} other measured design{'s' * (ghosts != 1)} behind them" if ghosts else "no other design yet"
    return "; ".join([*sentences, others]) + "."


def _pinned(rows: Rows) -> Rows:
    return [row for row in rows if row.get("letter")]


def _add_ghosts(figure: Sketch, rows: Rows, x: Axis, y: Axis) -> None:
    modes = modes_of(rows)
    for at, (mode, front) in enumerate(fronts_of(rows, x).items()):
        figure.add_scatter(
            **places(front, x, y),
            mode="lines",
            line={"shape": step_of(x), "color": PETROL, "width": 1.5, "dash": MODES[modes[mode] % len(MODES)].dash},
            hoverinfo="skip",
            name=mode.lower() if at else f"{OPTIMAL}{mode and ', '}{mode.lower()}",
            meta="front",
            showlegend=len(front) > 1,
        )
    ghosts = [row for row in rows if not row.get("letter")]
    if ghosts:
        marker = {"symbol": "circle-open", "size": 7, "color": SLATE, "opacity": 0.7}
        figure.add_scatter(**points(ghosts, x, y), marker=marker, meta="ghost", name="measured, not saved")


def _add_pinned(figure: Sketch, row: Row, frame: Frame, at: int, beside: str) -> None:
    colour = PALETTE[at % len(PALETTE)]
    pen = {"width": 1.6, "color": colour}
    figure.add_scatter(
        **points([row], frame.x, frame.y, mode="markers+text"),
        text=[f"<b>{row['letter'].upper()}</b>"],
        textposition=beside,
        textfont={"size": 15},
        cliponaxis=False,
        marker={"symbol": SYMBOLS[at % len(SYMBOLS)], "size": 14, "color": colour, "line": pen},
        error_y=error_bars(row, frame.y, colour),
        name=row["letter"].upper(),
        showlegend=False,  # its letter stands beside it
        meta="pinned",
    )
