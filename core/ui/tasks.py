"""Measurings that somebody asked for by a button: one at a time in the background, with progress and a cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.analysis.extrapolation import Cancelled
from core.contract.design import Design
from core.runtime.results import RESULTS
from core.ui import jobs, state
from core.ui.jobs import Job
from core.ui.live import follow
from core.ui.page_run import PageRun

POLL_S = 0.7

Work = Callable[[Callable[[float, str], None], Callable[[], bool]], Any]  # work(progress, cancelled)


def of(name: str) -> Job | None:
    """The session's task of that name, running or done."""
    return jobs.task(jobs.session(), name)


def start(name: str, work: Work) -> Job:
    """Start a task for this session, behind the sweeps of all; one of the same name is cancelled first."""
    return jobs.start_work(jobs.session(), name, lambda job: work(job.tell, job.stopped))


def panel(run: PageRun, name: str, title: str, draw: Callable[[PageRun], None]) -> None:
    """An expander that draws only when it is opened, by itself, and again while a task of it runs."""

    def drawn() -> None:
        opened = st.expander(title, key=state.key(run.case, f"deeper.{name}.open"), on_change="rerun")
        if opened.open:
            with opened:
                draw(run)

    followed(run, name, drawn)


def followed(run: PageRun, name: str, draw: Callable[[], None]) -> None:
    """Draw a part of the page by itself, and again while the task of that name runs."""
    follow(draw, lambda: _running(run, name), POLL_S)


def _running(run: PageRun, name: str) -> bool:
    task = of(state.key(run.case, f"deeper.{name}"))
    return task is not None and task.running


def button(run: PageRun, name: str, label: str, work: Work, icon: str = ":material/play_arrow:") -> None:
    """A button that starts the work; while it runs, its progress and a cancel instead."""
    key = state.key(run.case, f"deeper.{name}")
    task = of(key)
    if task is not None and task.running:
        task.seen()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.progress(min(1.0, task.share), task.text)
            st.button("Cancel", on_click=task.cancel, key=f"{key}.cancel", icon=":material/stop:")
        return
    if task is not None and task.failure:
        st.warning(task.failure, icon=":material/warning:")
    if st.button(label, key=f"{key}.start", icon=icon):
        start(key, work)
        st.rerun()


def runs(run: PageRun, designs: list[Design]) -> Work:
    """Work that measures designs into the ledger, one after the other."""

    def work(progress: Callable[[float, str], None], cancelled: Callable[[], bool]) -> None:
        for done, design in enumerate(designs):
            if cancelled():
                raise Cancelled("stopped before the next design")
            progress(done / len(designs), f"{done} of {len(designs)} designs measured")
            RESULTS.measure(run.case, design, run.present.seed)

    return work
