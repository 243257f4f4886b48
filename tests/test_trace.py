"""A recorded trace of arrivals: what it is, and what it does to a fleet that arrivals at random do not."""

from dataclasses import replace

import numpy as np
import pytest

from core.serving import slo, trace
from core.serving.cost import Fleet, fleet
from core.serving.queueing import replay_batched, simulate_batched
from core.serving.scenario import Scenario
from tests.factory import asked, measurement, round_prices

LOAD = Scenario(asked(1_000.0, 40.0), round_prices()).load
UNEVEN = measurement(service_ms=np.random.default_rng(0).lognormal(2.0, 0.5, 1_000))


def test_the_recorded_hour_has_one_arrival_a_second_on_average_and_comes_in_bursts():
    arrivals = trace.recorded_s()
    assert len(arrivals) == 7_011 and (np.diff(arrivals) >= 0).all()
    assert 0 <= arrivals[0] < arrivals[-1] <= 7_011
    counts = np.histogram(arrivals, 100)[0]
    assert counts.var() / counts.mean() > 2.5  # at random it is 1


def test_by_hand_a_burst_waits_and_counts_against_goodput(monkeypatch):
    """Ten pairs, ten seconds apart, on one server of 30 ms: the second of each pair is late by a bound of 40 ms."""
    monkeypatch.setattr(trace, "recorded_s", lambda: np.repeat(np.arange(10.0) * 10, 2))
    load = replace(LOAD, peak_rps=1.0)
    recorded, random = trace.at_the_peak(measurement(service_ms=30.0), Fleet(1, 0.03, 30.0), load)
    assert (recorded.n_requests, recorded.p99_ms, recorded.goodput) == (20, pytest.approx(60.0), 0.5)
    assert random.goodput > 0.5


def test_bursts_make_the_p99_longer_and_goodput_smaller_on_the_same_fleet():
    sized = fleet(UNEVEN, LOAD)
    recorded, random = trace.at_the_peak(UNEVEN, sized, LOAD)
    assert recorded.p99_ms > random.p99_ms and recorded.goodput <= random.goodput
    assert random.p99_ms == pytest.approx(sized.p99_ms, rel=0.2)


def test_batches_are_replayed_as_they_are_simulated():
    batch_s = np.array([2e-3, 3e-3, 4e-3])
    arrivals = np.cumsum(np.random.default_rng(5).standard_exponential(2_000)) / 500
    assert replay_batched(arrivals, batch_s, 3, 1e-3) == pytest.approx(
        simulate_batched(batch_s, 500.0, 3, 1e-3, 2_000, 5)
    )
    batched = measurement(batches_ms={1: 2.0, 8: 4.0})
    recorded, random = trace.at_the_peak(batched, fleet(batched, LOAD), LOAD)
    assert recorded.p99_ms >= random.p99_ms >= 2.0
    with pytest.raises(ValueError, match="back in time"):
        replay_batched([1.0, 0.0], batch_s, 3, 1e-3)


def test_nothing_is_replayed_without_requests_or_where_the_machine_was_too_busy(monkeypatch):
    assert trace.at_the_peak(UNEVEN, fleet(UNEVEN, LOAD), replace(LOAD, peak_rps=0.0)) is None
    monkeypatch.setattr(slo, "TOO_BUSY", 20.0)
    assert trace.at_the_peak(replace(UNEVEN, noise=21.0), fleet(UNEVEN, LOAD), LOAD) is None
