"""The chart of the home page: drawn from the record at once, steered by a few knobs, the present design live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from core.analysis import frontier
from core.analysis.compare import delta
from core.analysis.figures import FIGURES, Figure, quality_figures
from core.analysis.tradeoff_table import TradeoffRow, as_table, recorded_rows, roles, tradeoff_rows
from core.charts import tradeoff, tradeoff_summary
from core.contract.answer import Answer
from core.contract.case import SEED, Case, Measurement, Requirements
from core.contract.design import Design, Knob, canonical, knobs, serving_mode, to_query
from core.runtime.calls import by
from core.runtime.recorded import Recorded, speed_factor, speed_text
from core.runtime.results import RESULTS
from core.serving.evaluate import Evaluated, evaluate
from core.serving.scenario import Scenario
from core.ui import cards, pages, terms, waiting
from core.ui.errors import READER_ERRORS
from core.ui.home import marks
from core.ui.markup import html, plain

SAMPLE = 1  # designs that a visit measures: the present one, where nobody has and it is not on record
TIME = "p50_ms"  # the axis of every front on this page
FAMILIES = ("model", "representation", "lookup")  # one serving mode and one kind of data, so that designs compare
HEIGHT = 372
STYLE = (
    "<style>.kp-now{display:grid;grid-template-columns:auto auto;gap:.1rem .5rem;margin:.25rem 0 0;font-size:.875rem}"
    ".kp-now dt{color:var(--quiet)}.kp-now dd{margin:0;text-align:right;overflow-wrap:anywhere}"
    ".kp-now small{display:block;color:var(--quiet)}"
    # on a phone the chart stands before its knobs
    "@media(max-width:640px){.st-key-steer [data-testid=stHorizontalBlock]{flex-direction:column-reverse}}</style>"
)


def steer(case: Case, names: Sequence[str], example: Callable[[Sequence[Answer]], str]) -> Callable[[], None]:
    """Knobs, figures, the chart and one example of a case.

    What comes back measures the present design where nobody has and it is not on record, and is to be called once the
    page is drawn.
    """
    if "open" in st.session_state:
        st.switch_page(pages.of(case), query_params=dict(parse_qsl(st.session_state.pop("open"))))
    with st.container(key="steer"):
        left, right = st.columns([1, 2.7], gap="medium")
    with left:
        design = _knobs(case, names)
    measured = RESULTS.whole(case, design, SEED)
    last = _last(case, design) if measured else None
    with right:
        _chart(case, design, last)
        html(example(_shown(case, design, measured)))
    with left:
        _now(case, design, measured, last)
    known = measured is not None or design in marks.recorded(case)
    return lambda: None if known else _measure(case, design)


def _knobs(case: Case, names: Sequence[str]) -> Design:
    """The design of the few knobs that stand here, all others at their defaults."""
    known, default = knobs(case.Design), case.Design()
    chosen: dict[str, Any] = {}
    for name in names:
        present = canonical(replace(default, **chosen))
        if known[name].active(present):
            chosen[name] = _widget(known[name], f"home.{name}", present, getattr(default, name))
    return canonical(replace(default, **chosen))


def _widget(knob: Knob, key: str, present: Design, default: Any) -> Any:
    options = knob.offered(present)
    if st.session_state.get(key, default) not in options:
        st.session_state[key] = knob.instead(present)
    st.session_state.setdefault(key, default)
    common: dict[str, Any] = dict(key=key, help=knob.help, format_func=knob.text, persist_state="session")
    draw = st.select_slider if knob.ordered else st.selectbox
    return draw(knob.named(present), options, **common)


def _shown(case: Case, design: Design, measured: Measurement | None) -> Sequence[Answer]:
    """What the design answers, here or else as recorded; nothing where neither is known."""
    kept = marks.recorded(case).get(design)
    return (measured and measured.shown) or (kept.example if kept else ())


def _measure(case: Case, design: Design) -> None:
    """Measure a design that is not on record and draw the page again with it; where it cannot run, say why."""
    if not SAMPLE or st.session_state.get("home.failed") == design:
        return
    try:
        with by(waiting.here("Running the pipeline and timing it")):
            RESULTS.measure(case, design, SEED)
    except READER_ERRORS as error:
        st.session_state["home.failed"] = design
        st.error(f"**This design could not be run.** {plain(str(error))}", icon=":material/error:")
        return
    st.rerun()


def _last(case: Case, design: Design) -> Design | None:
    """The design before this one, of those that were measured here."""
    trail = st.session_state.setdefault("home.trail", [])
    if not trail or trail[-1] != design:
        trail.append(design)
        del trail[:-2]
    return trail[0] if len(trail) > 1 and RESULTS.known(case, trail[0], SEED) else None


def comparable(case: Case, rows: Mapping[Design, Any]) -> dict[Design, Any]:
    """The designs on the default's data and serving, as a front needs them."""
    default = case.Design()
    fixed = [name for name, knob in knobs(case.Design).items() if knob.family not in FAMILIES]
    return {d: row for d, row in rows.items() if all(getattr(d, name) == getattr(default, name) for name in fixed)}


def _chart(case: Case, design: Design, last: Design | None) -> None:
    here = comparable(case, RESULTS.rows(case, SEED, case.Design()))
    kept = comparable(case, marks.recorded(case))
    rows = marks.of(case, design, last, here, {d: one for d, one in kept.items() if d not in here})
    y, x = next(iter(quality_figures(case).values())).axis, FIGURES[TIME].axis
    words = tradeoff_summary(rows, x, y)
    figure = tradeoff(rows, x, y, height=HEIGHT)
    look = {"displayModeBar": False}
    key = "home.frontier"
    st.plotly_chart(figure, key=key, on_select=_open_point, selection_mode="points", alt=words, config=look)
    st.caption(_provenance(case, here, kept, len(rows)))


def _provenance(case: Case, here: Mapping[Design, Measurement], kept: Mapping[Design, Any], n: int) -> str:
    """What the front is of, in one line: its axis, its serving mode, and where its designs were measured."""
    every = {design: one.measured for design, one in kept.items()} | dict(here)
    insight = frontier.of_frontier(case, every, SEED)
    of = f"{n} designs, {serving_mode(case.Design())[1]} serving, p50".replace(", ,", ",")
    where = "".join(dict.fromkeys(f", {one.origin}" for one in kept.values()))
    both = speed_text(speed_factor((kept[d].measured, m) for d, m in here.items() if d in kept))
    return " ".join(filter(None, [insight.brief if insight else "", f"{of}{where}. Click a point to open it.", both]))


def _open_point() -> None:
    points: Any = st.session_state["home.frontier"]["selection"]["points"]
    if points and points[0].get("customdata"):
        st.session_state["open"] = points[0]["customdata"]


def _now(case: Case, design: Design, measured: Measurement | None, last: Design | None) -> None:
    """The three figures of the present design, measured here or else as recorded, and a link to its page."""
    kept = marks.recorded(case).get(design)
    shown = measured or (kept and kept.measured)
    if shown:
        present = _evaluated(case, design, shown)
        before = RESULTS.known(case, last, SEED) if last and measured else None
        figures = [next(iter(quality_figures(case).values())), FIGURES[TIME], FIGURES["memory_mb"]]
        rows = "".join(_figure(figure, present, before and _evaluated(case, last, before)) for figure in figures)
        badge = cards.badge("measured") if measured else cards.badge("recorded")
        html(f'<div class="kp">{cards.STYLE}{STYLE}{badge}<dl class="kp-now">{rows}</dl></div>')
    link = to_query(design, SEED)
    st.page_link(pages.of(case), label=f"Open {case.title.lower()}", query_params=link, icon=":material/tune:")


def _figure(figure: Figure, present: Evaluated, before: Evaluated | None) -> str:
    change = f"<small>{terms.in_html(delta(figure, before, present).text)}</small>" if before else ""
    return f"<dt>{terms.in_html(figure.label)}</dt><dd><b>{figure.text(present)}</b>{change}</dd>"


def _evaluated(case: Case, design: Design, measured: Measurement) -> Evaluated:
    return evaluate(case, design, measured, Scenario(_only_load(case))).within_world


def _only_load(case: Case) -> Requirements:
    """The requirements without limits or items: the home page shows what was measured and no verdict."""
    return replace(case.requirements, items=None, freshness_h=None, quality_floor=None, budget_usd=None)


def table(case: Case) -> None:
    """The designs of the chart with every knob and figure, once they are asked for."""
    here = comparable(case, RESULTS.rows(case, SEED, case.Design()))
    kept = {d: one for d, one in comparable(case, marks.recorded(case)).items() if d not in here}
    opened = st.expander(f"Table: {len(here) + len(kept)} designs", key="home.table", on_change="rerun")
    if opened.open:
        rows = table_rows(case, here, kept)
        opened.dataframe(as_table(rows), hide_index=True, alt=f"{len(rows)} designs with every knob and figure")


def table_rows(case: Case, here: Mapping[Design, Measurement], kept: Mapping[Design, Recorded]) -> list[TradeoffRow]:
    """A row per design, those recorded elsewhere first."""
    default = case.Design()
    rows = recorded_rows(((_evaluated(case, d, one.measured), one.origin) for d, one in kept.items()), default)
    measured = (_evaluated(case, design, one) for design, one in here.items())
    return rows + tradeoff_rows(measured, roles(default, case.baseline), default)
