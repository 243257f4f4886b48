"""One replica under rising load, against queueing theory and against itself."""

from dataclasses import replace
from math import inf, log

import numpy as np
import pytest

from core.serving import capacity
from core.serving.cost import assess
from core.serving.prices import Prices, repriced
from core.serving.scenario import Scenario
from tests.factory import asked, measurement

NEEDS = asked(150.0, 200.0)
SCENARIO = Scenario(NEEDS)
LOAD = SCENARIO.load
RANDOM = measurement(service_ms=np.random.default_rng(0).exponential(10.0, 20_000))
BATCHED = replace(measurement(service_ms=2.0), batches_ms={1: 2.0, 8: 4.0})


def test_a_replica_is_saturated_when_it_is_always_busy():
    assert capacity.saturation_per_s(measurement(service_ms=10.0)) == pytest.approx(100.0)
    assert capacity.saturation_per_s(BATCHED) == pytest.approx(2_000.0)  # eight every four milliseconds


@pytest.mark.parametrize("measured", [RANDOM, BATCHED, measurement(service_ms=10.0)])
def test_response_times_grow_with_the_load(measured):
    points = capacity.curve(measured, LOAD)
    assert [point.utilisation for point in points] == list(capacity.UTILISATIONS)
    assert all(point.p50_ms <= point.p99_ms for point in points)
    assert points[-1].p99_ms > points[0].p99_ms


def test_exponential_service_times_give_the_p99_of_theory():
    mean_ms = float(RANDOM.service_ms.mean())
    for point in capacity.curve(RANDOM, LOAD):
        if point.utilisation <= 0.6:  # beyond, fifty thousand requests are few
            assert point.p99_ms == pytest.approx(log(100) * mean_ms / (1 - point.utilisation), rel=0.12)


def test_a_closed_loop_never_sees_the_queue():
    closed = capacity.closed_loop_p99_ms(RANDOM)
    assert closed == RANDOM.percentiles_ms["p99"].value
    assert capacity.curve(RANDOM, LOAD)[-1].p99_ms > 3 * closed


def test_the_largest_rate_keeps_the_bound_and_a_bound_below_the_work_allows_none():
    most = capacity.most_per_s(RANDOM, replace(LOAD, p99_ms=200.0))
    assert 0 < most < capacity.saturation_per_s(RANDOM)
    assert capacity.most_per_s(RANDOM, replace(LOAD, p99_ms=100.0)) < most
    assert (
        capacity.most_per_s(RANDOM, replace(LOAD, p99_ms=1.0))
        == capacity.most_per_s(BATCHED, replace(LOAD, p99_ms=1.0))
        == 0.0
    )
    assert 0 < capacity.most_per_s(BATCHED, replace(LOAD, p99_ms=50.0)) <= capacity.saturation_per_s(BATCHED)


def test_a_dead_replica_makes_the_rest_slower_or_too_few():
    taken = assess(RANDOM, SCENARIO)
    after = capacity.p99_after_a_loss_ms(RANDOM, taken, LOAD)
    assert after > taken.p99_ms
    two = replace(taken, replicas=2)
    assert capacity.p99_after_a_loss_ms(RANDOM, two, LOAD) == inf  # 150 a second on one that takes 100
    assert capacity.p99_after_a_loss_ms(RANDOM, replace(taken, replicas=1), LOAD) == inf


@pytest.mark.parametrize("measured", [RANDOM, BATCHED])
def test_waiting_and_work_add_up_to_the_mean_response(measured):
    parts = capacity.mean_parts_ms(measured, assess(measured, SCENARIO), LOAD)
    assert list(parts) == ["waiting", "search"] and min(parts.values()) >= 0
    assert sum(parts.values()) >= float(measured.service_ms.mean())


def test_a_longer_wait_for_company_makes_a_quiet_batching_replica_slower_by_so_much():
    waits = [Scenario(NEEDS, repriced(Prices(), batch_wait_ms=wait_ms)).load for wait_ms in (0.0, 1.0)]
    at_once, waited = (capacity.curve(BATCHED, load)[0].p50_ms for load in waits)
    assert waited - at_once == pytest.approx(1.0, abs=0.2)  # hardly any company comes within a millisecond


def test_groups_behind_one_queue_each_wait_longer_than_one_queue_for_all():
    small = Scenario(NEEDS, repriced(Prices(), group_replicas=1)).load
    taken = assess(RANDOM, SCENARIO)
    waits = [capacity.mean_parts_ms(RANDOM, taken, load)["waiting"] for load in (LOAD, small)]
    assert waits[1] > waits[0]
