"""Quality vs cost: the present design, its neighbours and a sweep on demand; every point can be loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import streamlit as st

from core.analysis.figures import Figure, cost_figures, quality_figures, requirement_lines
from core.analysis.tradeoff_table import TradeoffRow, as_table, with_front
from core.charts import Axis, tradeoff, tradeoff_summary
from core.contract.case import Case
from core.contract.design import Design, from_query, neighbours
from core.formatting import count_text
from core.runtime.sweep import spread
from core.ui import jobs, page_run, state
from core.ui.figures import choose_figure, config
from core.ui.live import follow_sweep
from core.ui.page_run import PageRun

SIZES = (60, 200, 600)
# Neighbours are measured automatically unless the server is too small.
NEIGHBOURS = os.environ.get("KNEEPOINT_NEIGHBOURS", "on") == "on"


def section(run: PageRun) -> None:
    """One or two charts over a table of measured designs, the sweep's controls, and the table."""
    st.subheader("Quality against what it costs", anchor=False)
    neighbour_designs = [design for _, design in neighbours(run.present.design)]
    if NEIGHBOURS:
        _measure(run, neighbour_designs)
    follow_sweep(run.case, lambda: _live(run, neighbour_designs))


def _live(run: PageRun, neighbour_designs: Sequence[Design]) -> None:
    job = jobs.of(jobs.session(), run.case)
    _sweep_controls(run, job)
    with st.container(horizontal=True, gap="medium"):
        only_fit = st.toggle("Only designs that can ship", key=state.key(run.case, "only fit"))
        two = st.toggle("A second chart beside it", key=state.key(run.case, "two charts"))
        at_asked = _at_asked(run)
    rows = page_run.rows(run, at_asked, neighbour_designs)
    if only_fit:
        rows = [row for row in rows if row.evaluated.feasible or row.role == "present"]
    _charts(run, rows, two)
    _table(run.case, rows)


def _at_asked(run: PageRun) -> bool:
    """Whether the chart shows the designs at the items that were asked, and not at those that were measured."""
    projected = run.present.projected
    if not projected.grown:
        return True
    sizes = {"projected": count_text(projected.items), "measured": count_text(projected.base)}
    shown = st.segmented_control(
        run.scenario.requirements.items_are.capitalize(),
        list(sizes),
        default="projected",
        required=True,
        key=state.key(run.case, "size shown"),
        format_func=lambda kind: f"{sizes[kind]} {kind}",
    )
    return shown == "projected"


def _charts(run: PageRun, rows: list[TradeoffRow], two: bool) -> None:
    """One chart unless a second is requested, since drawing takes the browser longer than a cached run."""
    qualities = quality_figures(run.case, run.present)
    costs = cost_figures(run.scenario, indexed=run.present.measured.index_build_s > 0)
    if not two:
        left, right = st.columns(2, gap="medium")
        with left:
            quality = _choose(run, "y", "Quality", qualities, 0)
        with right:
            against = _choose(run, "x1", "Against", costs, 0)
        _chart(run, rows, against, quality, "one")
        return
    quality = _choose(run, "y", "Quality", qualities, 0)
    for column, name, chart, first in zip(
        st.columns(2, gap="medium"), ("x1", "x2"), ("one", "two"), (0, 3), strict=True
    ):
        with column:
            _chart(run, rows, _choose(run, name, "Against", costs, first), quality, chart)


def _measure(run: PageRun, neighbour_designs: Sequence[Design]) -> None:
    """Measure the neighbours of the present design in the background, once per design."""
    job = jobs.of(jobs.session(), run.case)
    if job is not None and job.running and job.total in SIZES:
        return  # a requested sweep goes first
    known = run.known()
    missing = [design for design in neighbour_designs if design not in known]
    measured_for = state.key(run.case, "neighbours of")
    if missing and st.session_state.get(measured_for) != (run.present.design, run.present.seed):
        st.session_state[measured_for] = (run.present.design, run.present.seed)
        jobs.start_sweep(jobs.session(), run.case, missing, run.present.seed)


def _sweep_controls(run: PageRun, job: jobs.Job | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if job is not None and job.running:
            job.seen()
            st.progress(job.done / max(1, job.total), _progress_text(job))
            st.button("Cancel", on_click=job.cancel, key=state.key(run.case, "cancel"), icon=":material/stop:")
        else:
            size_key = state.key(run.case, "size")
            st.segmented_control("Designs to sweep", SIZES, default=SIZES[0], required=True, key=size_key)
            if st.button("Sweep", key=state.key(run.case, "sweep"), icon=":material/scatter_plot:", type="primary"):
                designs = spread(run.present.design, st.session_state[size_key], run.present.seed)
                jobs.start_sweep(jobs.session(), run.case, designs, run.present.seed)
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


def _choose(run: PageRun, name: str, label: str, figures: Mapping[str, Figure], first: int) -> Axis:
    key = state.key(run.case, f"axis.{name}")
    return choose_figure(label, key, figures, first, run.present).axis


def _chart(run: PageRun, rows: list[TradeoffRow], x: Axis, y: Axis, name: str) -> None:
    marks = with_front(rows, x, y)
    words = tradeoff_summary(marks, x, y)
    key = state.key(run.case, f"chart.{name}")
    st.plotly_chart(
        tradeoff(marks, x, y, lines=requirement_lines(run.case, run.scenario, x, y)),
        key=key,
        on_select=lambda: _load_point(run.case, key),
        selection_mode="points",
        alt=words,
        config=config(run.case, x.column),
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


def _table(case: Case, rows: list[TradeoffRow]) -> None:
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


def _load_row(case: Case, key: str, rows: list[TradeoffRow]) -> None:
    chosen = st.session_state[key]["selection"]["rows"]
    if chosen:
        _load(case, rows[chosen[0]].link)
