"""The checks that every case shares: on the toy case, by hand, and on worlds where they must fail."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.checks import common
from core.checks.common import (
    batch_costs_by_refresh,
    checks_of,
    cores_usd,
    lab_of,
    stored_design,
    tighter_never_cheaper,
)
from core.contract.check import DEF, Check, Verdict
from core.contract.design import knob
from core.serving.cost import Assessment
from tests.factory import Served, asked, case, measurement
from tests.toy_case import CASE

STORED = dict(refresh_s=3_600.0, refresh_every_h=24.0, store_bytes=10**6)


def served(run=lambda design, seed: measurement(**STORED if design.serving == "batch" else {}), **parts):
    return case(run, Design=Served, baseline=Served(), **parts)


def said(test, on_case):
    """What a common check says of a case under seed 0."""
    return test(on_case, lab_of(on_case))


def by_seed(*per_query):
    return case(lambda design, seed: measurement(per_query[seed]))


# Which checks a case has


def test_a_case_without_batch_serving_has_two_common_checks_after_its_own():
    assert [check.id for check in checks_of(CASE)] == ["T1", "T2", "G10", "G16"]


def test_a_case_with_batch_serving_has_a_third():
    assert [check.id for check in checks_of(served())] == ["T1", "T2", "G10", "G16", "G11"]


def test_a_case_may_replace_a_common_check_by_its_own():
    own = Check("G10", "Mine is sharper.", "INV", lambda seed: Verdict(True, ""))
    found = checks_of(replace(CASE, checks=(own,)))
    assert [check.id for check in found] == ["G10", "G16"] and found[0] is own


def test_every_common_check_runs_on_the_case_it_was_made_for():
    for check in checks_of(served())[len(CASE.checks) :]:
        verdict = check.run(0)
        assert verdict.holds and verdict.numbers, check.id


def test_the_common_checks_hold_on_the_toy_case():
    for check in checks_of(CASE)[len(CASE.checks) :]:
        verdict = check.run(0)
        assert verdict.holds, f"{check.sentence} {verdict.numbers}"


def test_the_stored_design_is_the_default_with_batch_serving():
    assert stored_design(served()) == Served(serving="batch") and stored_design(CASE) is None


def test_the_stored_design_of_a_case_that_starts_with_batch_serving_is_its_default():
    @dataclass(frozen=True)
    class Stored:
        dim: int = knob("Size", (4, 16), 4, "representation", "Quality for memory.")
        serving: str = knob("Serving", ("online", "batch"), "batch", "serving", "Compute now, or look up.")

    assert stored_design(replace(CASE, Design=Stored)) == Stored()


# A tighter bound


def test_the_bounds_are_multiples_of_the_p99_alone_beside_the_network(monkeypatch):
    asked = []

    def fake(measured, scenario, seed):
        asked.append(scenario.load.p99_ms)
        return Assessment(1, 0.5, 1.0, True, {"cores": 100.0 - scenario.load.p99_ms / 10})

    monkeypatch.setattr(common, "assess", fake)
    verdict = said(tighter_never_cheaper, case(lambda design, seed: measurement(service_ms=10.0)))
    assert asked == [320.5, 160.5, 80.5, 40.5, 20.5, 12.5]
    assert verdict == Verdict(True, "$67.95 at 320 ms, $98.75 at the tightest it meets")


def test_a_bill_that_falls_with_a_tighter_bound_is_noticed(monkeypatch):
    monkeypatch.setattr(
        common, "assess", lambda m, scenario, seed: Assessment(1, 0.5, 1.0, True, {"cores": scenario.load.p99_ms})
    )
    assert not said(tighter_never_cheaper, CASE).holds


def test_a_bound_that_is_missed_costs_what_it_likes(monkeypatch):
    def fake(measured, scenario, seed):
        meets = scenario.load.p99_ms > 100
        return Assessment(1, 0.5, 1.0, meets, {"cores": float(meets)})

    monkeypatch.setattr(common, "assess", fake)
    assert said(tighter_never_cheaper, case(lambda design, seed: measurement(service_ms=10.0))).holds


def test_a_design_that_meets_no_bound_at_all_gets_a_verdict():
    slow = case(lambda design, seed: measurement(service_ms=1.0, batches_ms={1: 900.0, 8: 900.0}))
    assert isinstance(said(tighter_never_cheaper, slow), Verdict)


# Another seed


def five(*shares, **parts):
    """A case whose five seeds grade 100 queries, so many of which are right."""
    return replace(by_seed(*([1.0] * n + [0.0] * (100 - n) for n in shares)), **parts)


def test_by_hand_the_scatter_of_five_seeds_against_the_interval_of_one():
    # shares of .4 to .6: deviation .0791; the standard error of one is √(.5 × .5 / 100) = .05, so 1.6 times as much
    spread, numbers = common.between_seeds(five(40, 45, 50, 55, 60), lab_of(five(40, 45, 50, 55, 60)))
    assert spread == pytest.approx(0.0791 / 0.05, rel=0.05) and "deviation 0.0791" in numbers
    assert not said(common.seeds_agree, five(40, 45, 50, 55, 60)).holds
    assert said(common.seeds_agree, five(46, 48, 50, 52, 54)).holds
    assert said(common.worlds_differ, five(40, 45, 50, 55, 60)).holds
    assert not said(common.worlds_differ, five(46, 48, 50, 52, 54)).holds
    assert not said(common.worlds_differ, five(1, 99, 2, 98, 50)).holds  # more than 10 times: not worlds of one kind


def test_where_the_scatter_of_five_seeds_is_luck_it_passes_the_bound_once_in_twenty():
    drawn = np.random.default_rng(0).normal(size=(20_000, 5)).std(axis=1, ddof=1)
    assert (drawn > common.MOST_SPREAD).mean() == pytest.approx(0.05, abs=0.005)


def test_a_seed_that_draws_nothing_is_told_by_definition_and_noticed_where_it_does():
    alike = five(50, 50, 50, 50, 50, seed_draws="nothing")
    (check,) = (check for check in checks_of(alike) if check.id == "G16")
    assert check.kind == DEF and check.run(0).holds
    assert not said(common.seed_draws_nothing, five(50, 50, 50, 50, 51)).holds


# A batch job


def test_by_hand_the_dollars_of_online_work():
    # 100 requests of 10 ms are one core: 730 h at 0.0316
    assert cores_usd(measurement(service_ms=10.0), 100.0) == pytest.approx(23.068)


def test_a_batch_job_costs_by_refreshes_and_online_work_by_traffic():
    # an hour of a core a day: 730 / 24 × 0.0316 = 0.961167
    needs = asked()
    told = said(batch_costs_by_refresh, served(requirements=needs))
    assert told == Verdict(True, "job $0.961167 a month at either load, online work $23.07 → $230.68")


def test_a_batch_job_that_costs_by_traffic_is_noticed(monkeypatch):
    def by_traffic(measured, scenario, seed):
        return Assessment(1, 0.5, 1.0, True, {"batch job": scenario.load.peak_rps / measured.refresh_every_h})

    monkeypatch.setattr(common, "assess", by_traffic)
    assert not said(batch_costs_by_refresh, served()).holds


def test_a_batch_job_that_twice_the_refreshes_make_no_dearer_is_noticed(monkeypatch):
    monkeypatch.setattr(
        common, "assess", lambda measured, scenario, seed: Assessment(1, 0.5, 1.0, True, {"batch job": 1.0})
    )
    assert not said(batch_costs_by_refresh, served()).holds
