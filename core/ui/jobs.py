"""Background work: one pool for the whole server, results as they finish, and a cancel that takes effect in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.contract.case import Case
from core.contract.design import Design
from core.runtime.beside import held
from core.runtime.results import RESULTS
from core.runtime.sweep import Row, sweep
from core.scaling import Cancelled
from core.ui.page_run import READER_ERRORS

ORPHANED_S = 30.0  # a job that no page has shown for so long stops by itself
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sweep")  # measurements run one at a time anyway
_BESIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")  # one visitor at a time
_JOBS: dict[tuple[str, str], Job] = {}
_LOCK = threading.Lock()


@dataclass
class Job:
    """One piece of background work of one session: its progress, its failures and its cancel switch."""

    total: int
    done: int = 0
    errors: list[Row] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)  # a sweep writes into RESULTS instead
    failure: str = ""  # why the work as a whole stopped
    share: float = 0.0  # progress from 0 to 1, where the work reports it
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
        """True while work of other visitors is ahead in the queue."""
        return self.running and not self.future.running()

    def cancel(self) -> None:
        """Stop before the next design; what was measured stays."""
        self.cancelled = True
        if self.future is not None:
            self.future.cancel()  # takes effect at once while the job is still queued

    def seen(self) -> None:
        """Record that a page shows this job, which keeps it running."""
        self.last_seen = time.monotonic()

    def tell(self, share: float, text: str) -> None:
        """Report progress from 0 to 1 and what the work is doing."""
        self.share, self.text = share, text

    def collect(self, results: Iterable[Any]) -> None:
        """Keep results one by one as they come."""
        for result in results:
            self.results.append(result)
            self.done += 1

    def stopped(self) -> bool:
        """True after a cancel, or when no page has shown the job for ORPHANED_S seconds."""
        return self.cancelled or time.monotonic() - self.last_seen > ORPHANED_S


Work = Callable[[Job], None]


def start(session: str, name: str, total: int, work: Work, beside: bool = False) -> Job:
    """Queue work of a session under a name; a running job of the same name is cancelled first.

    Work that runs `beside` this process waits for no measurement and no measurement for it: it has a queue of its own.
    The work reports by `job.tell` or `job.collect` and checks `job.stopped`; it may raise Cancelled. Any other error
    ends up in `job.failure`.
    """
    with _LOCK:
        previous = _JOBS.get((session, name))
        if previous is not None:
            previous.cancel()
        job = _JOBS[session, name] = Job(total=total)
        _forget_finished()
    job.future = (_BESIDE if beside else _POOL).submit(_run, job, work)
    return job


def start_sweep(session: str, case: Case, designs: list[Design], seed: int) -> Job:
    """Queue a sweep of a case, which writes its rows into RESULTS."""
    return start(session, case.slug, len(designs), lambda job: _sweep(job, case, designs, seed))


def of(session: str, case: Case) -> Job | None:
    """The session's sweep of a case, running or done."""
    return task(session, case.slug)


def sweeping(case: Case) -> bool:
    """True while this session sweeps the case."""
    job = of(session(), case)
    return job is not None and job.running


def task(session: str, name: str) -> Job | None:
    """The session's job of that name, running or done."""
    with _LOCK:
        return _JOBS.get((session, name))


def session() -> str:
    """The id of the visitor's session; a fixed name where a page runs without a browser."""
    context = get_script_run_ctx()
    return context.session_id if context else "no session"


def _run(job: Job, work: Work) -> None:
    try:
        if not job.stopped():
            work(job)
    except Cancelled:
        job.cancelled = True
    except Exception as error:  # shown on the page, where a worker thread would swallow it
        job.failure = str(error) if isinstance(error, READER_ERRORS) else f"{type(error).__name__}: {error}"


def _sweep(job: Job, case: Case, designs: list[Design], seed: int) -> None:
    with held():
        for row in sweep(case, designs, seed, cancelled=job.stopped):
            if row.measurement is None:
                job.errors.append(row)
            else:
                RESULTS.add(case, row.design, seed, row.measurement)
            job.done += 1


def _forget_finished(most: int = 200) -> None:
    done = [name for name, job in _JOBS.items() if not job.running and job.future is not None]
    for name in done[: max(0, len(_JOBS) - most)]:
        del _JOBS[name]
