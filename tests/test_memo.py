"""The memo: lazy, keyed by lineage, single-flight, bounded, read-only, and honest about cost."""

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.contract.case import Estimate
from core.runtime import memo as steps
from core.runtime.memo import (
    LargeFirst,
    Memo,
    build_seconds,
    held_bytes,
    holds_nan,
    nbytes,
    own_seconds,
    recording,
    step,
    trace,
)

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """A memo of its own for each test."""
    CALLS.clear()
    memo = Memo(10_000_000)
    monkeypatch.setattr(steps, "MEMO", memo)
    return memo


def numbers(seed):
    CALLS.append("numbers")
    return np.random.default_rng(seed).normal(size=1_000)


def scaled(values, by):
    CALLS.append("scaled")
    return values * by


def spin(values, seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return values.sum()


def fails(values):
    CALLS.append("fails")
    raise RuntimeError("no such weights")


def test_a_step_is_computed_once_per_lineage():
    one = step(scaled, step(numbers, seed=1), by=2.0)
    np.testing.assert_array_equal(one.value, step(scaled, step(numbers, seed=1), by=2.0).value)
    assert CALLS == ["numbers", "scaled"]


def test_another_parameter_or_input_is_another_key():
    keys = {step(scaled, step(numbers, seed=s), by=b).key for s in (1, 2) for b in (1.0, 2.0, 3)}
    assert len(keys) == 6


def test_inputs_are_not_computed_when_the_step_is_remembered(fresh):
    end = step(scaled, step(numbers, seed=1), by=2.0)
    end.value
    first = step(numbers, seed=1)
    fresh._cache.pop(first.key)  # as if it had been evicted
    step(scaled, first, by=2.0).value
    assert CALLS == ["numbers", "scaled"]


def test_nothing_runs_before_the_value_is_asked_for():
    step(scaled, step(numbers, seed=1), by=2.0)
    assert CALLS == []


def test_values_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        step(numbers, seed=1).value[0] = 0.0


def test_many_threads_that_ask_for_one_design_run_it_once():
    def slow(seed):
        CALLS.append("slow")
        time.sleep(0.1)
        return np.zeros(3)

    gate = threading.Barrier(8)

    def ask(_):
        gate.wait()
        return step(slow, seed=1).value

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert CALLS == ["slow"] and all(a is answers[0] for a in answers)


def test_a_failure_is_told_to_everyone_and_never_remembered():
    end = step(fails, step(numbers, seed=1))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no such weights"):
            end.value
    assert CALLS == ["numbers", "fails", "fails"]


def broken(values, at):
    values = values.copy()
    values[at] = np.nan
    return [{"nested": (Estimate(0.0, 0.0, 0.0, values),)}]


def test_a_step_that_gives_nan_is_refused_by_name_and_never_remembered(fresh):
    ends = step(broken, step(numbers, seed=1), at=-1)
    for _ in range(2):
        with pytest.raises(ValueError, match="“broken” gave NaN"):
            _ = ends.value
    assert ends.key not in fresh.records


def test_infinity_and_numbers_without_nan_may_leave_a_step():
    for array in (
        np.array([-np.inf, 0.0, np.inf]),
        np.zeros(0),
        np.array([1, 2]),
        np.array(["nan"]),
        np.zeros(2, "f2"),
    ):
        assert not holds_nan((array,))
    assert holds_nan(np.array(np.nan)) and holds_nan({"a": np.array([[1, np.nan]], np.float32)})


def test_the_memo_keeps_to_its_bytes(monkeypatch):
    memo = Memo(3 * 8_100)
    monkeypatch.setattr(steps, "MEMO", memo)
    for seed in (1, 2, 3, 1, 4):
        step(numbers, seed=seed).value
    assert 0 < memo.nbytes <= 3 * 8_100
    memo.clear()
    assert memo.nbytes == 0 and not memo.records


def test_large_values_go_first_and_of_those_what_was_used_longest_ago():
    cache = LargeFirst(4 * steps.SMALL_BYTES)
    cache["figures"] = np.ones(10)
    for key in ("a", "b", "c"):
        cache[key] = np.ones(steps.SMALL_BYTES // 8)
    _ = cache["a"]
    cache["d"] = np.ones(steps.SMALL_BYTES // 8)
    assert set(cache) == {"figures", "a", "c", "d"}


def test_small_values_have_a_share_to_themselves_and_no_more():
    cache = LargeFirst(4 * steps.SMALL_BYTES)
    cache["large"] = np.ones(steps.SMALL_BYTES // 8)
    for key in range(300):
        cache[str(key)] = np.ones(1_000)
    assert "large" in cache and "0" not in cache and "299" in cache
    assert cache.currsize <= cache.maxsize
    cache.clear()
    assert not cache.currsize and not len(cache)
    for key in range(300):
        cache[str(key)] = np.ones(10_000)  # and it fills and empties again
    assert "299" in cache and cache.currsize <= cache.maxsize


def test_the_bytes_of_a_step_are_known_without_its_value(fresh):
    end = step(numbers, seed=1)
    assert held_bytes(end) == 8_000
    fresh._cache.pop(end.key)
    CALLS.clear()
    assert held_bytes(end) == 8_000 and CALLS == []


def test_a_value_larger_than_the_memo_is_handed_out_all_the_same(monkeypatch):
    monkeypatch.setattr(steps, "MEMO", Memo(100))
    assert step(numbers, seed=1).value.shape == (1_000,)


def test_the_trace_names_every_step_and_says_which_were_reused():
    first = step(numbers, seed=1)
    first.value
    with recording() as computed:
        end = step(scaled, first, by=2.0)
        end.value
    told = trace(computed, end)
    assert [(r.name, r.reused) for r in told] == [("numbers", True), ("scaled", False)]
    assert all(r.nbytes >= 8_000 for r in told)


def test_by_hand_build_seconds_counts_every_step_behind_the_ends_once(fresh):
    base = step(numbers, seed=1)
    ends = step(scaled, base, by=2.0), step(scaled, base, by=3.0)
    for cpu_s, one in zip((4.0, 0.5, 0.25), (base, *ends), strict=True):
        one.value
        fresh.records[one.key] = dataclasses.replace(fresh.records[one.key], cpu_s=cpu_s)
    assert build_seconds(ends[0]) == 4.5  # what the end rests on is counted although it is not named
    assert build_seconds(*ends) == 4.75  # and once, although two ends rest on it
    assert own_seconds(*ends) == 0.75


def test_a_step_is_charged_its_own_work_and_not_its_inputs(fresh):
    slow = step(spin, step(numbers, seed=1), seconds=0.05)
    end = step(scaled, slow, by=1.0)
    end.value
    assert fresh.records[end.key].cpu_s < fresh.records[slow.key].cpu_s


def test_arrays_and_objects_are_refused_as_parameters():
    with pytest.raises(TypeError, match="arrays come as steps"):
        step(scaled, step(numbers, seed=1), by=np.ones(3))
    with pytest.raises(TypeError, match="inputs are steps"):
        step(scaled, np.ones(3), by=2.0)


def test_bytes_of_sparse_matrices_and_of_models_count():
    from scipy.sparse import csr_array
    from sklearn.linear_model import LinearRegression

    matrix = csr_array(np.eye(1_000))
    assert nbytes(matrix) >= matrix.data.nbytes + matrix.indices.nbytes
    assert nbytes(LinearRegression().fit(np.eye(500), np.eye(500))) >= 500 * 500 * 8
    shared = np.zeros(1_000)
    assert nbytes([shared, shared]) == 64 + 8_000


def test_bytes_of_nested_values_are_the_bytes_of_their_arrays():
    assert nbytes({"a": np.zeros(10), "b": [np.zeros(5, np.float32)]}) == 64 + 80 + 20


def test_a_stage_that_a_design_does_without_is_handed_on_as_none_and_leaves_no_record():
    left_out = step(lambda one, other: (one, other), step(int), None)
    assert left_out.value == (0, None) and len(left_out.lineage()) == 2
    assert left_out.key != step(left_out.function, None, step(int)).key
