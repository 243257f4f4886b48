"""What each case brings to the seven steps: its words rest on checks and sources, its rows keep their own rules."""

from dataclasses import replace
from functools import cache

import pytest

from core.catalog import BY_SLUG, CASES
from core.checks.common import checks_of
from core.contract.case import Source
from core.contract.design import canonical, knobs, neighbours
from core.contract.interview_spec import STEPS, Column
from core.interview.decision import backing, sentence

INTERVIEWED = tuple(case for case in CASES if case.interview is not None)
KINDS = {"int": int, "float": float, "str": str}
MOST_ROWS = 500


def broken(column: Column, rows) -> list:
    """The values of a column that are missing, of another kind, out of bounds, not allowed, or there twice."""
    values = [row.get(column.name) for row in rows]
    seen: set = set()
    return [value for value in values if not _fits(column, value) or _again(column, value, seen)]


def _fits(column: Column, value) -> bool:
    if type(value) is not KINDS[column.kind] or value != value:
        return False
    if column.allowed and value not in column.allowed:
        return False
    return (column.low is None or value >= column.low) and (column.high is None or value <= column.high)


def _again(column: Column, value, seen: set) -> bool:
    again = column.unique and value in seen
    seen.add(value)
    return again


def starts(case) -> list:
    """The default and the baseline, and the default with each other option of its first two active data dials."""
    dials = [(name, k) for name, k in knobs(case.Design).items() if k.family == "data"][:2]
    moved = [replace(case.Design(), **{name: option}) for name, k in dials for option in (k.options[0], k.options[-1])]
    return list(dict.fromkeys(canonical(design) for design in (case.Design(), case.baseline, *moved)))


@cache
def sample_of(slug, design):
    """A world is simulated once for all tests that look at it."""
    return BY_SLUG[slug].interview.sample(design, 0)


every_case = pytest.mark.parametrize("case", INTERVIEWED, ids=lambda case: case.slug)


@every_case
def test_all_seven_stops_are_there_and_filled(case):
    assert list(case.interview.stops) == list(STEPS)
    for key, stop in case.interview.stops.items():
        assert 3 <= len(stop.questions) <= 5 and 1 <= len(stop.remarks) <= 3 and 2 <= len(stop.pitfalls) <= 4, key
        assert all(question.endswith("?") for question in (*stop.questions, stop.decision)), key
        assert set(stop.knobs) <= set(knobs(case.Design)), key


@every_case
def test_no_question_and_no_remark_comes_twice(case):
    stops, checks = case.interview.stops.values(), checks_of(case)
    remarks = [sentence(remark, backing(case, checks, remark)) for stop in stops for remark in stop.remarks]
    said = [*remarks, *(text for stop in stops for text in (*stop.questions, *stop.pitfalls))]
    assert len(said) == len(set(said))


@every_case
def test_every_remark_rests_on_a_check_that_holds_or_on_a_source(case):
    checks = {check.id: check for check in checks_of(case)}
    titles = {source.title for source in (*case.sources, *(each.source for each in case.published))}
    for stop in case.interview.stops.values():
        for remark in stop.remarks:
            assert remark.backed_by in checks or remark.backed_by in titles, remark
            assert not (remark.backed_by in checks and checks[remark.backed_by].known_failure), remark


@every_case
def test_a_remark_has_a_text_of_its_own_only_where_it_rests_on_a_source(case):
    checks = checks_of(case)
    for stop in case.interview.stops.values():
        for remark in stop.remarks:
            behind = backing(case, checks, remark)
            assert bool(remark.text) == isinstance(behind, Source), remark


@every_case
def test_framings_are_valid_designs_that_differ_whatever_the_present_design(case):
    for start in starts(case):
        framed = [framing.design(start) for framing in case.interview.framings]
        assert framed and all(isinstance(design, case.Design) and design == canonical(design) for design in framed)
        assert len(set(framed)) == len(framed), start


@every_case
def test_one_move_away_framings_and_samples_are_as_sound(case):
    for _, start in neighbours(case.Design()):
        framed = [framing.design(start) for framing in case.interview.framings]
        assert len(set(framed)) == len(framed) and framed == [canonical(design) for design in framed], start
        sample = sample_of(case.slug, start)
        assert min(sample.split.values()) > 0, start
        assert not any(broken(column, sample.rows) for column in sample.columns), start


@every_case
def test_real_rows_keep_every_rule_and_the_split_is_that_of_the_pipeline(case):
    for start in starts(case):
        sample = sample_of(case.slug, start)
        names = [column.name for column in sample.columns]
        assert 50 <= len(sample.rows) <= MOST_ROWS and 4 <= len(names) <= 8
        assert all(list(row) == names for row in sample.rows)
        assert {c.name: wrong[:3] for c in sample.columns if (wrong := broken(c, sample.rows))} == {}, start
        assert len(sample.split) >= 2 and all(type(n) is int and n > 0 for n in sample.split.values())
        assert sample.labels and sample.leakage


@every_case
def test_spoiled_rows_break_at_least_two_rules_every_time_alike(case):
    for start in starts(case):
        sample = sample_of(case.slug, start)
        before = [dict(row) for row in sample.rows]
        spoilt = sample.spoil([dict(row) for row in before])
        assert len([c for c in sample.columns if broken(c, spoilt)]) >= 2
        assert spoilt == sample.spoil([dict(row) for row in before]) and list(sample.rows) == before


@every_case
def test_guardrail_and_learning_curve_name_what_the_case_has(case):
    assert case.interview.guardrail in {axis.key for axis in case.qualities[1:]} | {"p99_ms"}
    name = case.interview.curve_knob
    assert name is None or (knobs(case.Design)[name].ordered and knobs(case.Design)[name].family != "data")


@pytest.mark.parametrize("value", [None, "3", 3.0, -1, 11, float("nan"), True])
def test_the_checker_rejects_a_value_that_breaks_its_rule(value):
    assert broken(Column("n", "int", 0, 10), [{"n": value}])
    assert broken(Column("n", "int", unique=True), [{"n": 3}, {"n": 3}]) == [3]
    assert broken(Column("n", "str", allowed=("a",)), [{"n": "b"}, {}]) == ["b", None]
