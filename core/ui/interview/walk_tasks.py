"""Long work of a step: a button that starts it, its progress, a cancel, and its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from core.ui import jobs, state
from core.ui.markup import plain
from core.ui.page_run import PageRun

POLL_S = 1.0


def name_of(run: PageRun, what: str, *given: Any) -> str:
    """The job name for work on a design."""
    return f"walk.{what}.{run.case.slug}.{run.present.seed}.{run.present.design!r}.{given!r}"


def offer(
    run: PageRun, what: str, label: str, total: int, work: Callable[[Callable[[], bool]], Iterable[Any]], *given: Any
) -> list[Any]:
    """The button, or the progress while the job runs; returns its results so far. Nothing runs without a click."""
    name = name_of(run, what, *given)
    job = jobs.task(jobs.session(), name)
    if job is not None and job.running:
        st.fragment(_progress, run_every=jobs.poll_s(POLL_S))(name, state.key(run.case, f"walk.{what}.cancel"))
        return list(job.results)
    key = state.key(run.case, f"walk.{what}")
    if total and st.button(label, key=key, icon=":material/play_arrow:"):
        jobs.start(jobs.session(), name, total, lambda job: job.collect(work(job.stopped)))
        st.rerun()
    if job is not None:
        _outcome(job, total)
    return [] if job is None else list(job.results)


def _progress(name: str, key: str) -> None:
    job = jobs.task(jobs.session(), name)
    if job is None or not job.running:
        st.rerun()  # the whole page: the last result is in
    job.seen()
    with st.container(horizontal=True, vertical_alignment="center"):
        text = "Waiting for earlier work to finish" if job.waiting else f"{job.done} of {job.total} done"
        st.progress(min(1.0, job.done / max(1, job.total)), text)
        st.button("Cancel", key=key, on_click=job.cancel, icon=":material/stop:")


def _outcome(job: jobs.Job, total: int) -> None:
    failed = [result for result in job.results if getattr(result, "error", "")]
    if job.failure:
        st.warning(f"This could not go on: {plain(job.failure)}", icon=":material/warning:")
    if failed:
        first = plain(str(failed[0].error))
        st.warning(f"{len(failed)} runs failed; the first said: {first}", icon=":material/warning:")
    if job.cancelled:
        st.caption(f"Cancelled after {job.done} of {job.total}; what was measured stays.")
