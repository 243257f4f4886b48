"""The chart of a class: everybody's designs as they come, the class front, who leads, and the reference front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.charts.frame import SHOWN, Frame, add_lines, line_words, places, points, step_of
from core.charts.labels import Word, place, shift
from core.charts.looks import (
    EMPTY,
    INK,
    PETROL,
    SLATE,
    VERMILION,
    Axis,
    Line,
    Row,
    Rows,
    amount,
    axis_name,
    axis_ticks,
    axis_title,
    drawable,
    framed,
    nothing_yet,
    plot_height,
)
from core.charts.sketch import Drawing, Sketch

FRONT, CLASS, MISSES = "class front", "class", "misses the SLO"
LEADER, LATEST, REFERENCE = "leader", "latest", "reference (recorded)"
LEAST = 0.3  # powers of ten on a log axis
MOST_NAMED = 8  # designs on the front with their names
SMALL = 12  # points of the texts of other charts, which the places of words are worked out for
ABOVE = ("top left", "top right", "top", "left", "right", "bottom left", "bottom right", "bottom")


def class_wall(
    rows: Sequence[Row],
    reference: Sequence[Row],
    x: Axis,
    y: Axis,
    *,
    lines: Sequence[Line],
    height: int,
    text_size: int,
    legend: bool = True,
) -> Drawing:
    """The designs of a class with the names of those on the front, of the leader and of the latest.

    Beside those of the tradeoff chart a row has `latest`; its role is "leader" or "class". Names are anybody's text.
    `text_size` is in points.
    """
    ours, others = drawable(list(rows), x, y), drawable(list(reference), x, y)
    if not ours and not others:
        return nothing_yet(height).drawing()
    figure, frame = framed(x, y, height), Frame([*_seen(ours), *others], x, y, lines)
    frame.ranges = tuple(_wide(axis, span) for axis, span in zip((x, y), frame.ranges, strict=True))
    add_lines(figure, lines, frame)
    _add_front(figure, others, frame, REFERENCE, SLATE, "dot")
    _add_cloud(figure, ours, frame)
    _add_front(figure, ours, frame, FRONT, PETROL, "solid")
    _add_ring(figure, ours, frame)
    _add_leader(figure, ours, frame)
    _add_names(figure, ours, frame, lines, plot_height(height), text_size)
    figure.update_xaxes(range=list(frame.ranges[0]), **axis_ticks(x, frame.ranges[0]))
    figure.update_yaxes(range=list(frame.ranges[1]), **axis_ticks(y, frame.ranges[1]))
    _enlarge(figure, x, y, height, text_size)
    figure.update_layout(showlegend=legend)
    return figure.drawing()


def class_wall_summary(rows: Sequence[Row], x: Axis, y: Axis) -> str:
    """The chart in a sentence or two."""
    ours = drawable(list(rows), x, y)
    if not ours:
        return f"{EMPTY}."
    n_front = sum(bool(row["on_front"]) for row in ours)
    said = f"{len(ours)} designs of the class, {n_front} of them Pareto-optimal."
    leader = next((row for row in ours if row["role"] == "leader"), None)
    if leader is None:
        return said
    return f"{said} Leader: {leader['name']}, {y.label} {amount(leader, y)} at {x.label} {amount(leader, x)}."


def _wide(axis: Axis, span: tuple[float, float]) -> tuple[float, float]:
    """A range in which two designs that are nearly alike do not look far apart: a factor of two on a log axis."""
    missing = LEAST - (span[1] - span[0]) if axis.log else 0.0
    return (span[0] - missing / 2, span[1] + missing / 2) if missing > 0 else span


def _seen(rows: Rows) -> Rows:
    """The rows with the roles of which a frame shows everything: none of the class may lie outside."""
    return [{**row, "role": SHOWN[0]} for row in rows]


def _add_cloud(figure: Sketch, rows: Rows, frame: Frame) -> None:
    for name, missing in ((MISSES, True), (CLASS, False)):
        some = [row for row in rows if bool(row["ruled_out_by"]) == missing]
        if some:
            symbol = {"symbol": "x-thin", "line": {"width": 2, "color": SLATE}} if missing else {"symbol": "circle"}
            marker = {"size": 11, "color": SLATE if missing else PETROL, "opacity": 0.8, **symbol}
            figure.add_scatter(**points(_for_points(some), frame.x, frame.y), marker=marker, name=name, meta="class")


def _for_points(rows: Rows) -> Rows:
    return [{**row, "note": escape(str(row["name"]))} for row in rows]


def _add_front(figure: Sketch, rows: Rows, frame: Frame, name: str, colour: str, dash: str) -> None:
    front = sorted((row for row in rows if row["on_front"]), key=lambda row: row[frame.x.column])
    if front:
        pen = {"shape": step_of(frame.x), "color": colour, "width": 3, "dash": dash}
        marker = {"symbol": "circle-open", "size": 8, "color": colour, "line": {"width": 2, "color": colour}}
        at = places(front, frame.x, frame.y)
        figure.add_scatter(
            **at, mode="lines+markers", line=pen, marker=marker, hoverinfo="skip", name=name, meta="front"
        )


def _add_ring(figure: Sketch, rows: Rows, frame: Frame) -> None:
    latest = [row for row in rows if row.get("latest")]
    if latest:
        ring = {"symbol": "circle-open", "size": 26, "color": VERMILION, "line": {"width": 3, "color": VERMILION}}
        at = places(latest, frame.x, frame.y)
        figure.add_scatter(**at, mode="markers", marker=ring, hoverinfo="skip", name=LATEST, meta="latest")


def _add_leader(figure: Sketch, rows: Rows, frame: Frame) -> None:
    leading = [row for row in rows if row["role"] == "leader"]
    if leading:
        star = {"symbol": "star", "size": 22, "color": VERMILION, "line": {"width": 1, "color": VERMILION}}
        drawn = points(_for_points(leading), frame.x, frame.y)
        figure.add_scatter(**drawn, cliponaxis=False, marker=star, name=LEADER, meta="leader")


def _add_names(figure: Sketch, rows: Rows, frame: Frame, lines: Sequence[Line], height: int, text_size: int) -> None:
    """The names that matter, none over another; places are worked out as if the chart were that much smaller."""
    wanted = [row for row in rows if row["role"] == "leader" or row.get("latest")]
    known = {row["name"] for row in wanted}
    front = list({row["name"]: row for row in rows if row["on_front"] and row["name"] not in known}.values())
    fixed, scale = line_words(lines, frame), SMALL / text_size
    named = [*wanted, *front[-MOST_NAMED:]]
    radii = [13 if row["role"] == "leader" else 15 if row.get("latest") else 6 for row in named]
    words = [
        Word(str(row["name"]), frame.place(row), radius * scale, ABOVE, optional=row not in wanted)
        for row, radius in zip(named, radii, strict=True)
    ]
    sides = place([*fixed, *words], (), height * scale)[len(fixed) :]
    for word, side, radius in zip(words, sides, radii, strict=True):
        if side:
            at = {"x": word.at[0], "y": word.at[1], "xref": "x domain", "yref": "y domain", "showarrow": False}
            moved = shift(Word(word.text, word.at, radius, word.sides), side)
            figure.add_annotation(
                text=escape(word.text), name="label", borderpad=0, font=_font(text_size), **at, **moved
            )


def _font(text_size: int) -> dict[str, Any]:
    return {"size": text_size, "color": INK}


def _enlarge(figure: Sketch, x: Axis, y: Axis, height: int, text_size: int) -> None:
    """Every text of the figure in letters of that many points."""
    wide, above, below = round(3.6 * text_size), 3 * text_size + 20, 3 * text_size
    row = {"y": 1 + (text_size + 12) / (height - above - below), "font": _font(text_size - 3)}
    legend: Mapping[str, Any] = figure.layout["legend"]
    figure.update_layout(legend={**legend, **row}, hoverlabel={"font": _font(text_size)})
    figure.update_layout(margin={"l": wide, "r": 34, "t": above, "b": below})
    title = axis_name(axis_title(x, "x"), 10)
    figure.update_xaxes(title={**title, "font": _font(text_size)}, tickfont=_font(text_size - 2))
    figure.update_yaxes(tickfont=_font(text_size - 2))
    for annotation in figure.layout["annotations"]:
        if annotation.get("name") == "y title":
            annotation |= {"font": _font(text_size), "xshift": 2 - wide}
    for shape in figure.layout["shapes"]:
        if "label" in shape:
            shape["label"]["font"] = _font(text_size - 2)
