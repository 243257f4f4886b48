"""The arithmetic of the wall: who leads, the class front, what changed last, and predictions against outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from textwrap import shorten
from typing import Any

from core.analysis.figures import FIGURES, requirement_lines
from core.analysis.tradeoff_table import TradeoffRow, differing
from core.charts import Axis, Line
from core.classroom.lesson import Goal, Lesson, read_lesson
from core.classroom.submissions import Entry
from core.formatting import figure_text
from core.metrics.pareto import front
from core.runtime.recorded import recorded_designs
from core.serving.evaluate import evaluate

WAYS = ("down", "same", "up")
STANDING = ("meets", "cannot say", "misses")  # what comes before what in the ranking
TIME = "load_p99_ms"
MOST_NAMES = 2  # at one mark
MOST_LETTERS = 90  # of the knobs that a design differs in, of the last change


def shown(entries: Sequence[Entry], frozen_at: int | None) -> list[Entry]:
    """The entries that the wall shows: all of them, or those up to where it was frozen."""
    return [entry for entry in entries if frozen_at is None or entry.number <= frozen_at]


def ranked(lesson: Lesson, entries: Iterable[Entry]) -> list[Entry]:
    """The best entry of each student, the leader first: what meets the SLO comes before what does not.

    Of two equal ones the earlier comes first.
    """
    best: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda entry: _rank(lesson.push, entry)):
        best.setdefault(entry.student, entry)
    return list(best.values())


def place(ranking: Sequence[Entry], student: int) -> int | None:
    """The place of a student, 1 for the leader; None for who has submitted nothing."""
    return next((at for at, entry in enumerate(ranking, 1) if entry.student == student), None)


def _rank(goal: Goal, entry: Entry) -> tuple[int, int, float, int]:
    value = entry.submission.figures.get(goal.key)
    signed = 0.0 if value is None else -value if goal.better == "higher" else value
    return STANDING.index(entry.submission.verdict), value is None, signed, entry.number


def axes(lesson: Lesson) -> tuple[Axis, Axis]:
    """The axes of the wall: the goal, against p99 under load; a cost that is pushed down stands below the quality."""
    goal, case = lesson.push, lesson.of_case
    if goal.key in FIGURES:
        axis = case.qualities[0]
        return FIGURES[goal.key].axis, Axis(axis.key, axis.label, "", axis.better)
    return FIGURES[TIME].axis, Axis(goal.key, goal.label, "", goal.better)


def marks(lesson: Lesson, entries: Sequence[Entry], ringed: int | None) -> list[dict[str, Any]]:
    """One row of the chart for each design that was submitted, with who did; the leader's and a `ringed` one marked."""
    ranking = ranked(lesson, entries)
    by_design: dict[str, list[Entry]] = {}
    for entry in entries:
        by_design.setdefault(entry.submission.design, []).append(entry)
    rows = []
    for same in by_design.values():
        submission = same[-1].submission  # the machine may have been quieter by then
        numbers = {entry.number for entry in same}
        leads = bool(ranking) and ranking[0].number in numbers
        rows.append(
            {
                **submission.figures,
                "role": "leader" if leads else "class",
                "name": _names(same, ranking[0] if leads else same[0]),
                "latest": ringed in numbers,
                "differs": submission.differs,
                "ruled_out_by": submission.missed,
                "noisy": submission.noisy,
                "mode": submission.mode,
                "mode_at": submission.mode_at,
            }
        )
    return with_class_front(rows, *axes(lesson))


def lines(lesson: Lesson) -> list[Line]:
    """The requirements on the axes of the wall."""
    return requirement_lines(lesson.of_case, lesson.scenario, *axes(lesson))


def _names(same: Sequence[Entry], first: Entry) -> str:
    names = list(dict.fromkeys([first.name, *(entry.name for entry in same)]))
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" +{more}" if more > 0 else "")


def with_class_front(rows: list[dict[str, Any]], x: Axis, y: Axis) -> list[dict[str, Any]]:
    """The rows with `on_front`: Pareto-optimal on both axes among what was measured on a quiet machine."""
    known = [row for row in rows if not row["noisy"] and None not in (row.get(x.column), row.get(y.column))]
    on = front([[row[x.column], row[y.column]] for row in known], (x.better, y.better)) if known else []
    best = {id(row) for row, is_on in zip(known, on, strict=True) if is_on}
    return [{**row, "on_front": id(row) in best} for row in rows]


def reference(lesson: Lesson) -> list[dict[str, Any]]:
    """The recorded designs that the lesson allows, as rows of the chart with their own front; none without a record."""
    return _reference(lesson.model_dump_json())


@lru_cache(maxsize=32)
def _reference(lesson_text: str) -> list[dict[str, Any]]:
    lesson = read_lesson(lesson_text)
    allowed = [
        one
        for one in recorded_designs(lesson.of_case)
        if one.seed == lesson.seed and lesson.kept(one.design) == one.design
    ]
    rows = [
        TradeoffRow(
            evaluate(lesson.of_case, one.design, one.measured, lesson.scenario, one.seed),
            "recorded",
            "",
            differing(lesson.design, one.design),
            one.origin,
        ).mark
        for one in allowed
    ]
    return with_class_front([row for row in rows if not row["ruled_out_by"]], *axes(lesson))


def what_changed(lesson: Lesson, entries: Sequence[Entry]) -> str:
    """The last submission in a sentence: who, what was turned, the goal before and now, and the place."""
    if not entries:
        return "Nobody has submitted yet."
    last = entries[-1]
    before = [entry for entry in entries[:-1] if entry.student == last.student]
    now, then = value_text(lesson, last), value_text(lesson, before[-1]) if before else ""
    moved = f"{then} → {now}" if then and then != now else now
    at = place(ranked(lesson, entries), last.student)
    stands = "leads" if at == 1 else f"place {at}"
    misses = {"misses": f", misses {last.submission.missed}", "cannot say": ", the SLO cannot be judged"}
    figure = f"{lesson.push.label} {moved}{misses.get(last.submission.verdict, '')}"
    design = shorten(last.submission.differs or "The starting design", MOST_LETTERS, placeholder=" …")
    return f"{last.name}: {figure}; {stands}. {design}{'' if design.endswith('…') else '.'}"


def value_text(lesson: Lesson, entry: Entry) -> str:
    """The goal's figure of an entry as displayed."""
    value, key = entry.submission.figures.get(lesson.goal), lesson.goal
    unit = FIGURES[key].unit if key in FIGURES else ""
    return "too noisy to say" if value is None else figure_text(value, unit)


def predicted(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """How often each direction was said, by the direction that was measured then."""
    counts = Counter((each.said, each.measured) for entry in entries for each in entry.submission.predictions)
    return {said: {measured: counts[said, measured] for measured in WAYS} for said in WAYS}


def table(lesson: Lesson, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Every submission as a row of the file that a teacher takes along."""
    ranking = ranked(lesson, entries)
    best = {entry.number: at for at, entry in enumerate(ranking, 1)}
    return [
        {
            "nickname": entry.nickname,
            "name_hidden": entry.hidden,
            "submitted": datetime.fromtimestamp(entry.at_s, UTC).isoformat(timespec="seconds"),
            "place": best.get(entry.number),
            "verdict": entry.submission.verdict,
            "misses": entry.submission.missed,
            "differs_from_start": entry.submission.differs,
            **entry.submission.figures,
            "predictions": "; ".join(
                f"{each.figure} said {each.said}, measured {each.measured}" for each in entry.submission.predictions
            ),
            "design": entry.submission.design,
        }
        for entry in entries
    ]
