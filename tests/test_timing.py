"""The clock, driven by a fake one: what is kept, when it measures again, and that it measures one thing at a time."""

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.runtime import timing
from core.runtime.timing import Timing, environment, patient, quiet, time_batches, time_each


class Clock:
    """Stands in for the `time` module: wall and CPU time move only when a test says so."""

    def __init__(self):
        self.wall_ms = self.cpu_ms = 0

    def work(self, wall_ms, cpu_ms):
        self.wall_ms += wall_ms
        self.cpu_ms += cpu_ms

    def perf_counter(self):
        return self.wall_ms / 1e3

    def perf_counter_ns(self):
        return self.wall_ms * 1_000_000

    def thread_time(self):
        return self.cpu_ms / 1e3

    def thread_time_ns(self):
        return self.cpu_ms * 1_000_000


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(timing, "time", made)
    return made


# What is kept


def test_every_wall_time_is_kept_in_the_order_of_the_calls(clock):
    timing = time_each(lambda i: clock.work(10 * (i + 1), 10 * (i + 1)), 3)
    assert timing.wall_ms.tolist() == [10, 20, 30]
    assert timing.median_ms == 20 and timing.cpu_ms == pytest.approx(20)


def test_warming_up_is_not_timed(clock):
    seen = []
    timing = time_each(lambda i: (seen.append(i), clock.work(1, 1)), 3, warmup=2, attempts=1)
    assert seen == [0, 1, 0, 1, 2] and len(timing.wall_ms) == 3


def test_warming_up_asks_for_no_call_beyond_those_that_are_timed(clock):
    seen = []
    time_each(lambda i: (seen.append(i), clock.work(1, 1)), 2, warmup=20, attempts=1)
    assert seen == [0, 1, 0, 1]


@pytest.mark.parametrize("n", [0, -1])
def test_nothing_to_time_is_refused(n):
    with pytest.raises(ValueError, match="at least 1"):
        time_each(lambda i: None, n)


def test_the_median_is_not_moved_by_one_slow_call():
    assert Timing(np.array([1.0, 1.0, 900.0]), 1.0, 1.0, 1).median_ms == 1.0


# How busy the machine was


def test_noise_is_wall_time_over_cpu_time(clock):
    assert time_each(lambda i: clock.work(3, 2), 10, warmup=0).noise == pytest.approx(1.5)


def test_noise_is_never_below_one(clock):
    assert time_each(lambda i: clock.work(2, 3), 10).noise == 1.0


def test_a_call_that_only_waits_has_a_finite_noise(clock):
    assert np.isfinite(time_each(lambda i: clock.work(1, 0), 10).noise)


@pytest.mark.parametrize(("wall_ms", "cpu_ms"), [(5, 5), (5, 1)])
def test_a_quiet_run_is_measured_as_often_as_a_disturbed_one(clock, wall_ms, cpu_ms):
    seen = []
    time_each(lambda i: (seen.append(i), clock.work(wall_ms, cpu_ms)), 10, warmup=0)
    assert len(seen) == 30


def test_a_quiet_run_is_repeated_for_less_long_than_a_disturbed_one(clock):
    seen = []
    time_each(lambda i: (seen.append(i), clock.work(15, 12)), 10, warmup=0)  # 1.25 is still quiet; twice 150 ms > 240
    assert len(seen) == 20


def test_a_disturbed_run_is_measured_three_times_and_the_quietest_kept(clock):
    walls = [6] * 10 + [3] * 10 + [4] * 10  # one CPU millisecond each

    def call(i):
        clock.work(walls.pop(0), 1)

    timing = time_each(call, 10, warmup=0)
    assert not walls and timing.noise == pytest.approx(3.0) and timing.interrupted == 10


def test_a_call_that_is_measured_again_counts_with_its_shortest_reading(clock):
    """By hand, two calls of 10 and 20 ms: caches that others emptied add to one call or to the other."""
    readings = [(60, 14), (90, 20), (40, 10), (30, 26), (10, 10), (27, 27)]  # (wall, CPU); noise 4.4, 1.9 and 1
    timing = time_each(lambda i: clock.work(*readings.pop(0)), 2, warmup=0)
    assert not readings and timing.attempts == 3 and timing.noise == pytest.approx(1.0)
    assert timing.wall_ms.tolist() == [10, 20] and timing.cpu_ms == 15.0
    assert timing.interrupted == 0  # each was once timed without an interruption


def test_an_interrupted_call_counts_with_its_cpu_time_and_the_others_with_their_wall_time(clock):
    walls = [11, 60, 12, 10]  # ten CPU milliseconds each; up to 1.25 times as much wall time is no interruption
    timing = time_each(lambda i: clock.work(walls[i], 10), 4, warmup=0)
    assert timing.wall_ms.tolist() == [11, 10, 12, 10] and (timing.interrupted, timing.cpu_ms) == (1, 10.0)


def test_a_call_that_only_waits_keeps_its_wall_time(clock):
    assert time_each(lambda i: clock.work(5, 0), 3, warmup=0).wall_ms.tolist() == [5, 5, 5]


def test_without_a_fine_cpu_clock_single_calls_keep_their_wall_time(clock, monkeypatch):
    monkeypatch.setattr(timing, "FINE_CPU_CLOCK", False)
    timed = time_each(lambda i: clock.work(3, 1), 10, warmup=0)
    assert timed.wall_ms.tolist() == [3.0] * 10 and (timed.cpu_ms, timed.interrupted) == (1.0, 0)


def test_the_noise_is_that_of_the_quietest_run(clock):
    walls = [6] * 10 + [1] * 10 + [2] * 10
    timing = time_each(lambda i: clock.work(walls.pop(0), 1), 10, warmup=0)
    assert not walls and timing.noise == pytest.approx(1.0)


def test_a_run_is_not_repeated_when_that_would_take_longer_than_the_budget(clock):
    seen = []
    time_each(lambda i: (seen.append(i), clock.work(400, 100)), 2, warmup=0)  # 800 ms, and a second one would be too
    assert len(seen) == 2


def test_a_reader_who_asks_for_a_better_reading_gets_more_repeats(clock):
    seen = []
    with patient():
        time_each(lambda i: (seen.append(i), clock.work(400, 100)), 2, warmup=0)  # 800 ms three times is within 3 s
    assert len(seen) == 6


# Alone


def test_the_garbage_collector_is_off_while_timing_and_on_again_after_a_failure():
    assert gc.isenabled()
    seen = []

    def call(i):
        seen.append(gc.isenabled())
        raise RuntimeError("no such index")

    with pytest.raises(RuntimeError, match="no such index"):
        time_each(call, 5)
    assert seen == [False] and gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with quiet():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_failed_measurement_frees_the_slot_for_the_next():
    with pytest.raises(ZeroDivisionError):
        time_each(lambda i: 1 / 0, 1)
    assert not timing._LOCK.locked() and len(time_each(lambda i: None, 3).wall_ms) == 3


def test_only_one_measurement_runs_in_the_process_at_a_time():
    gate, inside, most = threading.Barrier(4), [], []

    def call(i):
        inside.append(i)
        most.append(len(inside))
        time.sleep(0.001)  # gives the others every chance to break in
        inside.pop()

    def ask(_):
        gate.wait(10)
        return time_each(call, 5)

    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(ask, range(4)))) == 4
    assert max(most) == 1


# Batches


def test_every_batch_size_gets_its_own_samples(clock):
    timed = time_batches(lambda size: clock.work(2 + size, 2 + size), (1, 8), repeats=3)
    assert {size: each.wall_ms.tolist() for size, each in timed.items()} == {1: [3.0] * 3, 8: [10.0] * 3}


def test_batch_sizes_take_turns_so_that_a_slow_spell_touches_all_of_them(clock):
    seen = []
    time_batches(lambda size: (seen.append(size), clock.work(1, 1)), (1, 8), repeats=3)
    assert seen[-6:] == [1, 8, 1, 8, 1, 8]


# What it was measured on


def test_the_environment_names_machine_threads_and_versions():
    told = environment()
    assert {"processor", "cores", "system", "python", "threads", "numpy"} <= set(told)
    assert told["numpy"] == np.__version__ and told["threads"] == os.environ["OMP_NUM_THREADS"]


def test_a_package_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(timing, "PACKAGES", ("numpy", "no-such-package-here"))
    told = environment.__wrapped__()
    assert "numpy" in told and "no-such-package-here" not in told


def test_a_machine_without_a_list_of_processors_still_has_a_name(monkeypatch):
    def missing(*_):
        raise OSError("no such file")

    monkeypatch.setattr("builtins.open", missing)
    assert timing._processor()
