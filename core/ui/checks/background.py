"""Checks in the background: one after another for a visitor, visitors in turns, results shared by all of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.checks.results import VERDICTS, CheckResult, run_check
from core.runtime.calls import there
from core.runtime.ticket import Rank
from core.ui import jobs
from core.ui.jobs import Job

NAME = "checks"


def start(session: str, claims: Sequence[CheckResult]) -> Job:
    """Run checks for a session; its previous run is cancelled first."""
    return jobs.start(session, NAME, len(claims), lambda job: _run(job, claims), Rank.CHECK)


def of(session: str) -> Job | None:
    """The session's run of checks, running or done."""
    return jobs.task(session, NAME)


def _run(job: Job, claims: Sequence[CheckResult]) -> None:
    for claim in claims:
        if job.stopped():
            return
        known = VERDICTS.known(claim.case, claim.check, claim.seed)
        if known is None or not known.ran:
            same = (claim.case.slug, claim.check.id, claim.seed)
            VERDICTS.add(claim.case, claim.check, claim.seed, there(run_check, claim, same=same))
        job.done += 1
