"""The first screen of a case page: requirements, four tiles, the chart one steers, one request, and what changed.

Every part has its place before anything is measured, so that nothing moves when figures come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.contract.case import Case
from core.contract.design import Design
from core.ui import companions, controls, page_run, slo_bar, state
from core.ui.case import changed, header, prediction, tiles, tradeoff, worlds
from core.ui.page_run import PageRun

STYLE = Path(__file__).parents[1] / "static" / "first_screen.css"
WIDTHS = (2.15, 1)  # of the chart and of the request beside it


@dataclass(frozen=True)
class Page:
    """A case page as opened: the visitor's design, and the run that is shown unless it could not be run."""

    case: Case
    design: Design
    seed: int
    run: PageRun | None


def draw(case: Case, one_request: Callable[[PageRun], None]) -> Page:
    """The whole first screen; `one_request` draws what one request gets now, in the column beside the chart."""
    st.html(STYLE)
    beside = companions.of(case)
    notes = state.open_link(case, state.PERSONAL) + beside.settle()
    actions = header.head(case)
    for note in notes:
        st.warning(note, icon=":material/link_off:")
    beside.bar()
    slo_bar.bar(case, beside.panel.fixed)
    design, seed, scenario = controls.turned(case, beside.link, beside.panel)
    figures = st.container(key="tiles").empty()
    with st.container(key="body"):
        left, right = st.columns(WIDTHS, gap="small")
    chart, request = left.container(key="tradeoff").empty(), right.container(key="examples").empty()
    sentence = st.container(key="changed", horizontal=True, vertical_alignment="center", gap="small")
    # no recorded figures where the reader predicts: they would give the answer away
    kept = None if state.predicts(case) else page_run.recorded(case, design, seed, scenario)
    if kept is not None:
        _drawn(figures, lambda: tiles.row(kept, final=False))
        _drawn(chart, lambda: tradeoff.preview(kept))
    elif (before := page_run.before(case, design, seed, scenario)) is not None:
        _drawn(figures, lambda: tiles.waiting(case))
        _drawn(chart, lambda: tradeoff.preview(before))
    with sentence:
        run = page_run.measure(case, design, seed, scenario, st.empty())
    if run is None:
        return Page(case, design, seed, None)
    shown = prediction.shown(run)  # the run before the move, while its figures are still to be predicted
    _drawn(figures, lambda: tiles.row(shown))
    _drawn(chart, lambda: tradeoff.section(shown))
    _drawn(request, lambda: _beside(run, shown, one_request, not beside.panel.must_predict))
    with sentence:
        changed.section(shown)
    with actions:
        header.actions(run, held=shown is not run)
    beside.follow(run, shown is not run)
    worlds.graded(run)
    return Page(case, design, seed, shown)


def _beside(run: PageRun, shown: PageRun, one_request: Callable[[PageRun], None], may_skip: bool) -> None:
    """One request, whose place a question takes while it waits for a prediction."""
    if not prediction.holds(run):
        one_request(shown)
    prediction.section(run, may_skip)


def _drawn(place: st.delta_generator.DeltaGenerator, draw: Callable[[], None]) -> None:
    with place.container():
        draw()
