"""The home page: a frontier measured live, and the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from core.analysis import frontier
from core.analysis.figures import FIGURES, quality_figures
from core.analysis.tradeoff_table import TradeoffRow, as_table, roles, tradeoff_rows, with_front
from core.charts import tradeoff, tradeoff_summary
from core.contract.case import SEED, Case, Measurement, Requirements
from core.contract.design import Design, knobs, to_query
from core.runtime.results import RESULTS
from core.runtime.sweep import spread
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario
from core.ui import cards, jobs, pages, terms
from core.ui.case import sections
from core.ui.home import thumbnails
from core.ui.live import follow
from core.ui.markup import html

SAMPLE = 24  # designs of the live frontier: a few seconds on a slow core
SHOWN = ("model", "representation", "lookup")  # one serving mode, so that points are comparable
POLL_S = 0.7
A_ROW = 2


def live(case: Case) -> None:
    """A small sweep of a case, drawn as its rows come in; a click opens the design on the case's page."""
    measured = _shown(case)
    if len(measured) < SAMPLE and not jobs.sweeping(case):  # unless other visitors' rows are there already
        wanted = [d for d in (case.baseline, *spread(case.Design(), SAMPLE, families=SHOWN)) if d not in measured]
        jobs.start_sweep(jobs.session(), case, wanted, 0)
    follow(lambda: _frontier(case), lambda: jobs.sweeping(case), POLL_S)


def _shown(case: Case) -> dict[Design, Measurement]:
    """The measured designs on the case's default data and serving."""
    default = case.Design()
    fixed = [name for name, knob in knobs(case.Design).items() if knob.family not in SHOWN]
    rows = RESULTS.rows(case, 0, default).items()
    return {d: m for d, m in rows if all(getattr(d, name) == getattr(default, name) for name in fixed)}


def _frontier(case: Case) -> None:
    if "open" in st.session_state:
        st.switch_page(pages.of(case), query_params=dict(parse_qsl(st.session_state.pop("open"))))
    job = jobs.of(jobs.session(), case)
    running = job is not None and job.running
    if running:
        job.seen()
    known = _shown(case)
    if not known:
        st.progress(0.0, "Running the first designs…")
        return
    parts = roles(case.Design(), case.baseline)
    scenario = Scenario(_only_load(case))
    evaluated = [evaluate(case, design, measured, scenario) for design, measured in known.items()]
    rows = tradeoff_rows(evaluated, parts, case.Design())
    _insight(case, known)
    _chart(case, rows)
    done = f"{len(rows)} designs of {case.title.lower()}, run on this server just now"
    st.caption(f"{done}; {job.total - job.done} to go." if running else f"{done}. Click a point to open its design.")
    opened = st.expander(f"The table: {len(rows)} measured designs", key="home.table", on_change="rerun")
    if opened.open:
        words = f"{len(rows)} measured designs with every knob and figure"
        opened.dataframe(as_table(rows), hide_index=True, alt=words)


def _insight(case: Case, known: dict[Design, Measurement]) -> None:
    """The frontier's insight in one sentence, with a link to the design at its knee."""
    insight = frontier.of_frontier(case, known, SEED)
    if insight is not None:
        html(f'<div class="kp">{cards.STYLE}<b>{terms.in_html(insight.sentence)}</b> {cards.badge("measured")}</div>')
        link = to_query(insight.knee, SEED)
        st.page_link(pages.of(case), label="Open the design at the knee", query_params=link, icon=":material/tune:")


def _only_load(case: Case) -> Requirements:
    """The requirements without limits or items: the home page shows what was measured and no verdict."""
    return replace(case.requirements, items=None, freshness_h=None, quality_floor=None, budget_usd=None)


def _chart(case: Case, rows: list[TradeoffRow]) -> None:
    y, x = next(iter(quality_figures(case, rows[0].evaluated).values())).axis, FIGURES["p50_ms"].axis
    marks = with_front(rows, x, y)
    words = tradeoff_summary(marks, x, y)
    st.plotly_chart(
        tradeoff(marks, x, y),
        key="home.frontier",
        on_select=_open_point,
        selection_mode="points",
        alt=words,
        config={"displayModeBar": False},
    )
    st.caption(words)


def _open_point() -> None:
    points: Any = st.session_state["home.frontier"]["selection"]["points"]
    if points and points[0].get("customdata"):
        st.session_state["open"] = points[0]["customdata"]


def cases(shown: Sequence[Case]) -> None:
    """One card per case: its question, its data, its measured frontier and a link."""
    for start in range(0, len(shown), A_ROW):  # row by row, so that a phone and a screen reader keep the order
        row = st.columns(A_ROW, gap="medium")
        for column, case in zip(row, shown[start : start + A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                _card(case)


def _card(case: Case) -> None:
    label = f"**{case.title}**"
    st.page_link(pages.of(case), label=label, icon=":material/arrow_forward:", icon_position="right")
    st.markdown(case.question)
    sections.data_badge(case, case.Design())
    thumbnails.picture(case)
