"""Checks in the background: one at a time for the whole server, results shared by all visitors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from core.checks.results import VERDICTS, CheckResult
from core.contract.check import verdict_of
from core.ui.jobs import Job

_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checks")
_JOBS: dict[str, Job] = {}
_LOCK = threading.Lock()
MOST_JOBS = 200


def start(session: str, claims: Sequence[CheckResult]) -> Job:
    """Run checks for a session; its previous run is cancelled first."""
    with _LOCK:
        previous = _JOBS.pop(session, None)
        if previous is not None:
            previous.cancel()
        job = _JOBS[session] = Job(total=len(claims))
        _forget_finished()
    _queue(job, list(claims))
    return job


def of(session: str) -> Job | None:
    """The session's run of checks, running or done."""
    with _LOCK:
        return _JOBS.get(session)


def _next(job: Job, left: list[CheckResult]) -> None:
    """Run one check and queue the next, so that simultaneous visitors take turns."""
    if not left or job.stopped():
        return
    first, *rest = left
    known = VERDICTS.known(first.case, first.check, first.seed)
    if known is None or not known.ran:
        VERDICTS.add(first.case, first.check, first.seed, verdict_of(first.check, first.seed))
    job.done += 1
    _queue(job, rest)


def _queue(job: Job, left: list[CheckResult]) -> None:
    with _LOCK:  # else the next check may be queued before this future is stored
        job.future = _POOL.submit(_next, job, left)


def _forget_finished() -> None:
    done = [name for name, job in _JOBS.items() if job.future is not None and not job.running]
    for name in done[: max(0, len(_JOBS) - MOST_JOBS)]:
        del _JOBS[name]
