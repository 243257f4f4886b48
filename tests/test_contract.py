"""The promises that every case keeps: run on each case of the catalog, and on a toy without the parts it may lack."""

import dataclasses

import pytest

from core.catalog import CASES
from core.checks import case_lint
from core.checks.common import checks_of
from core.contract.case import Measurement
from core.contract.check import verdicts
from core.contract.design import canonical, from_query, knobs, neighbours, to_query
from core.diagram import draw
from core.runtime.memo import MEMO
from tests import toy_case
from tests.cases_of_tests import few_or_all

ALL = [*CASES, toy_case.CASE]
each_case = pytest.mark.parametrize("case", ALL, ids=lambda case: case.slug)
SETTINGS = [
    pytest.param(case, name, option, id=f"{case.slug}-{name}-{option}")
    for case in ALL
    for name, knob in knobs(case.Design).items()
    for option in knob.options
]
RULES = [
    pytest.param(case, rule, id=f"{case.slug}-{rule.__name__}")
    for case in ALL
    for rule in case_lint.RULES
    if case in CASES or rule is not case_lint.files_are_there  # the toy has no page
]
CHECKS = [pytest.param(case, check, id=f"{case.slug}-{check.id}") for case in CASES for check in checks_of(case)]


def reaching(case, name, option):
    """A design near the default in which the knob does something and stands at the option, where it can be had."""
    knob, start = knobs(case.Design)[name], dataclasses.replace(case.Design(), **{name: option})
    near = [start, *(dataclasses.replace(design, **{name: option}) for _, design in neighbours(case.Design()))]
    for other, each in knobs(case.Design).items():  # a data dial switches it on
        near += [dataclasses.replace(start, **{other: value}) for value in each.options if other != name]
    active = [design for design in map(canonical, near) if knob.active(design)]
    assert active, f"no neighbour of the default makes {name} do anything"
    return next((design for design in active if getattr(design, name) == option), active[0])


@each_case
def test_the_default_and_the_baseline_run_and_measure_facts(case):
    for design in (case.Design(), case.baseline):
        assert list(case_lint.facts_lack(case, case.run(design, seed=0))) == []


@pytest.mark.slow
@pytest.mark.parametrize(("case", "name", "option"), SETTINGS)
def test_every_knob_setting_runs_and_measures_facts(case, name, option):
    measured = case.run(reaching(case, name, option), seed=0)
    assert isinstance(measured, Measurement)
    assert list(case_lint.facts_lack(case, measured)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("case", "check"), CHECKS)
def test_every_sentence_that_a_page_tells_holds_or_says_why_not(case, check):
    ((_, verdict),) = verdicts([check], seed=0)
    assert verdict.holds or check.known_failure, f"{check.sentence} {verdict.numbers}"


@few_or_all(ALL)
def test_same_seed_same_quality_bit_for_bit(case):
    first = case.run(case.Design(), seed=3).quality
    MEMO.clear()
    again = case.run(case.Design(), seed=3).quality
    for key in first:
        assert first[key].per_query.tobytes() == again[key].per_query.tobytes()
        assert (first[key].low, first[key].high) == (again[key].low, again[key].high)


@each_case
def test_a_remembered_design_runs_no_step_again(case):
    case.run(case.Design(), seed=0)
    assert all(record.reused for record in case.run(case.Design(), seed=0).steps)


@each_case
def test_a_knob_that_does_nothing_leaves_no_trace_in_the_design(case):
    for name, knob in knobs(case.Design).items():
        if not knob.active(case.Design()):
            moved = dataclasses.replace(case.Design(), **{name: knob.options[-1]})
            assert canonical(moved) == case.Design()


@each_case
def test_links_carry_the_whole_state(case):
    for _, design in [("", case.Design()), *neighbours(case.Design())]:
        query = to_query(design, 7)
        assert set(query) == {*knobs(case.Design), "seed", "v"}
        assert from_query(case.Design, query) == (design, 7, [])


@each_case
def test_the_drawing_is_drawn_with_and_without_figures(case):
    for measured in (None, case.run(case.Design(), seed=0)):
        assert draw(case.draw(case.Design(), measured)).startswith("<svg")


@pytest.mark.parametrize(("case", "rule"), RULES)
def test_a_case_keeps_every_rule_of_the_lint(case, rule):
    assert case_lint.broken(rule, case) == []
