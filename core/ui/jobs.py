"""Sweeps in the background: one bounded pool for the whole server, rows as they finish, a cancel within one design."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.analysis.extrapolation import Cancelled
from core.contract.case import Case
from core.contract.design import Design
from core.runtime.results import RESULTS
from core.runtime.sweep import Row, sweep
from core.ui.page_run import TOLD
from core.ui.server import give_back_memory

ORPHANED_S = 30.0  # a sweep that no page has looked at for so long stops by itself
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sweep")  # measurements run one at a time anyway
_JOBS: dict[tuple[str, str], Job] = {}
_LOCK = threading.Lock()


@dataclass
class Job:
    """One sweep or task of one session: how far it is, what failed, and the switch that stops it."""

    total: int
    done: int = 0
    errors: list[Row] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)  # of a task; a sweep writes into the ledger
    failure: str = ""  # why a task as a whole could not go on
    share: float = 0.0  # of work that tells how far it is
    text: str = "Waiting for earlier work to finish"
    cancelled: bool = False
    last_seen: float = field(default_factory=time.monotonic)
    future: Future | None = None

    @property
    def running(self) -> bool:
        """True until the last row is in or the cancel has taken effect."""
        return self.future is not None and not self.future.done()

    @property
    def waiting(self) -> bool:
        """True while other visitors' sweeps are before this one."""
        return self.running and not self.future.running()

    def cancel(self) -> None:
        """Stop before the next design; what was measured stays."""
        self.cancelled = True
        if self.future is not None:
            self.future.cancel()  # takes effect at once where other visitors' sweeps are still before this one

    def seen(self) -> None:
        """A page is showing this sweep: keep it going."""
        self.last_seen = time.monotonic()

    def tell(self, share: float, text: str) -> None:
        """How far the work is, from 0 to 1, and with what."""
        self.share, self.text = share, text

    def stopped(self) -> bool:
        """True when it was cancelled, or when no page has looked at it for a while."""
        return self.cancelled or time.monotonic() - self.last_seen > ORPHANED_S


def start(session: str, case: Case, designs: list[Design], seed: int) -> Job:
    """Start a sweep for a session; one that it has running on the same case is cancelled first."""
    return _start(session, case.slug, len(designs), lambda job: _work(job, case, designs, seed))


def start_task(session: str, name: str, total: int, work: Callable[[Callable[[], bool]], Iterable[Any]]) -> Job:
    """Start other long work for a session; `work(stopped)` yields its results one by one and asks `stopped` between.

    One that the session has running under that name is cancelled first.
    """
    return _start(session, name, total, lambda job: _do(job, work))


def start_work(session: str, name: str, work: Callable[[Job], None]) -> Job:
    """Start work that tells its own progress by `job.tell` and asks `job.stopped`; raises Cancelled when it stops.

    One that the session has running under that name is cancelled first. What a reader can do something about is kept
    in `failure`.
    """
    return _start(session, name, 1, lambda job: _tell(job, work))


def _start(session: str, name: str, total: int, run: Callable[[Job], None]) -> Job:
    with _LOCK:
        old = _JOBS.get((session, name))
        if old is not None:
            old.cancel()
        job = _JOBS[session, name] = Job(total=total)
        _forget_finished()
    job.future = _POOL.submit(run, job)
    return job


def of(session: str, case: Case) -> Job | None:
    """The session's sweep of a case, running or done."""
    return task(session, case.slug)


def sweeping(case: Case) -> bool:
    """True while this session's sweep of a case runs."""
    job = of(session(), case)
    return job is not None and job.running


def task(session: str, name: str) -> Job | None:
    """The session's task of a name, running or done."""
    with _LOCK:
        return _JOBS.get((session, name))


def session() -> str:
    """The visitor's session; one name for all where a page runs without a browser."""
    context = get_script_run_ctx()
    return context.session_id if context else "no session"


def _work(job: Job, case: Case, designs: list[Design], seed: int) -> None:
    for row in sweep(case, designs, seed, cancelled=job.stopped):
        if row.measurement is None:
            job.errors.append(row)
        else:
            RESULTS.add(case, row.design, seed, row.measurement)
        job.done += 1
    give_back_memory()


def _do(job: Job, work: Callable[[Callable[[], bool]], Iterable[Any]]) -> None:
    try:
        for result in work(job.stopped):
            job.results.append(result)
            job.done += 1
    except Exception as error:  # told on the page that waits for it, where a thread of its own would swallow it
        job.failure = f"{type(error).__name__}: {error}"
    give_back_memory()


def _tell(job: Job, work: Callable[[Job], None]) -> None:
    try:
        if not job.stopped():
            work(job)
    except Cancelled:
        job.cancelled = True
    except Exception as error:  # told on the page that waits for it
        job.failure = str(error) if isinstance(error, TOLD) else f"{type(error).__name__}: {error}"
    give_back_memory()


def _forget_finished(most: int = 200) -> None:
    done = [name for name, job in _JOBS.items() if not job.running and job.future is not None]
    for name in done[: max(0, len(_JOBS) - most)]:
        del _JOBS[name]
