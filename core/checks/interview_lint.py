"""What the interview of a case still lacks, in sentences; a case without an interview lacks nothing here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.checks.common import checks_of
from core.contract.case import SEED, Case
from core.contract.design import Design, canonical, knobs
from core.contract.interview_spec import STEPS, Column, InterviewStep, Sample

QUESTIONS, REMARKS, PITFALLS = (3, 5), (1, 3), (2, 4)  # fewest and most a step
ROWS, COLUMNS = (50, 500), (4, 8)
TYPES = {"int": int, "float": float, "str": str}


def steps_are_filled(case: Case) -> Iterator[str]:
    """All seven steps are there, each with enough questions, remarks and pitfalls and not too many."""
    stops = case.interview.stops if case.interview else {}
    if case.interview and list(stops) != list(STEPS):
        yield f"The interview needs the steps {', '.join(STEPS)}, in this order."
    for key, stop in stops.items():
        for what, (fewest, most) in (("questions", QUESTIONS), ("remarks", REMARKS), ("pitfalls", PITFALLS)):
            if not fewest <= len(getattr(stop, what)) <= most:
                yield f"Step “{key}” needs {fewest} to {most} {what}; it has {len(getattr(stop, what))}."
        for question in (*stop.questions, stop.decision):
            if not question.endswith("?"):
                yield f"In step “{key}”, “{question}” has to end with a question mark."
        for name in set(stop.knobs) - set(knobs(case.Design)):
            yield f"Step “{key}” names a knob “{name}” that the design does not have."


def nothing_is_said_twice(case: Case) -> Iterator[str]:
    """No question, pitfall or remark comes twice."""
    sentences = {check.id: check.sentence for check in checks_of(case)}
    texts = [
        text
        for stop in _stops(case)
        for text in (*stop.questions, *stop.pitfalls, *(sentences.get(r.backed_by, r.text) for r in stop.remarks))
    ]
    for text in sorted({text for text in texts if texts.count(text) > 1}):
        yield f"The interview says twice: “{text}”"


def remarks_rest_on_checks_or_sources(case: Case) -> Iterator[str]:
    """A remark takes the sentence of a check that holds, or has a text of its own with a source behind it."""
    checks = {check.id: check for check in checks_of(case)}
    for name in unbacked(case):
        yield f"A remark rests on “{name}”, which is no check and no source of the case."
    for remark in (remark for stop in _stops(case) for remark in stop.remarks):
        check = checks.get(remark.backed_by)
        if check is not None and check.known_failure:
            yield f"A remark rests on check {check.id}, which is known to fail."
        elif bool(remark.text) != (check is None):
            yield f"A remark on “{remark.backed_by}” needs a text of its own where it rests on a source, else none."


def unbacked(case: Case) -> Iterator[str]:
    """What remarks rest on that is neither a check nor a source of the case: a page could not show them."""
    known = {check.id for check in checks_of(case)}
    known |= {source.title for source in (*case.sources, *(figure.source for figure in case.published))}
    yield from (remark.backed_by for stop in _stops(case) for remark in stop.remarks if remark.backed_by not in known)


def guardrail_and_curve_are_in_the_case(case: Case) -> Iterator[str]:
    """The guardrail is a further quality or the p99, the learning curve an ordered knob that is no data dial."""
    if case.interview is None:
        return
    names = [*(axis.key for axis in case.qualities[1:]), "p99_ms"]
    if case.interview.guardrail not in names:
        yield f"The guardrail has to be one of {', '.join(names)}, not “{case.interview.guardrail}”."
    knob = knobs(case.Design).get(case.interview.curve_knob or "")
    if case.interview.curve_knob is not None and (knob is None or not knob.ordered or knob.family == "data"):
        yield f"The curve_knob “{case.interview.curve_knob}” has to be an ordered knob that is no data dial."


def framings_are_designs_that_differ(case: Case) -> Iterator[str]:
    """Whatever the present design, the framings are canonical designs of the case, no two the same."""
    for start in starts(case) if case.interview else ():
        yield from framings_lack(case, start)


def framings_lack(case: Case, start: Design) -> Iterator[str]:
    """What is amiss with the framings of one present design."""
    framed = [framing.design(start) for framing in case.interview.framings]
    if not framed or not all(isinstance(design, case.Design) and design == canonical(design) for design in framed):
        yield f"The framings have to be canonical designs of the case, from {start} too: wrap them in canonical(…)."
    elif len(set(framed)) != len(framed):
        yield f"Two framings are the same design, from {start}."


def samples_keep_their_rules(case: Case) -> Iterator[str]:
    """Rows of the case's data keep the rules of their columns, and a spoilt batch breaks two of them."""
    for start in starts(case) if case.interview else ():
        yield from sample_lacks(case.interview.sample(start, SEED))


def sample_lacks(sample: Sample) -> Iterator[str]:
    """What is amiss with a sample of rows: their number, their columns, their values, the split or the spoilt batch."""
    names, rows = [column.name for column in sample.columns], [dict(row) for row in sample.rows]
    if not (ROWS[0] <= len(rows) <= ROWS[1] and COLUMNS[0] <= len(names) <= COLUMNS[1]):
        size = f"{_between(ROWS)} rows of {_between(COLUMNS)} columns"
        yield f"A sample needs {size}; it has {len(rows)} of {len(names)}."
    if any(list(row) != names for row in rows):
        yield f"Every row of the sample needs the columns {', '.join(names)}, in this order."
    for column in sample.columns:
        if wrong := wrong_values(column, rows):
            yield f"Column “{column.name}” of the sample breaks its own rule, by {wrong[0]!r} for instance."
    if len(sample.split) < 2 or not all(type(n) is int and n > 0 for n in sample.split.values()):
        yield "The split needs two parts or more, each with a number of rows above 0."
    if not sample.labels or not sample.leakage:
        yield "The sample has to say where labels come from, and what could leak."
    spoilt = sample.spoil([dict(row) for row in rows])
    if sum(bool(wrong_values(column, spoilt)) for column in sample.columns) < 2:
        yield "A spoilt batch has to break the rules of two columns or more."
    if spoilt != sample.spoil([dict(row) for row in rows]) or rows != [dict(row) for row in sample.rows]:
        yield "Spoiling has to do the same every time, and leave the rows of the sample alone."


def starts(case: Case) -> list[Design]:
    """The default and the baseline, and the default with either end of its first two data dials."""
    dials = [(name, knob) for name, knob in knobs(case.Design).items() if knob.family == "data"][:2]
    moved = [replace(case.Design(), **{name: knob.options[end]}) for name, knob in dials for end in (0, -1)]
    return list(dict.fromkeys(canonical(design) for design in (case.Design(), case.baseline, *moved)))


def wrong_values(column: Column, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The values of a column that are missing, of another type, out of bounds, not allowed, or there twice."""
    values, seen, wrong = [row.get(column.name) for row in rows], set(), []
    for value in values:
        if not _fits(column, value) or (column.unique and value in seen):
            wrong.append(value)
        seen.add(value)
    return wrong


def _fits(column: Column, value: Any) -> bool:
    if type(value) is not TYPES[column.kind] or value != value:
        return False
    if column.allowed and value not in column.allowed:
        return False
    return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)


def _stops(case: Case) -> Iterable[InterviewStep]:
    return case.interview.stops.values() if case.interview else ()


def _between(ends: tuple[int, int]) -> str:
    return f"{ends[0]} to {ends[1]}"


RULES: tuple[Callable[[Case], Iterable[str]], ...] = (
    steps_are_filled,
    nothing_is_said_twice,
    remarks_rest_on_checks_or_sources,
    guardrail_and_curve_are_in_the_case,
    framings_are_designs_that_differ,
    samples_keep_their_rules,
)
