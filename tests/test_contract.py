"""The promises that every case keeps: run on each case of the catalog and on the toy case of CONTRIBUTING.md."""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from core.catalog import BY_SLUG, CASES
from core.checks.common import checks_of
from core.contract.case import Measurement
from core.contract.check import KINDS, verdicts
from core.contract.design import FAMILIES, canonical, from_query, knobs, neighbours, to_query
from core.diagram import draw
from core.runtime.memo import MEMO
from core.serving.prices import EDITABLE, Prices, dials
from tests import toy_case

ROOT = Path(__file__).parents[1]
ALL = [*CASES, toy_case.CASE]
each_case = pytest.mark.parametrize("case", ALL, ids=lambda case: case.slug)
SETTINGS = [
    pytest.param(case, name, option, id=f"{case.slug}-{name}-{option}")
    for case in ALL
    for name, each in knobs(case.Design).items()
    for option in each.options
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


@pytest.mark.parametrize(("case", "name", "option"), SETTINGS)
def test_every_knob_setting_runs_and_measures_facts(case, name, option):
    measured = case.run(reaching(case, name, option), seed=0)
    assert isinstance(measured, Measurement)
    assert measured.quality and set(measured.quality) <= {axis.key for axis in case.qualities}
    for key, estimate in measured.quality.items():
        assert np.isfinite(estimate.per_query).all(), key
        assert estimate.low <= estimate.value <= estimate.high, key
        assert estimate.value == pytest.approx(estimate.per_query.mean()), key
    assert len(measured.service_ms) >= 1_000 and (measured.service_ms > 0).all()
    np.testing.assert_allclose(sum(measured.parts_ms.values()), measured.service_ms, rtol=1e-6)
    assert measured.memory_bytes > 0 and measured.build_s > 0 and measured.noise >= 1
    assert all(record.wall_s >= 0 and record.nbytes >= 0 for record in measured.steps)
    assert measured.charged.keys() == {each.name for each in case.requirements.charges}
    assert all(np.isfinite(units) and units >= 0 for units in measured.charged.values())
    assert 0 <= measured.shipped_s < measured.build_s
    assert measured.build_s - measured.shipped_s <= sum(record.cpu_s for record in measured.steps) + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(("case", "check"), CHECKS)
def test_every_sentence_that_a_page_tells_holds_or_says_why_not(case, check):
    ((_, verdict),) = verdicts([check], seed=0)
    assert verdict.holds or check.known_failure, f"{check.sentence} {verdict.numbers}"


@each_case
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
def test_a_knob_that_does_nothing_changes_no_figure(case):
    for name, each in knobs(case.Design).items():
        if not each.active(case.Design()):
            moved = dataclasses.replace(case.Design(), **{name: each.options[-1]})
            assert case.run(canonical(moved), seed=0).quality.keys() == case.run(case.Design(), seed=0).quality.keys()
            assert canonical(moved) == canonical(case.Design())


@each_case
def test_defaults_and_baseline_are_canonical_and_differ(case):
    assert canonical(case.Design()) == case.Design() and canonical(case.baseline) == case.baseline
    assert case.baseline != case.Design()


@each_case
def test_every_knob_says_what_it_trades(case):
    for each in knobs(case.Design).values():
        assert each.family in FAMILIES and len(each.options) >= 2
        assert each.label[0].isupper() and len(each.label) <= 28
        assert each.help.endswith(".") and 20 <= len(each.help) <= 200, each.name


@each_case
def test_links_carry_the_whole_state(case):
    for _, design in [("", case.Design()), *neighbours(case.Design())]:
        query = to_query(design, 7)
        assert set(query) == {*knobs(case.Design), "seed", "v"}
        assert from_query(case.Design, query) == (design, 7, [])


@each_case
def test_every_price_of_a_case_has_a_name_of_its_own_and_a_source(case):
    charges = case.requirements.charges
    assert len(dials(Prices(), charges)) == len(EDITABLE) + len(charges)
    assert len({each.part for each in charges}) == len(charges)
    for each in charges:
        assert each.name.isidentifier() and each.label[0].isupper() and each.unit and each.as_of[:2] == "20", each


@each_case
def test_checks_and_sources_are_told_in_full(case):
    ids = [check.id for check in case.checks]
    assert len(set(ids)) == len(ids) and case.checks
    for check in case.checks:
        assert check.kind in KINDS and check.sentence[0].isupper() and check.sentence.endswith("."), check.id
    assert any(source.kind == "data" for source in case.sources)
    for source in case.sources:
        assert source.title and source.detail, source
    for each in case.published:
        assert each.source.title and each.figure and each.ours
    assert case.requirements.source


@each_case
def test_the_drawing_is_drawn_with_and_without_figures(case):
    for measured in (None, case.run(case.Design(), seed=0)):
        assert draw(case.draw(case.Design(), measured)).startswith("<svg")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_case_has_its_page_and_tests(case):
    assert BY_SLUG[case.slug] is case and re.fullmatch(r"[a-z_]+", case.slug)
    assert (ROOT / "pages" / f"{case.slug}.py").exists()
    assert (ROOT / "tests" / "cases" / f"test_{case.slug}.py").exists()
