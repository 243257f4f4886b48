"""Small multiples: one quality against several costs side by side; a line at the pointer joins a design's marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.charts.frame import Frame, fronts_of, places, points, step_of
from core.charts.looks import (
    HOVER,
    MARKS,
    MODES,
    SIDES,
    SLATE,
    Axis,
    Row,
    Rows,
    Table,
    axis_look,
    axis_name,
    axis_ticks,
    axis_title,
    axis_type,
    base_layout,
    drawable,
    first,
    nothing_yet,
)
from core.charts.sketch import Sketch
from core.charts.ticks import log_ticks, tick_text
from core.charts.tradeoff import MUTED, apart

if TYPE_CHECKING:
    import plotly.graph_objects as go

GAP = 0.05  # between two charts, as a share of the width
MOST_TICKS = 4  # of one chart
ORDER = {"baseline": 1, "present": 2}  # drawn after the others


def multiples(tables: Mapping[Axis, Table], y: Axis, *, height: int = 300) -> go.Figure:
    """A chart for each cost with the rows that have their front there, on one y axis.

    The dotted line at the pointer runs through all charts at the design's quality.

    Columns as for `tradeoff`; `height` in pixels.
    """
    shown = {x: rows for x, table in tables.items() if (rows := drawable(table, x, y))}
    if not shown:
        return nothing_yet(height).figure()
    figure = Sketch()
    figure.update_layout(**base_layout(height) | {"margin": SIDES | {"t": 30}}, hoverlabel=HOVER, showlegend=False)
    figure.update_layout(hovermode="closest")
    spike = {"showspikes": True, "spikemode": "across", "spikethickness": 1, "spikedash": "dot", "spikecolor": SLATE}
    frames = [Frame(rows, x, y, ()) for x, rows in shown.items()]
    ranges = [frame.ranges[1] for frame in frames]
    span = [min(low for low, _ in ranges), max(high for _, high in ranges)]
    figure.update_yaxes(type=axis_type(y), range=span, **axis_look(), **axis_ticks(y, (span[0], span[1])), **spike)
    above = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 3}
    figure.add_annotation(text=axis_title(y, "y"), name="y title", showarrow=False, xshift=2 - SIDES["l"], **above)
    wide = (1 - GAP * (len(shown) - 1)) / len(shown)
    for at, (frame, rows) in enumerate(zip(frames, shown.values(), strict=True)):
        _add_chart(figure, frame, rows, at, [at * (wide + GAP), at * (wide + GAP) + wide])
    return figure.figure()


def multiples_summary(tables: Mapping[Axis, Table], y: Axis) -> str:
    """Which chart has how many Pareto-optimal designs."""
    rows = {x: drawable(table, x, y) for x, table in tables.items()}
    said = [f"{x.label} {sum(bool(row['on_front']) for row in some)} of {len(some)}" for x, some in rows.items()]
    return f"Pareto-optimal designs of {y.label} against {', '.join(said)}."


def _add_chart(figure: Sketch, frame: Frame, rows: Rows, at: int, domain: list[float]) -> None:
    number = str(at + 1) if at else ""
    low, high = frame.ranges[0]
    named = {"title": axis_name(axis_title(frame.x, "x"), 10), "type": axis_type(frame.x), "anchor": "y"}
    ticks = log_ticks(low, high, most=MOST_TICKS) if frame.x.log else []
    look = {"tickvals": ticks, "ticktext": [tick_text(tick) for tick in ticks]} if ticks else {"nticks": MOST_TICKS}
    axis = {**axis_look(), **named, **look, "domain": domain, "range": [low, high]}
    figure.update_layout(**{f"xaxis{number}": axis})
    present = first(rows, "present")
    for mode, front in fronts_of(rows, frame.x).items():
        muted = present is not None and present["mode"] != mode
        mode_look = MODES[front[0]["mode_at"] % len(MODES)] if front else MODES[0]
        figure.add_scatter(
            **places(front, frame.x, frame.y),
            mode="lines",
            line={"shape": step_of(frame.x), "color": mode_look.colour, "width": 1.5, "dash": mode_look.dash},
            opacity=MUTED if muted else 1,
            hoverinfo="skip",
            xaxis=f"x{number}",
            meta="front",
        )
    _add_points(figure, frame, rows, present, at)


def _add_points(figure: Sketch, frame: Frame, rows: Rows, present: Row | None, at: int) -> None:
    """All designs as one trace, the present one on top."""
    rows = sorted(rows, key=lambda row: ORDER.get(row["role"], 0))
    looks = [_look(row, present) for row in rows]
    figure.add_scatter(
        **points(rows, frame.x, frame.y),
        marker={name: [look[name] for look in looks] for name in looks[0]} | {"line": {"width": 1.2, "color": SLATE}},
        xaxis=f"x{at + 1}" if at else "x",
        meta="designs",
    )


def _look(row: Row, present: Row | None) -> dict[str, Any]:
    """Symbol, size, colour and opacity of a row's mark, as on the tradeoff chart."""
    if row["role"] in ORDER:
        mark = MARKS[row["role"]]
        return {"symbol": mark.symbol, "size": mark.size - 3, "color": mark.colour, "opacity": 1}
    if apart(row):
        symbol = "x-open" if row["role"] == "recorded" else "x"
        return {"symbol": symbol, "size": 5, "color": SLATE, "opacity": 0.7}
    mode = MODES[row["mode_at"] % len(MODES)]
    muted = present is not None and present["mode"] != row["mode"]
    opacity = MUTED if muted else 1 if row["on_front"] else 0.5
    symbol = f"{mode.symbol}-open" if row["role"] == "recorded" else mode.symbol
    return {"symbol": symbol, "size": 6, "color": mode.colour, "opacity": opacity}
