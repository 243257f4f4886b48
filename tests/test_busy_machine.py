"""A busy machine changes neither the fleet nor the verdict, and past a limit nothing is claimed.

The clock is a fake one, so that the interruptions are known to the millisecond.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analysis.compare import delta
from core.analysis.figures import FIGURES
from core.checks.case_lint import FEWEST_REQUESTS
from core.contract.case import estimate
from core.runtime import timing
from core.runtime.measuring import Plan, measure, timed_anew
from core.runtime.memo import MEMO, step
from core.runtime.results import Results
from core.runtime.timing import BUSY, TOO_BUSY, time_each
from core.serving import slo
from core.serving.capacity import curve
from core.serving.cost import assess
from core.serving.offers import offers
from core.serving.scenario import Scenario
from core.serving.slo import TOO_NOISY, ruled_out_by
from tests.factory import KEY, asked, case, evaluated, measurement
from tests.test_timing import Clock
from tests.toy_case import ToyDesign

N = max(FEWEST_REQUESTS, 1_000)
DESIGN = ToyDesign()
COUNTED = ("load_p99_ms", "usd", "machines_usd", "usd_per_million", "replicas")


@pytest.fixture(autouse=True)
def limited(monkeypatch):
    """With the limit that other tests are spared, whatever runs beside them."""
    monkeypatch.setattr(slo, "TOO_BUSY", TOO_BUSY)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(timing, "time", made)
    MEMO.clear()
    yield made
    MEMO.clear()


def measured_on(clock, stall_ms, share, cpu=1.0):
    """A design of two parts: a tenth of the requests skip the second; a share of the calls stalls for so long."""
    rng = np.random.default_rng(0)
    work_ms = rng.lognormal(0.0, 0.7, N) * cpu
    stalled = rng.random((2, N)) < share

    def timed(part):
        def call(i):
            clock.work(work_ms[i] + stall_ms * stalled[part, i], work_ms[i])

        return time_each(call, N, warmup=0)

    looking, ranking = step(timed, part=0), step(timed, part=1)
    reached = np.arange(N) % 10 > 0
    plan = Plan(
        quality=step(_grade), timed={"look up": looking, "rank": ranking}, held={"ids": 24}, built=[], n_items=7,
        passing=lambda part: reached if part == "rank" else None,
    )  # fmt: skip
    MEMO.clear()
    return measure(lambda design, seed: plan, SimpleNamespace())


def _grade():
    return {KEY: estimate(np.array([0.0, 1.0] * 50))}


def quiet_and_busy(clock, noise=4.0):
    """The same design on a quiet machine and on one whose stalls of 40 ms make that noise."""
    quiet = measured_on(clock, 0.0, 0.0)
    mean_ms = quiet.cpu_ms["look up"]
    busy = measured_on(clock, 40.0, (noise - 1) * mean_ms / 40.0, cpu=1.05)  # some of it reaches the CPU time
    assert quiet.noise == pytest.approx(1.0) and busy.noise == pytest.approx(noise, rel=0.15)
    return quiet, busy


@pytest.mark.parametrize("p99_ms", [8.0, 20.0, 100.0])
@pytest.mark.parametrize("rate", [50.0, 3_000.0, 23_000.0])
def test_stalls_change_neither_the_fleet_nor_the_bill_nor_the_verdict(clock, rate, p99_ms):
    quiet, busy = quiet_and_busy(clock)
    free = assess(quiet, Scenario(asked(rate, p99_ms)))
    asks = Scenario(asked(rate, p99_ms, budget_usd=1.25 * free.total_usd, quality_floor=0.4))
    found = assess(busy, asks)
    assert found.replicas == pytest.approx(free.replicas, rel=0.25)
    assert found.total_usd == pytest.approx(free.total_usd, rel=0.25)
    assert evaluated(busy, asks).verdict == evaluated(quiet, asks).verdict != "cannot say"
    assert busy.interrupted > 0 == quiet.interrupted


def test_stalls_do_not_change_the_response_times_of_a_replica_under_load(clock):
    load = Scenario(asked()).load
    quiet, busy = (curve(measured, load)[4] for measured in quiet_and_busy(clock))
    assert busy.rate_per_s == pytest.approx(quiet.rate_per_s, rel=0.1)
    assert busy.p99_ms == pytest.approx(quiet.p99_ms, rel=0.25)


def test_by_hand_the_cpu_time_of_a_request_counts_a_part_only_where_it_is_reached(clock):
    """Every call takes 1 ms on average and nine in ten requests make the second one: 1.9 ms within the sample."""
    quiet = measured_on(clock, 0.0, 0.0)
    mean_ms = quiet.cpu_ms["look up"]
    assert quiet.cpu_ms["rank"] == pytest.approx(quiet.parts_ms["rank"].mean())
    assert quiet.cpu_ms["rank"] == pytest.approx(0.9 * mean_ms, rel=0.05)
    assert quiet.request_cpu_ms == pytest.approx(sum(quiet.cpu_ms.values()))


def test_wall_time_within_the_limit_of_an_interruption_is_scaled_to_the_cpu_time():
    measured = measurement(service_ms=np.array([1.0, 3.0] * 500), cpu_ms={"search": 1.6})
    assert measured.work_ms.mean() == pytest.approx(1.6) and measured.work_ms[1] == pytest.approx(2.4)


@pytest.mark.parametrize("cpu_ms", [{}, {"search": 0.0}, {"search": 11.0}])
def test_without_a_cpu_time_or_with_more_of_it_than_wall_time_the_wall_time_counts(cpu_ms):
    measured = measurement(service_ms=10.0, cpu_ms=cpu_ms)
    assert measured.request_cpu_ms == 10.0 and (measured.work_ms == 10.0).all()


# Past the limit


def noisy(noise=TOO_BUSY + 1, quality=1.0, **facts):
    return measurement([quality] * 100, noise=noise, **facts)


ASKS = Scenario(asked(p99_ms=50.0, quality_floor=0.5, budget_usd=1e6))


def test_past_the_limit_nothing_is_claimed():
    here = evaluated(noisy(), ASKS)
    assert (here.verdict, here.feasible, here.binding.key) == ("cannot say", False, "quality_floor")
    assert ruled_out_by(here.constraints) == f"p99 under load ({TOO_NOISY}), cost ({TOO_NOISY})"
    assert {FIGURES[key].text(here) for key in COUNTED} == {TOO_NOISY}
    assert TOO_NOISY not in FIGURES["memory_mb"].text(here)


def test_up_to_the_limit_the_verdict_stands():
    here = evaluated(noisy(TOO_BUSY), ASKS)
    assert here.verdict == "meets" and here.feasible and not ruled_out_by(here.constraints)


def test_a_requirement_that_needs_no_clock_is_missed_on_a_busy_machine_too():
    here = evaluated(noisy(quality=0.1), ASKS)
    assert (here.verdict, here.binding.key) == ("misses", "quality_floor")


def test_a_difference_to_a_figure_that_is_withheld_is_none():
    change = delta(FIGURES["usd"], evaluated(measurement(service_ms=1_000.0)), evaluated(noisy()))
    assert (change.text, change.side) == (TOO_NOISY, "same")


def test_a_design_that_cannot_be_judged_is_not_offered_where_another_can():
    missed = evaluated(measurement([0.1] * 100), ASKS)
    (only,) = offers([evaluated(noisy(), ASKS), missed])
    assert only.evaluated is missed


# Timing again


def test_a_noisy_reading_makes_room_for_a_quieter_one_also_on_the_page_and_never_the_other_way():
    readings = [noisy(30.0, shown="a picture"), noisy(3.0), noisy(5.0), noisy(1.0), noisy(1.1)]
    waiting, ledger = iter(readings), Results()
    made = case(lambda design, seed: next(waiting))
    ledger.measure(made, DESIGN, 0)
    seen = []
    for _ in readings[1:]:
        ledger.time_again(made, DESIGN, 0)
        seen.append(ledger.known(made, DESIGN, 0).noise)
        shown = ledger.measure(made, DESIGN, 0)
        assert shown.service_ms is ledger.known(made, DESIGN, 0).service_ms and shown.shown == "a picture"
    assert seen == [3.0, 3.0, 1.0, 1.0]


def test_a_quiet_reading_stays_when_a_quieter_one_comes():
    ledger, made = Results(), case(lambda design, seed: noisy(1.0))
    ledger.add(made, DESIGN, 0, noisy(BUSY))
    ledger.time_again(made, DESIGN, 0)
    assert ledger.known(made, DESIGN, 0).noise == BUSY


TIMED = []


def _store():
    TIMED.append("store")
    return np.arange(100)


def _look_up(store):
    TIMED.append("look up")
    return (time_each(lambda i: store[i % len(store)], 5),)


def _first(clocks):
    return clocks[0]


def _plan(design, seed):
    store = step(_store)
    looking = step(_first, step(_look_up, store))
    return Plan(quality=step(_grade), timed={"look up": looking}, held={}, built=[store], n_items=7)


def test_timing_again_runs_the_clocks_and_reuses_the_rest():
    MEMO.clear()
    TIMED.clear()
    measure(_plan, DESIGN)
    measure(_plan, DESIGN)
    assert TIMED == ["store", "look up"]
    with timed_anew():
        measure(_plan, DESIGN)
    assert TIMED == ["store", "look up", "look up"]
