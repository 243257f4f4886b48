"""Quality vs latency, cost or memory: the chart one steers, at a fixed place and height; every point can be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl

import streamlit as st

from core.analysis.figures import FIGURES, first_quality_of, requirement_lines
from core.analysis.tradeoff_table import TradeoffRow, with_front
from core.charts import Axis, tradeoff, tradeoff_summary
from core.contract.case import Case
from core.contract.design import from_query
from core.formatting import short_count
from core.runtime.sweep import shared_spread
from core.ui import jobs, state
from core.ui.figures import config
from core.ui.live import follow_sweep
from core.ui.markup import plain
from core.ui.page_run import PageRun, rows

SIZES = (60, 200, 600)
AXES = {"load_p99_ms": "latency", "usd": "cost", "memory_mb": "memory"}
HEIGHT = 380  # pixels, whatever is drawn


def section(run: PageRun) -> None:
    """The chart over what was measured here and what was recorded, and below it one row of controls."""
    follow_sweep(run.case, lambda: _live(run))


def preview(run: PageRun) -> None:
    """The chart without controls, from recorded measurements alone."""
    x, y = FIGURES["load_p99_ms"].axis, first_quality_of(run.present).axis
    marks = with_front(rows(run, at_asked=True), x, y, whole=False)
    lines = requirement_lines(run.case, run.scenario, x, y)
    st.plotly_chart(tradeoff(marks, x, y, lines=lines, height=HEIGHT), alt=tradeoff_summary(marks, x, y),
                    config=config(run.case, x.column))  # fmt: skip


def _live(run: PageRun) -> None:
    shown = rows(run, _shows_asked(run))
    _chart(run, shown, FIGURES[_axis(run)].axis, first_quality_of(run.present).axis)
    _controls(run)


def _axis(run: PageRun) -> str:
    """The figure of the x axis: the median where the machine was too busy for a p99."""
    chosen = st.session_state.setdefault(state.key(run.case, "axis"), "load_p99_ms") or "load_p99_ms"
    noisy = FIGURES[chosen].noisy_where(run.present)
    return "p50_ms" if noisy and chosen == "load_p99_ms" else chosen


def _shows_asked(run: PageRun) -> bool:
    """Whether the chart shows the designs at the items that were asked, and not at those that were measured."""
    return st.session_state.get(state.key(run.case, "size shown"), "projected") == "projected"


def _controls(run: PageRun) -> None:
    """The axis, the size and a sweep; a running sweep shows its progress and a cancel in that place."""
    case = run.case
    with st.container(key="steer", horizontal=True, gap="small", vertical_alignment="center"):
        st.segmented_control("x axis", list(AXES), required=True, key=state.key(case, "axis"),
                             format_func=AXES.__getitem__, label_visibility="collapsed")  # fmt: skip
        _size(run)
        _sweep(run)


def _size(run: PageRun) -> None:
    projected = run.present.projected
    if not projected.grown:
        return
    sizes = {
        "projected": f"{short_count(projected.items)} projected",
        "measured": f"{short_count(projected.base)} measured",
    }
    key = state.key(run.case, "size shown")
    st.session_state.setdefault(key, "projected")
    st.segmented_control(
        "Size", list(sizes), required=True, key=key, format_func=sizes.__getitem__, label_visibility="collapsed"
    )


def _sweep(run: PageRun) -> None:
    job = jobs.of(jobs.session(), run.case)
    if job is not None and job.running:
        job.seen()
        label = "queued" if job.waiting else f"{job.done} of {job.total}"
        st.button(f"Cancel ({label})", on_click=job.cancel, key=state.key(run.case, "cancel"), icon=":material/stop:")
        return
    opened = st.popover("Sweep", key=state.key(run.case, "sweep.open"), icon=":material/scatter_plot:",
                        on_change="rerun")  # fmt: skip
    if opened.open:
        with opened:
            st.caption("Measure many designs here, spread over the space and around this one.")
            size = st.segmented_control("Designs", SIZES, default=SIZES[0], required=True,
                                        key=state.key(run.case, "sweep.size"))  # fmt: skip
            if st.button("Start", key=state.key(run.case, "sweep"), type="primary"):
                start_sweep(run, size)
                st.rerun()
            if job is not None and job.errors:
                st.warning(f"{len(job.errors)} designs could not be run; the first said: {plain(job.errors[0].error)}")


def start_sweep(run: PageRun, size: int) -> None:
    """Measure so many designs in the background."""
    designs = shared_spread(run.present.design, size, run.present.seed)
    jobs.start_sweep(jobs.session(), run.case, designs, run.present.seed)


def _chart(run: PageRun, shown: Sequence[TradeoffRow], x: Axis, y: Axis) -> None:
    marks = with_front(shown, x, y, whole=False)
    key = state.key(run.case, "chart")
    st.plotly_chart(
        tradeoff(marks, x, y, lines=requirement_lines(run.case, run.scenario, x, y), height=HEIGHT),
        key=key,
        on_select=lambda: _load_point(run.case, key),
        selection_mode="points",
        alt=tradeoff_summary(marks, x, y),
        config=config(run.case, x.column),
    )


def _load_point(case: Case, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    link = points[0].get("customdata") if points else None
    if link:
        load_link(case, link[0] if isinstance(link, (list, tuple)) else link)


def load_link(case: Case, link: str) -> None:
    """Load the design of a mark or a row; only before the widgets are drawn, so in a callback."""
    design, seed, _ = from_query(case.Design, dict(parse_qsl(link)))
    state.load_from_part(case, design, seed)
