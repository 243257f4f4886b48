"""The rows of this process: bounded, shared by threads, and never changed once written."""

import threading
from concurrent.futures import ThreadPoolExecutor

import cachetools
import pytest

from core.runtime import results
from core.runtime.results import RETRY_S, Results
from tests.factory import case, measurement
from tests.toy_case import ToyDesign

SMALL, LARGE = ToyDesign(dim=4), ToyDesign(dim=64)
FOUR = [ToyDesign(dim=dim, noise=noise) for dim in (4, 16) for noise in (0.0, 0.5)]


def counted(calls, slug="made"):
    def run(design, seed):
        calls.append((design, seed))
        return measurement()

    return case(run, slug)


def test_a_design_is_measured_once_a_seed():
    calls, ledger = [], Results()
    made = counted(calls)
    first = ledger.measure(made, SMALL, 0)
    assert ledger.measure(made, SMALL, 0) is first and ledger.measure(made, SMALL, 1) is not first
    assert calls == [(SMALL, 0), (SMALL, 1)]


def test_two_cases_do_not_share_rows():
    calls, ledger = [], Results()
    ledger.measure(counted(calls, "one"), SMALL, 0)
    other = counted(calls, "other")
    assert ledger.known(other, SMALL, 0) is None and ledger.rows(other, 0, SMALL) == {}


def test_a_row_never_changes():
    ledger, made, first = Results(), counted([]), measurement()
    ledger.add(made, SMALL, 0, first)
    ledger.add(made, SMALL, 0, measurement())
    assert ledger.known(made, SMALL, 0) is first
    assert ledger.measure(made, SMALL, 0).service_ms is first.service_ms


def written_meanwhile(ledger, first):
    """A case whose design another visitor's sweep writes down while this one measures it."""

    def run(design, seed):
        ledger.add(made, design, seed, first)
        return measurement()

    made = case(run)
    return made


def test_a_row_that_a_sweep_wrote_meanwhile_stays_and_its_figures_are_handed_out():
    ledger, first = Results(), measurement()
    made = written_meanwhile(ledger, first)
    assert ledger.measure(made, SMALL, 0).service_ms is first.service_ms
    assert ledger.known(made, SMALL, 0) is first


def test_pictures_come_with_the_design_on_the_page_and_stay_out_of_the_rows():
    ledger, made = Results(), case(lambda design, seed: measurement(shown="a picture"))
    whole = ledger.measure(made, SMALL, 0)
    assert whole.shown == "a picture" and ledger.measure(made, SMALL, 0) is whole
    assert ledger.known(made, SMALL, 0).shown is None and ledger.rows(made, 0, SMALL)[SMALL].shown is None
    assert ledger.known(made, SMALL, 0).service_ms is whole.service_ms


def test_a_design_that_a_sweep_measured_gets_its_pictures_when_it_is_shown_and_keeps_its_figures():
    ledger, made, swept = Results(), case(lambda design, seed: measurement(shown="a picture")), measurement()
    ledger.add(made, SMALL, 0, swept)
    whole = ledger.measure(made, SMALL, 0)
    assert (whole.shown, whole.service_ms is swept.service_ms) == ("a picture", True)


def test_pictures_are_bounded_and_figures_outlive_them():
    calls, ledger = [], Results(most=10, shown_bytes=100)
    made = counted(calls)
    first = ledger.measure(made, SMALL, 0)
    ledger.measure(made, LARGE, 0)
    again = ledger.measure(made, SMALL, 0)  # runs once more for its pictures
    assert len(calls) == 3 and again.service_ms is first.service_ms


def test_a_design_on_the_page_and_its_row_have_the_same_figures_when_the_row_had_been_dropped():
    ledger, made = Results(most=1), counted([])
    ledger.measure(made, SMALL, 0)
    ledger.measure(made, LARGE, 0)
    shown = ledger.measure(made, SMALL, 0)
    ledger.add(made, SMALL, 0, measurement())
    assert ledger.known(made, SMALL, 0).service_ms is shown.service_ms


def test_a_failure_is_told_and_leaves_no_row():
    def run(design, seed):
        raise RuntimeError("no such weights")

    ledger, made = Results(), case(run)
    with pytest.raises(RuntimeError, match="no such weights"):
        ledger.measure(made, SMALL, 0)
    assert ledger.known(made, SMALL, 0) is None


def test_rows_are_those_of_the_same_world():
    ledger, made = Results(), counted([])
    noisy = ToyDesign(noise=0.5)
    for design, seed in ((SMALL, 0), (LARGE, 0), (noisy, 0), (ToyDesign(), 1)):
        ledger.measure(made, design, seed)
    assert set(ledger.rows(made, 0, ToyDesign())) == {SMALL, LARGE}
    assert set(ledger.rows(made, 0, ToyDesign(noise=0.5, dim=4))) == {noisy}


def test_the_rows_handed_out_are_a_copy():
    ledger, made = Results(), counted([])
    ledger.measure(made, SMALL, 0)
    ledger.rows(made, 0, SMALL).clear()
    assert set(ledger.rows(made, 0, SMALL)) == {SMALL}


def test_the_ledger_is_bounded_and_drops_the_row_used_longest_ago():
    ledger, made = Results(most=2), counted([])
    ledger.measure(made, FOUR[0], 0)
    ledger.measure(made, FOUR[1], 0)
    ledger.known(made, FOUR[0], 0)
    ledger.measure(made, FOUR[2], 0)
    assert [ledger.known(made, design, 0) is not None for design in FOUR[:3]] == [True, False, True]


def test_reading_one_case_does_not_keep_the_rows_of_another():
    ledger, left, read = Results(most=2), counted([], "left"), counted([], "read")
    ledger.measure(read, SMALL, 0)
    ledger.measure(left, SMALL, 0)
    ledger.rows(read, 0, SMALL)
    ledger.measure(read, LARGE, 0)
    assert ledger.known(left, SMALL, 0) is None and set(ledger.rows(read, 0, SMALL)) == {SMALL, LARGE}


def test_many_threads_leave_each_row_as_it_was_first_written():
    ledger, made, gate = Results(most=40), counted([]), threading.Barrier(8)
    designs = [(ToyDesign(dim=dim), seed) for seed in range(20) for dim in (4, 16, 64)]  # more than it holds

    def work(start):
        gate.wait(10)
        for design, seed in designs[start:] + designs[:start]:
            ledger.measure(made, design, seed)
            seen = ledger.rows(made, seed, design)
            assert all(other.noise == 0.0 for other in seen)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(0, 48, 6)))
    kept = [ledger.known(made, *each) for each in designs]
    assert sum(row is not None for row in kept) == 40


def test_every_reading_and_writing_holds_the_lock():
    class Watched(cachetools.LRUCache):
        def __iter__(self):
            held.append(ledger._lock.locked())
            return super().__iter__()

        def __getitem__(self, key):
            held.append(ledger._lock.locked())
            return super().__getitem__(key)

        def __setitem__(self, key, row):
            held.append(ledger._lock.locked())
            super().__setitem__(key, row)

    held, ledger, made = [], Results(), counted([])
    ledger._rows, ledger._shown = Watched(3), Watched(3)
    ledger.measure(made, SMALL, 0)
    ledger.measure(made, SMALL, 0)
    ledger.known(made, SMALL, 0)
    ledger.rows(made, 0, SMALL)
    ledger.clear()
    assert len(held) >= 4 and all(held)


def test_clearing_forgets_every_row():
    ledger, made = Results(), counted([])
    before = ledger.measure(made, SMALL, 0)
    ledger.clear()
    assert ledger.known(made, SMALL, 0) is None and ledger.measure(made, SMALL, 0) is not before


def noisy_then(noises):
    """A case whose readings have these values of noise, one after another."""
    left = iter(noises)
    return case(lambda design, seed: measurement(noise=next(left)))


def test_a_noisy_reading_is_replaced_once_the_machine_is_quiet_and_not_before(monkeypatch):
    ledger, made, now = Results(), noisy_then([5.0, 1.0]), [0.0]
    monkeypatch.setattr(results.time, "monotonic", lambda: now[0])
    monkeypatch.setattr("core.runtime.calls.machine_noise", lambda: 3.0)
    ledger.measure(made, SMALL, 0)
    assert not ledger.replace_noisy(made, SMALL, 0)  # tried just now
    now[0] += RETRY_S
    assert not ledger.replace_noisy(made, SMALL, 0)  # still busy
    monkeypatch.setattr("core.runtime.calls.machine_noise", lambda: 1.0)
    assert not ledger.replace_noisy(made, SMALL, 0)  # tried just now
    assert ledger.measure(made, SMALL, 0).noise == 5.0
    now[0] += RETRY_S
    assert ledger.replace_noisy(made, SMALL, 0)
    assert ledger.measure(made, SMALL, 0).noise == 1.0 and ledger.known(made, SMALL, 0).noise == 1.0
    now[0] += RETRY_S
    assert not ledger.replace_noisy(made, SMALL, 0)  # a quiet one is not timed again: there is no third reading
