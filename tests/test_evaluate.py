"""A measured design under a scenario: what is worked out again when something moves, and what is not."""

import gc
import weakref
from dataclasses import replace

import pytest

from core.serving import evaluate
from core.serving.cost import assess
from core.serving.scenario import Scenario
from tests.factory import NEEDS, asked, evaluated, measurement, round_prices
from tests.toy_case import ToyDesign


def test_the_record_says_what_the_functions_say():
    made, scenario = measurement(), Scenario(asked(100.0, 50.0, budget_usd=1.0), round_prices())
    here = evaluated(made, scenario, seed=3)
    assert here.assessment == assess(made, scenario, seed=3) and here.load == scenario.load
    assert [limit.key for limit in here.constraints] == ["p99_ms", "budget_usd"]
    assert not here.feasible and here.binding.key == "budget_usd"


def test_another_design_stands_beside_it_under_the_same_scenario():
    here, slow = evaluated(seed=3), measurement(service_ms=40.0)
    other = here.beside(ToyDesign(dim=64), slow)
    assert (other.design, other.measured, other.seed, other.scenario) == (ToyDesign(dim=64), slow, 3, here.scenario)
    assert here.same_world(other) and other.assessment.replicas > here.assessment.replicas
    assert not here.same_world(here.beside(ToyDesign(noise=0.5), slow))


@pytest.fixture
def fleets(monkeypatch):
    """The measurements and loads for which queues were simulated, from an empty cache on."""
    calls, real = [], evaluate.fleet
    monkeypatch.setattr(evaluate, "fleet", lambda *args: calls.append(args) or real(*args))
    evaluate._fleet.cache_clear()
    yield calls
    evaluate._fleet.cache_clear()


def test_a_fleet_is_cached_per_measurement_and_per_load(fleets):
    one, other = measurement(), measurement()
    first = evaluated(one).assessment
    assert evaluated(one).assessment == first and len(fleets) == 1
    evaluated(one, Scenario(replace(NEEDS, p99_ms=1.0))).feasible
    evaluated(other).feasible
    assert [args[0] for args in fleets] == [one, one, other] and fleets[1][1].p99_ms == 1.0


def test_a_price_a_budget_or_a_floor_never_queues_again(fleets):
    made = measurement()
    first = evaluated(made, Scenario(NEEDS, round_prices())).assessment
    dearer = evaluated(made, Scenario(NEEDS, round_prices(vcpu_hour=0.2))).assessment
    assert dearer.usd_per_month["cores"] == 2 * first.usd_per_month["cores"]
    tighter = replace(NEEDS, budget_usd=1.0, quality_floor=0.9, freshness_h=1.0, items=1e12)
    assert evaluated(made, Scenario(tighter, round_prices())).assessment == first
    assert len(fleets) == 1


def test_no_cache_keeps_a_measurement_alive():
    made = measurement()
    alive = weakref.ref(made)
    evaluated(made).feasible
    del made
    gc.collect()
    assert alive() is None
