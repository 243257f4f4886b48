"""The tradeoff chart in a sentence or two, for a reader who hears the page."""

from __future__ import annotations

from core.charts.frame import modes_of
from core.charts.looks import EMPTY, Axis, Row, Rows, Table, amount, drawable, first, knee_row

MOST_WORDS = 30  # what is heard at one go


def tradeoff_summary(table: Table, x: Axis, y: Axis) -> str:
    """The front, the standing of the present design, the knee and what misses the SLO, in at most 30 words."""
    rows = drawable(table, x, y)
    if not rows:
        return f"{EMPTY}."
    present, bend = first(rows, "present"), knee_row(rows, x, y)
    said = [_counts(rows)]
    if present is not None:
        said.append(f"This design: {_both(present, x, y)}, {_standing(rows, present, x, y)}.")
    noisy = sum(bool(row["noisy"]) for row in rows)
    missing = sum(bool(row["ruled_out_by"]) and not row["noisy"] for row in rows)
    said += [f"{missing} miss{'es' * (missing == 1)} the SLO."] * bool(missing)
    said += [f"{noisy} {'is' if noisy == 1 else 'are'} too noisy to say."] * bool(noisy)
    if bend is not None:
        said.append(f"Knee: {_both(bend, x, y)}.")
    return _shortened(said)


def _shortened(said: list[str]) -> str:
    """The sentences in order, without those that would make it too long; the first always stands."""
    kept = said[:1]
    for sentence in said[1:]:
        if len(" ".join([*kept, sentence]).split()) <= MOST_WORDS:
            kept.append(sentence)
    return " ".join(kept)


def _counts(rows: Rows) -> str:
    modes = modes_of(rows)
    best = {mode: sum(bool(row["on_front"]) for row in rows if row["mode"] == mode) for mode in modes}
    each = ", ".join(f"{n} {mode.lower()}" for mode, n in best.items() if n)
    split = f" ({each})" if len(modes) > 1 and each else ""
    return f"{sum(best.values())} of {len(rows)} designs Pareto-optimal{split}."


def _both(row: Row, x: Axis, y: Axis) -> str:
    return f"{y.label} {amount(row, y)}, {x.label} {amount(row, x)}"


def _standing(rows: Rows, present: Row, x: Axis, y: Axis) -> str:
    if present["noisy"]:
        return "too noisy to say"
    if present["on_front"]:
        return "Pareto-optimal"
    signs = {axis.column: 1 if axis.better == "higher" else -1 for axis in (x, y)}
    for row in rows:
        gains = [(row[column] - present[column]) * sign for column, sign in signs.items()]
        if row["mode"] == present["mode"] and not row["noisy"] and min(gains) >= 0 and max(gains) > 0:
            return "dominated"
    return "not dominated"
