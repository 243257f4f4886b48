"""A thumbnail of a case's frontier from measured designs, or a button that measures some."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.charts.thumbnail import STYLE, thumbnail
from core.contract.case import SEED, Case, Measurement
from core.contract.design import Design, data_dials
from core.formatting import ms_text
from core.runtime.recorded import recorded_designs
from core.runtime.results import RESULTS
from core.runtime.sweep import spread
from core.ui import cards, jobs
from core.ui.live import follow
from core.ui.markup import html

SMALL = 8  # designs measured by the button: seconds for most cases
POLL_S = 1.5


def picture(case: Case) -> None:
    """The thumbnail and its sentence, redrawn while designs are measured; “not run yet” without any."""
    follow(lambda: _live(case), lambda: jobs.sweeping(case), POLL_S)


def _live(case: Case) -> None:
    job = jobs.of(jobs.session(), case)
    running = job is not None and job.running
    known = _points(case)
    kept = () if known else recorded_designs(case)
    if known:
        _drawing(case, known, "run here", "measured")
    elif kept:
        points = _on_default_data(case, {one.design: one.measured for one in kept if one.seed == SEED})
        _drawing(case, points, f"recorded on {kept[0].recorded_on}, {kept[0].processor}", "recorded")
    elif not running:
        st.caption("Not run yet on this server, so there is nothing to draw.")
    if running:
        job.seen()
        words = "Waiting for another sweep" if job.waiting else f"{job.done} of {job.total} designs measured"
        st.progress(job.done / max(1, job.total), words)
    elif len(known) < SMALL:
        _offer(case, job)


def _offer(case: Case, job: jobs.Job | None) -> None:
    if job is not None and job.errors:
        st.caption(f"{len(job.errors)} designs could not be run; the first said: {job.errors[0].error}")
    label, key = f"Run {SMALL} designs", f"home.run.{case.slug}"
    help = f"A small sweep of {case.title.lower()} on this server, in the background."
    if st.button(label, key=key, icon=":material/scatter_plot:", help=help):
        designs = [case.baseline, *spread(case.Design(), SMALL - 1, SEED)]
        jobs.start_sweep(jobs.session(), case, designs, SEED)
        st.rerun()


def _points(case: Case) -> list[tuple[float, float]]:
    """(p50 in ms, quality) of every drawable design on the case's default data."""
    return _on_default_data(case, RESULTS.rows(case, SEED, case.Design()))


def _on_default_data(case: Case, known: Mapping[Design, Measurement]) -> list[tuple[float, float]]:
    key, data = case.qualities[0].key, data_dials(case.Design())
    points = [
        (measured.percentiles_ms["p50"].value, measured.quality[key].value)
        for design, measured in known.items()
        if key in measured.quality and data_dials(design) == data
    ]
    return [(ms, quality) for ms, quality in points if ms > 0]


def _drawing(case: Case, points: list[tuple[float, float]], where: str, badge: str) -> None:
    axis = case.qualities[0]
    words = in_words(axis.label, points, where)
    svg = thumbnail(points, axis.better, words)
    html(f'<div class="kp">{cards.STYLE}{STYLE}{svg}<div class="kp-note">{words} {cards.badge(badge)}</div></div>')


def in_words(label: str, points: list[tuple[float, float]], where: str = "run here") -> str:
    """The number of designs in a thumbnail, where they were measured, and their ranges."""
    times, qualities = zip(*points, strict=True)
    many = f"{len(points)} design{'' if len(points) == 1 else 's'} {where}"
    if len(points) == 1:
        return f"{many}: {label} {qualities[0]:.3f} at p50 {ms_text(times[0])}."
    span = f"{label} {min(qualities):.3f} to {max(qualities):.3f}, p50 {ms_text(min(times))} to {ms_text(max(times))}"
    return f"{many}: {span}. Up is better, left is faster."
