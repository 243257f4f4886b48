"""Background work of visitors: results as they finish, a cancel at once, and a stop when nobody looks.

A job is a thread of the server that waits; what it measures goes through the line before the workers (`there`), where
visitors take turns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.contract.case import Case
from core.contract.design import Design
from core.runtime.calls import by, in_line
from core.runtime.channel import Cancelled
from core.runtime.fair_queue import QUEUE
from core.runtime.results import RESULTS
from core.runtime.sweep import Row, sweep
from core.runtime.ticket import Rank
from core.ui.errors import READER_ERRORS

ORPHANED_S = 30.0  # a job that no page has shown for so long stops by itself
MOST_AT_ONCE = 8  # designs of one sweep, where there are as many workers
MOST_RUNNING = 150  # jobs of one rank, of all visitors; each is a thread
POLL_S, SLOWEST_POLL_S, WAITING_PER_S = 1.0, 8.0, 10.0  # a page looks less often the more calls wait
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
    rank: Rank = Rank.SWEEP
    thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """True until the last row is in or the cancel has taken effect."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def waiting(self) -> bool:
        """True while nothing of it is done and calls of others are ahead."""
        return self.running and not self.done and not self.share and QUEUE.n_waiting() > 0

    def cancel(self) -> None:
        """Stop before the next stage of a pipeline; what was measured stays."""
        self.cancelled = True

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


def start(session: str, name: str, total: int, work: Work, rank: Rank = Rank.SWEEP) -> Job:
    """Begin work of a session under a name; a running job of the same name is cancelled first.

    The work measures by `there`, reports by `job.tell` or `job.collect`, and may raise Cancelled. Any other error
    ends up in `job.failure`.
    """
    with _LOCK:
        previous = _JOBS.get((session, name))
        if previous is not None:
            previous.cancel()
        _forget_finished()
        job = _JOBS[session, name] = Job(total=total, rank=rank)
        if sum(one.running and one.rank == rank for one in _JOBS.values()) >= MOST_RUNNING:
            job.failure = "This server has too much to do. Try again in a minute."
            return job
        job.thread = threading.Thread(target=_run, args=(job, work, session, rank), name=name, daemon=True)
        job.thread.start()
    return job


def start_sweep(session: str, case: Case, designs: list[Design], seed: int) -> Job:
    """Begin a sweep of a case, which writes its rows into RESULTS."""
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


def poll_s(usual_s: float = POLL_S) -> float:
    """Seconds until a page looks again at what it waits for: more, the longer the line before the workers is."""
    return min(SLOWEST_POLL_S, usual_s * (1 + QUEUE.n_waiting() / WAITING_PER_S))


def _run(job: Job, work: Work, session: str, rank: Rank) -> None:
    try:
        with by(in_line(session, rank, job.stopped)):
            if not job.stopped():
                work(job)
    except Cancelled:
        job.cancelled = True
    except Exception as error:  # shown on the page, where a worker thread would swallow it
        job.failure = str(error) if isinstance(error, READER_ERRORS) else f"{type(error).__name__}: {error}"


def _sweep(job: Job, case: Case, designs: list[Design], seed: int) -> None:
    for row in sweep(case, designs, seed, cancelled=job.stopped, at_once=min(QUEUE.workers.n, MOST_AT_ONCE)):
        if row.measurement is None:
            job.errors.append(row)
        else:
            RESULTS.add(case, row.design, seed, row.measurement)
        job.done += 1


def _forget_finished(most: int = 200) -> None:
    done = [name for name, job in _JOBS.items() if not job.running]
    for name in done[: max(0, len(done) - most)]:
        del _JOBS[name]
