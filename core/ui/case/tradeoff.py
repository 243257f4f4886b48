"""Quality against cost: the present design, its one-knob neighbours and a sweep on demand, every point loadable."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from core.analysis.tradeoff_table import (
    as_table,
    badge_of,
    cost_axes,
    quality_axes,
    roles,
    tradeoff_rows,
    with_front,
)
from core.charts import Axis, tradeoff, tradeoff_summary
from core.contract.case import Case
from core.contract.design import from_query, neighbours
from core.export.figures import asked_lines
from core.runtime.results import RESULTS
from core.runtime.sweep import spread
from core.ui import jobs, state
from core.ui.case import deeper, export, load_curve, sensitivity, slo
from core.ui.figures import config
from core.ui.live import follow
from core.ui.page_run import PageRun

SIZES = (60, 200, 600)
POLL_S = 1.0
# One-knob neighbours are measured without being asked, unless the server is too small for it.
NEIGHBOURS = os.environ.get("KNEEPOINT_NEIGHBOURS", "on") == "on"


def section(study: PageRun) -> None:
    """A chart or two over one table of measured designs, the sweep's controls, the table, and what of it can ship."""
    st.subheader("Quality against what it costs", anchor=False)
    near = [design for _, design in neighbours(study.design)]
    if NEIGHBOURS:
        _measure(study, near)
    follow(lambda: _live(study, near), lambda: jobs.sweeping(study.case), POLL_S)
    deeper.section(study)
    export.section(study)


def _live(study: PageRun, near: Sequence[Any]) -> None:
    if state.must_follow(study.case):
        st.rerun()  # a point was clicked: the whole page follows, not this part alone
    job = jobs.of(jobs.session(), study.case)
    _sweep_controls(study, job)
    with st.container(horizontal=True, gap="medium"):
        only_fit = st.toggle("Only designs that can ship", key=state.key(study.case, "only fit"))
        two = st.toggle("A second chart beside it", key=state.key(study.case, "two charts"))
    known = RESULTS.rows(study.case, study.seed, study.design)
    parts = roles(study.design, study.baseline, study.last, near)
    rows = tradeoff_rows(study.case, known, study.seed, study.needs, study.prices, parts, study.design)
    if only_fit:
        rows = [row for row in rows if not row["ruled_out_by"] or row["role"] == "present"]
    _charts(study, rows, two)
    _table(study.case, rows)
    slo.section(study)
    sensitivity.section(study)
    load_curve.section(study)


def _charts(study: PageRun, rows: list[dict[str, Any]], two: bool) -> None:
    """One chart unless a second is asked for: the browser takes longer to draw one than a remembered design to run."""
    qualities, costs = quality_axes(study.case, study.measured), cost_axes(study.needs)
    if not two:
        left, right = st.columns(2, gap="medium")
        with left:
            quality = _choose(study.case, "y", "Quality", qualities, 0)
        with right:
            against = _choose(study.case, "x1", "Against", costs, 0)
        _chart(study, rows, against, quality, "one")
        return
    quality = _choose(study.case, "y", "Quality", qualities, 0)
    for column, name, chart, first in zip(
        st.columns(2, gap="medium"), ("x1", "x2"), ("one", "two"), (0, 3), strict=True
    ):
        with column:
            _chart(study, rows, _choose(study.case, name, "Against", costs, first), quality, chart)


def _measure(study: PageRun, near: Sequence[Any]) -> None:
    """Measure the one-knob neighbours in the background, once for each design that is opened."""
    job = jobs.of(jobs.session(), study.case)
    if job is not None and job.running and job.total in SIZES:
        return  # a sweep that was asked for goes first
    known = RESULTS.rows(study.case, study.seed, study.design)
    missing = [design for design in near if design not in known]
    asked = state.key(study.case, "neighbours of")
    if missing and st.session_state.get(asked) != (study.design, study.seed):
        st.session_state[asked] = (study.design, study.seed)
        jobs.start(jobs.session(), study.case, missing, study.seed)


def _sweep_controls(study: PageRun, job: jobs.Job | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if job is not None and job.running:
            job.seen()
            st.progress(job.done / max(1, job.total), _progress_text(job))
            st.button("Cancel", on_click=job.cancel, key=state.key(study.case, "cancel"), icon=":material/stop:")
        else:
            size_key = state.key(study.case, "size")
            st.segmented_control("Designs to sweep", SIZES, default=SIZES[0], required=True, key=size_key)
            if st.button("Sweep", key=state.key(study.case, "sweep"), icon=":material/scatter_plot:", type="primary"):
                designs = spread(study.design, st.session_state[size_key], study.seed)
                jobs.start(jobs.session(), study.case, designs, study.seed)
                st.rerun()
    if job is not None and job.errors:
        first = job.errors[0]
        st.warning(
            f"{len(job.errors)} designs could not be run; the first said: {first.error}", icon=":material/warning:"
        )


def _progress_text(job: jobs.Job) -> str:
    if job.waiting:
        return "Waiting for another visitor's sweep to finish"
    return f"{job.done} of {job.total} designs measured"


def _choose(case: Case, name: str, label: str, axes: Mapping[str, Axis], first: int) -> Axis:
    keys = list(axes)
    key = state.key(case, f"axis.{name}")
    if st.session_state.get(key) not in axes:
        st.session_state[key] = keys[min(first, len(keys) - 1)]
    chosen = st.selectbox(label, keys, key=key, format_func=lambda k: f"{axes[k].label} ({badge_of(case, k)})")
    return axes[chosen]


def _chart(study: PageRun, rows: list[dict[str, Any]], x: Axis, y: Axis, name: str) -> None:
    drawn = with_front(rows, x, y)
    lines = asked_lines(study.case, study.needs, x, y)
    words = tradeoff_summary(drawn, x, y)
    key = state.key(study.case, f"chart.{name}")
    st.plotly_chart(
        tradeoff(drawn, x, y, lines=lines),
        key=key,
        on_select=lambda: _load_point(study.case, key),
        selection_mode="points",
        alt=words,
        config=config(study.case, x.column),
    )
    st.caption(words)


def _load_point(case: Case, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    link = points[0].get("customdata") if points else None
    if link:
        _load(case, link[0] if isinstance(link, (list, tuple)) else link)


def _load(case: Case, link: str) -> None:
    design, seed, _ = from_query(case.Design, dict(parse_qsl(link)))
    state.load_from_part(case, design, seed)


def _table(case: Case, rows: list[dict[str, Any]]) -> None:
    key = state.key(case, "table")
    opened = st.expander(f"The table: {len(rows)} measured designs", key=f"{key}.open", on_change="rerun")
    if not opened.open:
        return
    with opened:
        shown = as_table(rows)
        st.caption("Select a row to load that design.")
        st.dataframe(
            shown,
            key=key,
            hide_index=True,
            on_select=lambda: _load_row(case, key, rows),
            selection_mode="single-row",
            alt=f"{len(rows)} measured designs with every knob and figure",
        )
        st.download_button(
            "As CSV", shown.to_csv(index=False), f"{case.slug}.csv", "text/csv", key=f"{key}.csv", on_click="ignore"
        )


def _load_row(case: Case, key: str, rows: list[dict[str, Any]]) -> None:
    chosen = st.session_state[key]["selection"]["rows"]
    if chosen:
        _load(case, rows[chosen[0]]["link"])
