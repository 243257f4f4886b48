"""Measurements started by a button: one at a time in the background, with progress and a cancel."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.contract.design import Design
from core.runtime.channel import Cancelled
from core.runtime.results import RESULTS
from core.ui import jobs, state
from core.ui.jobs import Job, Work
from core.ui.live import follow
from core.ui.markup import plain
from core.ui.page_run import PageRun

POLL_S = 0.7


def of(name: str) -> Job | None:
    """The session's job of that name, running or done."""
    return jobs.task(jobs.session(), name)


def panel(run: PageRun, name: str, title: str, draw: Callable[[PageRun], None]) -> None:
    """An expander of a tab, open at first; it draws on its own, and redraws while its job runs."""

    def drawn() -> None:
        opened = st.expander(title, True, key=state.key(run.case, f"deeper.{name}.open"), on_change="rerun")
        if opened.open:
            with opened:
                draw(run)

    followed(run, name, drawn)


def followed(run: PageRun, name: str, draw: Callable[[], None]) -> None:
    """Draw a part of the page on its own, and redraw it while the job of that name runs."""
    follow(draw, lambda: _running(run, name), jobs.poll_s(POLL_S))


def _running(run: PageRun, name: str) -> bool:
    job = of(state.key(run.case, f"deeper.{name}"))
    return job is not None and job.running


def button(run: PageRun, name: str, label: str, work: Work, icon: str = ":material/play_arrow:") -> None:
    """A button that starts the work; while the work runs, its progress and a cancel take its place."""
    key = state.key(run.case, f"deeper.{name}")
    job = of(key)
    if job is not None and job.running:
        job.seen()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.progress(min(1.0, job.share), job.text)
            st.button("Cancel", on_click=job.cancel, key=f"{key}.cancel", icon=":material/stop:")
        return
    if job is not None and job.failure:
        st.warning(plain(job.failure), icon=":material/warning:")
    if st.button(label, key=f"{key}.start", icon=icon):
        jobs.start(jobs.session(), key, 1, work)
        st.rerun()


def runs(run: PageRun, designs: list[Design]) -> Work:
    """Work that measures designs one after the other and keeps them in RESULTS."""

    def work(job: Job) -> None:
        for done, design in enumerate(designs):
            if job.stopped():
                raise Cancelled("stopped before the next design")
            job.tell(done / len(designs), f"{done} of {len(designs)} designs measured")
            RESULTS.measure(run.case, design, run.present.seed)

    return work
