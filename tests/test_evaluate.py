"""A measured design under a scenario: what is worked out again when something moves, and what is not."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from core.metrics.worlds import Span
from core.runtime.worlds import WORLDS, World
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


def test_caches_keep_a_bounded_number_of_measurements_alive():
    made, other = measurement(), measurement()
    alive = weakref.ref(made)
    evaluated(made).feasible
    del made
    for seed in range(evaluate.MOST_KEPT):
        evaluated(other, seed=seed)
    gc.collect()
    assert alive() is None


def test_of_measurements_with_pictures_far_fewer_are_kept_alive():
    made = measurement(shown=b"a picture")
    alive = weakref.ref(made)
    evaluated(made).feasible
    del made
    others = [measurement(shown=b"another") for _ in range(evaluate.MOST_WHOLE)]
    for other in others:
        evaluated(other)
    gc.collect()
    assert alive() is None


def test_what_was_worked_out_once_is_there_at_the_next_move():
    made = measurement()
    first = evaluated(made, Scenario(NEEDS, round_prices()))
    again = evaluated(made, Scenario(replace(NEEDS), round_prices()))
    assert again is first and first.beside(first.design, made) is first
    assert evaluated(made, Scenario(replace(NEEDS, p99_ms=1.0), round_prices())) is not first
    assert evaluated(measurement(), Scenario(NEEDS, round_prices())) is not first
    assert evaluated(made, Scenario(NEEDS, round_prices()), seed=1) is not first


def test_worlds_that_were_graded_since_make_a_new_record():
    made = measurement()
    first = evaluated(made)
    key = first.case.qualities[0].key
    before = first.quality(key)
    WORLDS.add(first.case, first.design, first.seed, [World(at, {key: Span(0.1, 0.0, 0.2)}) for at in range(3)])
    try:
        after = evaluated(made)
        assert after is not first and after.quality(key).value == pytest.approx(0.1) != before.value
        assert first.quality(key) == after.quality(key)
    finally:
        WORLDS.clear()


def test_many_visitors_get_one_record():
    made, scenarios = measurement(), [Scenario(replace(NEEDS), round_prices()) for _ in range(16)]
    evaluated(made, scenarios[0])
    with ThreadPoolExecutor(16) as pool:
        records = list(pool.map(lambda scenario: evaluated(made, scenario).beside(ToyDesign(dim=64), made), scenarios))
    assert len({record.verdict for record in records}) == 1
    assert evaluated(made, scenarios[3]).beside(ToyDesign(dim=64), made) in records
