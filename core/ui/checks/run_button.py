"""A button that runs checks in the background, and then their progress and a cancel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.checks.results import CheckResult
from core.ui import jobs
from core.ui.checks import background
from core.ui.live import follow

POLL_S = 1.5


def followed(draw: Callable[[], None]) -> None:
    """Draw a part of the page on its own, and redraw it while checks of this session run."""
    follow(draw, _running, jobs.poll_s(POLL_S))


def controls(waiting: Sequence[CheckResult], label: str, key: Callable[[str], str]) -> None:
    """The button for checks that have not run, or the progress and a cancel while a run goes on."""
    job = background.of(jobs.session())
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if job is not None and job.running:
            job.seen()
            st.progress(job.done / max(1, job.total), f"{job.done} of {job.total} checks run")
            st.button("Cancel", key=key("cancel"), on_click=job.cancel, icon=":material/stop:")
        elif waiting and st.button(label, key=key("run"), icon=":material/fact_check:"):
            start(waiting)
    if job is not None and job.cancelled and not job.running and job.done < job.total:
        st.caption(f"Cancelled after {job.done} of {job.total} checks; what these said stays.")


def here(waiting: Sequence[CheckResult], key: Callable[[str], str]) -> None:
    """The button that runs checks on this machine, whose verdicts then replace the recorded ones."""
    controls(waiting, f"Run here: {len(waiting)} check{'s' * (len(waiting) != 1)}", key)


def idle() -> bool:
    """True when this session runs no checks, so that a new run cancels nothing."""
    return not _running()


def start(waiting: Sequence[CheckResult]) -> None:
    """Run the checks and redraw the page, which then polls until the last result is in."""
    background.start(jobs.session(), waiting)
    st.rerun()


def _running() -> bool:
    job = background.of(jobs.session())
    return job is not None and job.running
