"""Quality against cost: every design a point, each serving mode with its Pareto front, the present design large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.charts.frame import (
    Frame,
    add_lines,
    error_bars,
    fronts_of,
    line_words,
    modes_of,
    places,
    points,
    spread_of,
    step_of,
)
from core.charts.labels import Box, Word, place, shift
from core.charts.looks import (
    HEIGHT,
    INK,
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
    drawable,
    first,
    framed,
    knee_row,
    nothing_yet,
    plot_height,
    scaled,
)
from core.charts.sketch import Drawing, Sketch

CLOUD = ("recorded", "sweep")
DOMINATED, MISSES, NOISY, FRONT = "dominated", "misses the SLO", "too noisy to say", "Pareto front"
MISSED, MISSED_THERE = "misses SLO", "recorded miss"  # in the legend
LEGEND = (SHORT["present"], FRONT, MISSED, MISSED_THERE, SHORT["recorded"], SHORT["baseline"], DOMINATED,
          SHORT["trail"], NOISY)  # fmt: skip
MOST_ENTRIES = 5  # what a row of 600 pixels holds, and two rows of a phone
MUTED = 0.35  # opacity of the serving modes that the present design does not use
BELOW = ("bottom", "bottom right", "bottom left", "right", "left", "top right", "top left", "top")  # sides to try
ABOVE = ("top", "top left", "top right", "left", "right", "bottom left", "bottom right", "bottom")
KNEE = 10  # radius of its ring in pixels


def tradeoff(table: Table, x: Axis, y: Axis, *, lines: Sequence[Line] = (), height: int = HEIGHT) -> Drawing:
    """Designs as points, the front of each serving mode as a step line, the present design as the one large mark.

    Columns: those of the axes, optionally `<y.column>_low` and `_high`, `role`, `on_front`, `mode` and `mode_at`,
    `ruled_out_by`, `noisy`, `trail` (the places of a design among the last moves, oldest first), the texts of
    `hover.card`, and `link` (customdata of the point). `height` is that of the whole figure in pixels.
    """
    rows = drawable(table, x, y)
    if not rows:
        return nothing_yet(height).drawing()
    figure, frame = framed(x, y, height), Frame(rows, x, y, lines)
    add_lines(figure, lines, frame)
    for mode in _present_last(rows):
        _add_mode(figure, rows, frame, mode)
    noisy, missing = ([row for row in _cloud(rows) if apart(row) == name] for name in (NOISY, MISSES))
    _add_apart(figure, noisy, frame, NOISY, "circle-open-dot")
    for name, symbol, there in ((MISSED_THERE, "x-open", True), (MISSED, "x", False)):
        _add_apart(figure, [row for row in missing if (row["role"] == "recorded") == there], frame, name, symbol)
    _add_trail(figure, rows, frame)
    _add_knee(figure, rows, frame)
    for role in ("baseline", "present"):
        _add_single(figure, rows, frame, role)
    _add_words(figure, rows, frame, lines, plot_height(height))
    _choose_legend(figure)
    figure.update_xaxes(range=list(frame.ranges[0]), **axis_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=list(frame.ranges[1]), **axis_ticks(y, frame.ranges[1]))
    return figure.drawing()


def _cloud(rows: Rows) -> Rows:
    return [row for row in rows if row["role"] in CLOUD]


def _present_last(rows: Rows) -> list[str]:
    """The serving modes, that of the present design on top of the others."""
    present = first(rows, "present")
    return sorted(modes_of(rows), key=lambda mode: present is not None and mode == present["mode"])


def _muted(rows: Rows, mode: str) -> bool:
    present = first(rows, "present")
    return present is not None and mode != present["mode"]


def _add_mode(figure: Sketch, rows: Rows, frame: Frame, mode: str) -> None:
    """The front of a serving mode and the designs that meet the SLO: hollow where recorded, pale where dominated."""
    look, muted = MODES[modes_of(rows)[mode] % len(MODES)], _muted(rows, mode)
    front = fronts_of(rows, frame.x)[mode]
    pen = {"shape": step_of(frame.x), "color": look.colour, "width": 1.5 if muted else 2, "dash": look.dash}
    at = places(front, frame.x, frame.y) if len(front) > 1 else {"x": [], "y": []}
    name = f"{FRONT}, {mode}" if muted else FRONT
    opacity = 1.4 * MUTED if muted else 1
    figure.add_scatter(**at, mode="lines", line=pen, opacity=opacity, hoverinfo="skip", name=name, meta="front")
    for role, on_front in (("recorded", False), ("sweep", False), ("recorded", True), ("sweep", True)):
        some = [row for row in _cloud(rows) if row["mode"] == mode and row["on_front"] == on_front]
        some = [row for row in some if (row["role"] == "recorded") == (role == "recorded") and not apart(row)]
        if not some:
            continue
        marker = {
            "symbol": f"{look.symbol}-open" if role == "recorded" else look.symbol,
            "size": MARKS[role].size + 2 * on_front,
            "color": look.colour,
            "opacity": MUTED if muted else 1 if on_front else 0.5,
            "line": {"width": 1.4, "color": look.colour},
        }
        named = SHORT["recorded"] if role == "recorded" else FRONT if on_front else DOMINATED
        figure.add_scatter(**points(some, frame.x, frame.y), marker=marker, name=named, legendgroup=named, meta=role)


def apart(row: Row) -> str:
    """Why a design is outside the comparison: timed on a busy machine, or known to miss the SLO; "" for the others."""
    return NOISY if row["noisy"] else MISSES if row["ruled_out_by"] else ""


def _add_apart(figure: Sketch, rows: Rows, frame: Frame, name: str, symbol: str) -> None:
    """Designs outside the comparison, small and grey: those that miss the SLO, and those timed on a busy machine.

    As everywhere on the chart, a hollow mark was recorded elsewhere.

    One far beyond the others stands at the edge of the chart, its figures on its card.
    """
    if rows:
        marker = {"symbol": symbol, "size": 6, "color": SLATE, "opacity": 0.7, "line": {"width": 1.3, "color": SLATE}}
        at = points(rows, frame.x, frame.y) | (frame.inside(rows) if not frame.y.log else {})
        figure.add_scatter(**at, marker=marker, meta=name, name=name)


def _add_trail(figure: Sketch, rows: Rows, frame: Frame) -> None:
    """The last moves: small open diamonds on a dotted line that ends at the present design."""
    moves = trail(rows)
    if len(moves) < 2:
        return
    pen, mark = {"color": VERMILION, "width": 1.5, "dash": "dot"}, MARKS["trail"]
    before = [row for row in {id(row): row for row in moves}.values() if row["role"] not in ("present", "baseline")]
    across = places(moves, frame.x, frame.y)
    figure.add_scatter(**across, mode="lines", line=pen, hoverinfo="skip", name=SHORT["trail"], meta="move")
    marker = {"symbol": mark.symbol, "size": mark.size, "color": mark.colour, "line": {"width": 1.6}}
    figure.add_scatter(**points(before, frame.x, frame.y), marker=marker, name=SHORT["trail"], meta="trail")


def trail(rows: Rows) -> Rows:
    """The designs of the last moves in order, the present one last; a design that was visited twice stands twice."""
    steps = sorted(((at, n) for n, row in enumerate(rows) for at in row["trail"]))
    present = first(rows, "present")
    return [rows[n] for _, n in steps] + ([present] if present is not None else [])


def _add_knee(figure: Sketch, rows: Rows, frame: Frame) -> None:
    bend = knee_row(rows, frame.x, frame.y)
    if bend is not None:
        ring = {"symbol": "circle-open", "size": 2 * KNEE, "color": PETROL, "line": {"width": 1.5}}
        at = places([bend], frame.x, frame.y)
        figure.add_scatter(**at, mode="markers", marker=ring, hoverinfo="skip", name="knee", meta="knee")


def _add_single(figure: Sketch, rows: Rows, frame: Frame, role: str) -> None:
    row, mark = first(rows, role), MARKS[role]
    if row is None:
        return
    figure.add_scatter(
        **points([row], frame.x, frame.y),
        cliponaxis=False,
        marker={
            "symbol": f"{mark.symbol}-open" if row["noisy"] else mark.symbol,
            "size": mark.size,
            "color": mark.colour,
            "line": {"width": 1.8, "color": mark.colour},
        },
        error_y=error_bars(row, frame.y, VERMILION) if role == "present" else None,
        name=SHORT[role],
        meta=role,
    )


def _add_words(figure: Sketch, rows: Rows, frame: Frame, lines: Sequence[Line], height: int) -> None:
    """The names of the present design, the knee, the other modes' fronts and the baseline, none over another."""
    fixed = line_words(lines, frame)
    words = [*fixed, *_words(rows, frame)]
    sides = place(words, _bars(rows, frame), height)
    for word, side in list(zip(words, sides, strict=True))[len(fixed) :]:
        if side:
            bold = f"<b>{word.text}</b>" if word.text == SHORT["present"] else word.text
            at = {"x": word.at[0], "y": word.at[1], "xref": "x domain", "yref": "y domain", "showarrow": False}
            font = {"size": 12, "color": word.colour or INK}
            figure.add_annotation(text=bold, name="label", font=font, borderpad=0, **at, **shift(word, side))


def _words(rows: Rows, frame: Frame) -> list[Word]:
    words, bend = [], knee_row(rows, frame.x, frame.y)
    present, baseline = first(rows, "present"), first(rows, "baseline")
    if present is not None:
        words.append(Word(SHORT["present"], frame.place(present), MARKS["present"].size / 2 + 2, BELOW))
    if bend is not None:
        words.append(Word("knee", frame.place(bend), KNEE, ABOVE))
    for mode, front in fronts_of(rows, frame.x).items():
        if _muted(rows, mode) and len(front) > 1:
            look = MODES[modes_of(rows)[mode] % len(MODES)]
            end = max(front, key=lambda row: frame.place(row)[1])
            words.append(Word(mode.lower(), frame.place(end), 5, ABOVE, optional=True, colour=look.colour))
    if baseline is not None:
        radius = MARKS["baseline"].size / 2
        words.append(Word(SHORT["baseline"], frame.place(baseline), radius, BELOW, optional=True))
    return words


def _bars(rows: Rows, frame: Frame) -> list[Box]:
    """The interval of the present design, which no word may cover."""
    present = first(rows, "present")
    spread = None if present is None else spread_of(present, frame.y)
    if present is None or spread is None:
        return []
    (x, _), value = frame.place(present), present[frame.y.column]
    low, high = frame.ranges[1]
    ends = [(scaled(frame.y, end) - low) / (high - low) for end in (value - spread[0], value + spread[1])]
    return [(x - 0.008, ends[0], x + 0.008, ends[1])]


def _choose_legend(figure: Sketch) -> None:
    """One entry for each name of LEGEND that is drawn, as many as a row holds; the trace on top gives the mark."""
    drawn: dict[str, dict[str, Any]] = {}
    for trace in figure.traces:
        trace["showlegend"] = False
        if trace["x"] and (trace["name"] != FRONT or trace["meta"] == "front"):
            drawn[trace["name"]] = trace
    for rank, name in enumerate([name for name in LEGEND if name in drawn][:MOST_ENTRIES]):
        drawn[name] |= {"showlegend": True, "legendrank": rank + 1}
