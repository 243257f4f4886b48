"""The card of a design under the pointer: its figures first, then only what it has other than the present design."""

from __future__ import annotations

from functools import lru_cache
from textwrap import wrap

from core.charts.looks import Axis, Row, amount

MOST_LINES, LONGEST = 6, 46  # of a card, so that it hides little of the chart; letters of a line


def card(row: Row, x: Axis, y: Axis) -> str:
    """At most six lines: the two figures of the axes and the others of `also`, differing knobs, and what is missed.

    `also` are (column, text) pairs of further figures; `differs` the knobs that differ; `note` where it was measured.
    """
    others = [text for column, text in row.get("also", ()) if column not in (x.column, y.column)]
    figures = _packed([f"{x.label} {amount(row, x)}", *others])
    lines = [f"<b>{line}</b>" for line in (f"{y.label} {amount(row, y)}", *figures)]
    last = [f"misses the SLO: {row['ruled_out_by']}"] if row["ruled_out_by"] else []
    last = [line for text in (*last, row.get("note", "")) if text for line in _wrapped(text, 1)]
    room = MOST_LINES - len(lines) - len(last)
    return "<br>".join([*lines, *_wrapped(row.get("differs", ""), room), *last])


def _packed(parts: list[str]) -> list[str]:
    """Parts in order on as few lines as hold them."""
    lines = parts[:1]
    for part in parts[1:]:
        joined = f"{lines[-1]} · {part}"
        lines = [*lines[:-1], joined] if len(joined) <= LONGEST else [*lines, part]
    return lines


@lru_cache(maxsize=8_000)  # a redraw wraps the same texts again
def _wrapped(text: str, most: int) -> tuple[str, ...]:
    """Text on at most `most` lines, cut with an ellipsis."""
    return tuple(wrap(text, LONGEST, max_lines=most, placeholder=" …")) if text and most > 0 else ()
