"""Worker processes: what they run, where, and what happens when one dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

from core.catalog import BY_SLUG
from core.checks.results import named_check, run_check
from core.runtime import fair_queue, workers
from core.runtime.calls import by, in_line, run_design, submit, there
from core.runtime.channel import Cancelled
from core.runtime.fair_queue import FairQueue
from core.runtime.ticket import Rank
from core.runtime.workers import _held, processes, usable_cores

CASE = BY_SLUG["people_you_may_know"]
PATIENCE_S = 120
_GROWN = []  # by a worker
ROOT = Path(__file__).resolve().parents[1]
LEAVES = """
import os, threading
from core.runtime import workers

first = min(os.sched_getaffinity(0))
workers.usable_cores = lambda: [first, first + 1]
moved, seen = threading.Event(), []
threads = [threading.Thread(target=lambda: moved.wait() and seen.append(os.sched_getaffinity(0))) for _ in range(2)]
[thread.start() for thread in threads]
workers.leave_to_workers(workers.processes())
moved.set()
[thread.join() for thread in threads]
print(all(cores == {first} for cores in [*seen, os.sched_getaffinity(0)]), len(seen))
"""
ASKS_A_WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
from core.runtime.channel import Channel
from core.runtime.workers import processes

made = processes()
print(made.submit(Channel("/no such folder/1"), str, ("done",), False).result(60))
made.shutdown()
"""
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:A worker was restarted")]


@pytest.fixture(scope="module")
def line():
    made = FairQueue(processes())
    yield made
    made.workers.shutdown()


def called(line, function, *arguments):
    return submit(line, "a visitor", Rank.DESIGN, function, *arguments).future.result(PATIENCE_S)


def test_a_design_is_measured_elsewhere_and_gives_what_it_gives_here(line):
    there, here = called(line, run_design, CASE, CASE.Design(), 0), CASE.run(CASE.Design(), seed=0)
    assert {k: e.value for k, e in there.quality.items()} == {k: e.value for k, e in here.quality.items()}
    assert (there.memory_bytes, there.counts) == (here.memory_bytes, here.counts)
    assert called(line, os.getpid) != os.getpid()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system places processes itself")
def test_a_worker_has_a_core_of_its_own(line):
    (core,) = called(line, os.sched_getaffinity, 0)
    assert core in usable_cores()


@pytest.mark.parametrize(("seen", "may", "n"), [(1, 1, 1), (2, 2, 1), (8, 8, 7), (64, 64, 63), (64, 2, 1), (64, 4, 3)])
def test_there_are_as_many_workers_as_a_container_has_the_time_of(monkeypatch, seen, may, n):
    monkeypatch.setattr(workers, "usable_cores", lambda: list(range(seen)))
    monkeypatch.setattr("loky.cpu_count", lambda: may)
    assert processes().n == n


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system places processes itself")
def test_a_core_is_free_again_once_its_worker_has_ended(tmp_path):
    name = str(tmp_path / "1")
    holds = "import sys; from core.runtime.workers import _held; print(_held(sys.argv[1]), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", holds, name], cwd=ROOT, stdin=PIPE, stdout=PIPE) as worker:
        assert worker.stdout.readline().strip() == b"True"
        assert not _held(name)
        worker.kill()
    assert _held(name)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="the system does not tell a process's threads")
def test_the_server_leaves_the_workers_cores_with_all_its_threads():
    found = subprocess.run([sys.executable, "-c", LEAVES], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
    assert found.stdout.strip() == "True 2", found.stderr


def test_workers_import_nothing_of_the_folder_that_the_server_was_started_in(tmp_path):
    (tmp_path / "cloudpickle.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    command = [sys.executable, "-P", "-c", ASKS_A_WORKER, str(ROOT)]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S)
    assert found.stdout.strip() == "done", found.stderr


def test_the_memo_of_a_worker_outlives_a_call(line):
    called(line, run_design, CASE, CASE.Design(), 0)
    again = called(line, run_design, CASE, CASE.Design(), 0)
    assert again.steps and all(step.reused for step in again.steps)


def test_a_check_goes_by_its_address_and_its_verdict_comes_back(line):
    check = next(check for check in CASE.checks if check.kind == "DEF" or check.kind == "INV")
    assert called(line, run_check, named_check(CASE, check.id, 0)).ran


def test_a_worker_that_is_killed_is_replaced_and_its_call_made_once_more(line, tmp_path):
    assert called(line, _die_once, str(tmp_path / "died")) == "alive"


def test_an_error_that_cannot_be_sent_says_what_it_says_and_the_worker_lives(line):
    worker = called(line, os.getpid)
    with pytest.raises(RuntimeError, match="AnswerRefused: 404 from the hub"):
        called(line, _refused)
    assert called(line, os.getpid) == worker


def test_a_worker_that_has_grown_too_large_is_replaced_and_the_next_has_its_core_too(line):
    called(line, os.getpid)  # what it has grown is reckoned from its first call on
    before = called(line, _placed)
    called(line, _grow)
    called(line, time.sleep, 0)
    after = called(line, _placed)
    assert after != before and after[1] == before[1]


def test_work_in_the_line_reports_and_gives_up_at_once(line):
    told = []
    with by(in_line("a visitor", Rank.SWEEP, stopped=lambda: bool(told), queue=line)):
        began_s = time.monotonic()
        with pytest.raises(Cancelled):
            there(_slow, progress=lambda share, text: told.append(text), cancelled=lambda: False)
    assert told[0] == "begun" and time.monotonic() - began_s < PATIENCE_S


class AnswerRefused(Exception):
    """Needs more than its message, so that no other process can make it from that alone."""

    def __init__(self, message, *, answer):
        super().__init__(message)
        self.answer = answer


def _refused():
    raise AnswerRefused("404 from the hub", answer=404)


def _placed():
    return os.getpid(), os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None


def _grow():
    _GROWN.append(np.ones(115_000_000))  # 920 MB
    time.sleep(1.2)  # loky looks once a second


def test_a_call_that_was_given_up_and_hears_no_stop_gives_its_worker_free(line, monkeypatch):
    monkeypatch.setattr(fair_queue, "STUCK_S", 0.2)
    stuck = submit(line, "a visitor", Rank.DESIGN, time.sleep, PATIENCE_S)
    line.leave(stuck, "a visitor")
    began_s, after = time.monotonic(), submit(line, "another", Rank.DESIGN, os.getpid)
    while not after.done_within(0.2):
        line.place(after)  # as a page asks that waits
    assert time.monotonic() - began_s < PATIENCE_S / 2 and after.future.result()


def _die_once(mark):
    if not os.path.exists(mark):
        open(mark, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def _slow(*, progress, cancelled):
    progress(0.0, "begun")
    while not cancelled():
        time.sleep(0.05)
