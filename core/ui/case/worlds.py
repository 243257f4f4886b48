"""What the headline's interval covers, in one line, and the worlds that are graded for it in the background."""

from __future__ import annotations

import os
import time

import streamlit as st

from core.metrics.worlds import MOST_WORLDS
from core.runtime.fair_queue import QUEUE
from core.runtime.results import RESULTS
from core.runtime.ticket import Rank
from core.runtime.worlds import WORLDS, worlds_of
from core.ui import jobs, state
from core.ui.live import follow
from core.ui.markup import prose, slot
from core.ui.page_run import PageRun

# On unless a server should measure nothing but what visitors ask for.
ON = os.environ.get("KNEEPOINT_WORLDS", "on") == "on"
AFTER_S = 3.0  # without a visitor who waits: the page draws first
LOOK_S = 0.2
POLL_S = 5.0  # Streamlit loses the redraw of a move that ends just as a timer asks, so it asks seldom


def graded(run: PageRun) -> None:
    """Grade the present design in other worlds in the background; with the last one the page follows."""
    if run.case.qualities[0].key not in run.present.measured.quality:
        return
    name = state.key(run.case, "worlds")
    if ON:
        _start(run, name)
    with slot():
        follow(lambda: _seen(name), lambda: _running(name), jobs.poll_s(POLL_S))


def line(run: PageRun) -> None:
    """What the interval of the first quality covers, in one line."""
    if run.case.qualities[0].key in run.present.measured.quality:
        st.caption(prose(_words(run, state.key(run.case, "worlds"))))


def _seen(name: str) -> None:
    job = jobs.task(jobs.session(), name)
    if job is not None and job.running:
        job.seen()


def _words(run: PageRun, name: str) -> str:
    axis, present = run.case.qualities[0], run.present
    job, own = jobs.task(jobs.session(), name), present.measured.quality[axis.key].value
    words = f"{axis.label}: {present.quality(axis.key).covers}."
    if job is not None and job.running:
        return f"{words} In the background {job.done} of {MOST_WORLDS} worlds are graded."
    if len(WORLDS.known(run.case, present.design, present.seed)) > 1:
        return f"{words} With seed {present.seed} alone it is {own:.3f}, and the charts compare designs within that."
    return words


def _start(run: PageRun, name: str) -> None:
    """Queue the worlds of the present design, once; those of the design before are given up."""
    case, design, seed = run.case, run.present.design, run.present.seed
    job, of = jobs.task(jobs.session(), name), state.key(case, "worlds of")
    same = job is not None and st.session_state.get(of) == (design, seed)
    if same and (job.running or job.failure):
        return
    if WORLDS.known(case, design, seed) and not RESULTS.is_noisy(case, design, seed):
        if job is not None and job.running:
            job.cancel()
        return
    st.session_state[of] = (design, seed)
    jobs.start(jobs.session(), name, MOST_WORLDS, lambda job: _grade(job, run), Rank.WORLD)


def _grade(job: jobs.Job, run: PageRun) -> None:
    case, design, seed = run.case, run.present.design, run.present.seed
    begins_s = time.monotonic() + AFTER_S
    while time.monotonic() < begins_s and not job.stopped():
        time.sleep(LOOK_S)
        if QUEUE.n_before(Rank.WORLD):  # no visitor waits longer for the sake of an interval
            begins_s = time.monotonic() + AFTER_S
    RESULTS.replace_noisy(case, design, seed)
    job.collect(worlds_of(case, design, seed))
    if job.results and not job.stopped():
        WORLDS.add(case, design, seed, job.results)


def _running(name: str) -> bool:
    job = jobs.task(jobs.session(), name)
    return job is not None and job.running
