"""One replica under rising load, against queueing theory and against itself."""

from dataclasses import replace
from math import exp, inf, log

import numpy as np
import pytest

from core.serving import capacity, slo
from core.serving.cost import assess, batch_curve_s
from core.serving.prices import Prices, repriced
from core.serving.queueing import simulate_batched
from core.serving.scenario import Scenario
from tests.factory import asked, measurement, round_prices

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


def test_exponential_service_times_give_the_response_times_of_theory_up_to_a_full_replica():
    """M/M/1: exponential with mean 1 / (mu - lambda) (Kleinrock 1975); the network comes on top."""
    even = measurement(service_ms=-10.0 * np.log1p(-(np.arange(20_000) + 0.5) / 20_000))  # exponential without luck
    for point in capacity.curve(even, LOAD):
        mean_ms = float(even.service_ms.mean()) / (1 - point.utilisation)
        assert point.p99_ms - 0.5 == pytest.approx(log(100) * mean_ms, rel=0.01)
        assert point.p50_ms - 0.5 == pytest.approx(log(2) * mean_ms, rel=0.01)
        assert point.goodput == pytest.approx(1 - exp(-199.5 / mean_ms), abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_batching_replica_that_is_nearly_full_is_measured_when_its_queue_has_settled(seed):
    """By one long run: 400,000 requests after the first 400,000."""
    rate, load = 0.95 * capacity.saturation_per_s(BATCHED), Scenario(NEEDS, round_prices()).load
    settled = simulate_batched(batch_curve_s(BATCHED), rate, 8, 0.005, 800_000, 7)[400_000:]
    found = capacity.curve(BATCHED, load, seed)[-1].p99_ms
    assert found == pytest.approx(1e3 * np.quantile(settled, 0.99), rel=0.12)


@pytest.mark.parametrize("measured", [RANDOM, BATCHED])
def test_every_latency_has_the_network_in_it(measured):
    near, far = (Scenario(NEEDS, repriced(Prices(), network_ms=ms)).load for ms in (0.0, 30.0))
    for one, other in zip(capacity.curve(measured, near), capacity.curve(measured, far), strict=True):
        assert other.p50_ms - one.p50_ms == pytest.approx(30.0) and other.p99_ms - one.p99_ms == pytest.approx(30.0)
        assert other.goodput <= one.goodput
    assert capacity.closed_loop_p99_ms(measured, far) - capacity.closed_loop_p99_ms(measured, near) == pytest.approx(
        30.0
    )
    tight = replace(far, p99_ms=30.0)
    assert capacity.most_per_s(measured, tight) == 0.0 < capacity.most_per_s(measured, near)
    taken = assess(measured, SCENARIO)
    assert capacity.mean_parts_ms(measured, taken, far)["network"] == 30.0
    lost = [capacity.p99_after_a_loss_ms(measured, replace(taken, replicas=4), load) for load in (near, far)]
    assert lost[1] - lost[0] == pytest.approx(30.0)


def test_nothing_is_said_of_a_load_where_the_machine_was_too_busy(monkeypatch):
    monkeypatch.setattr(slo, "TOO_BUSY", 20.0)
    noisy, taken = replace(RANDOM, noise=21.0), assess(RANDOM, SCENARIO)
    assert capacity.curve(noisy, LOAD) is capacity.most_per_s(noisy, LOAD) is None
    assert capacity.mean_parts_ms(noisy, taken, LOAD) is capacity.p99_after_a_loss_ms(noisy, taken, LOAD) is None
    assert capacity.curve(replace(RANDOM, noise=20.0), LOAD)


def test_a_closed_loop_never_sees_the_queue():
    closed = capacity.closed_loop_p99_ms(RANDOM, LOAD)
    assert closed == RANDOM.percentiles_ms["p99"].value + 0.5
    assert capacity.curve(RANDOM, LOAD)[-1].p99_ms > 3 * closed


def test_the_largest_rate_is_that_of_theory():
    """M/M/1: the p99 is ln(100) / (mu - lambda), so a bound of ten mean service times allows mu (1 - ln(100) / 10)."""
    mean_s = float(RANDOM.service_ms.mean()) / 1e3
    bound = replace(LOAD, p99_ms=1e4 * mean_s, network_ms=0.0)
    assert capacity.most_per_s(RANDOM, bound) == pytest.approx((1 - log(100) / 10) / mean_s, rel=0.02)


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
    assert list(parts) == ["network", "waiting", "search"] and min(parts.values()) >= 0
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
