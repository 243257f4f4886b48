"""Batch vs online break-even: dollars per month of each serving mode against requests per key, and today's load."""

from __future__ import annotations

from math import isinf, log10

import streamlit as st

from core.analysis import batch_vs_online as b
from core.charts import Axis, line_with_band, line_with_band_summary
from core.charts.looks import SLATE
from core.contract.case import Measurement
from core.formatting import ms_text, seconds_text, usd_text
from core.runtime.timing import BUSY
from core.serving.prices import Prices
from core.serving.slo import too_noisy
from core.ui import state, tasks
from core.ui.figures import chart
from core.ui.page_run import PageRun

MILLION = 1e6
USD = Axis("usd", "cost", "$/month", "lower", log=True)


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, "breakeven", "Batch vs online break-even", _panel)


def _panel(run: PageRun) -> None:
    """The measured serving modes, the break-even in words, and the chart."""
    precompute = run.case.precompute
    if precompute is None:
        st.info("Nothing of this case can be computed before somebody asks, so there is no batch to weigh.")
        return
    ways = b.ways_of(run.case, run.present.design)
    if not {"online", "batch"} <= ways.keys():
        st.info("Under the other choices this design cannot be served in batch, so there is nothing to weigh.")
        return
    known = run.known()
    absent = [design for design in ways.values() if design not in known]
    if absent:
        st.markdown(f"Serve this same design {_listed(list(ways))}, and measure each. {len(absent)} still to be run.")
        tasks.button(run, "breakeven", "Run them", tasks.runs(run, absent))
        return
    if any(too_noisy(known[design]) for design in ways.values()):
        st.info("Too noisy to say: the machine was busy while these were timed. “Time again” times a design once more.")
        return
    inactive = _inactive(run, precompute.keys_are)
    sized = {name: run.present.beside(design, known[design]).sized for name, design in ways.items()}
    online, batch = sized["online"], sized["batch"]
    keys, rows = precompute.keys(ways["batch"]), precompute.rows(ways["batch"]) if precompute.rows else 0
    grown = batch.n_keys / keys if batch.n_keys else 1.0
    costs = {name: b.way(measured, online, int(keys * grown), int(rows * grown)) for name, measured in sized.items()}
    prices = run.scenario.prices
    break_even = b.break_even(costs["online"], costs["batch"], prices, inactive)
    st.markdown(f"{_sentence(break_even, costs, precompute.keys_are)}\n\n{_answered(batch, 'hybrid' in ways)}")
    if max(known[design].noise for design in ways.values()) > BUSY:
        st.caption(":material/warning: The machine was busy while timing: interrupted calls count with their CPU time.")
    today = b.todays_requests(precompute, run.scenario.requirements, break_even.refresh_h, inactive)
    st.markdown(_today_words(break_even, today, precompute.keys_are))
    _chart(run, costs, break_even, today, prices)
    if precompute.note:
        st.caption(precompute.note)


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _inactive(run: PageRun, keys_are: str) -> float:
    label = f"Share of {keys_are} that nobody asks for (%)"
    return st.slider(label, 0, 99, 50, key=state.key(run.case, "deeper.breakeven.inactive")) / 100


def _sentence(break_even: b.BreakEven, costs: dict[str, b.Way], keys_are: str) -> str:
    online, batch = costs["online"], costs["batch"]
    facts = (
        f":gray-badge[measured] One request takes {ms_text(1e3 * online.request_s)} of a core online and "
        f"{ms_text(1e3 * batch.request_s)} from the store; the job takes {ms_text(1e3 * batch.key_s)} for each of the "
        f"{keys_are}, every {seconds_text(3600 * break_even.refresh_h)}."
    )
    if isinf(break_even.requests):
        return f"{facts}\n\n**Batch never pays**: a look-up costs no less than computing the answer."
    if not batch.key_s:
        return f"{facts}\n\n**Batch always pays**: its job takes no more than what serving online repeats anyway."
    return (
        f"{facts}\n\n:gray-badge[modelled] **Batch pays from {_rate(break_even.requests)} requests an active key and "
        f"refresh**: what a key costs in the job and the store ÷ what a request saves, with "
        f"{break_even.inactive:.0%} of the keys computed for nobody. (CPU alone, all active, without the look-up: "
        f"{_rate(break_even.without_look_up)}.)"
    )


def _answered(batch: Measurement, hybrid: bool) -> str:
    """What share of the requests the store can answer at all; the rest counts as missed in the quality of batch."""
    rest = f"The store knows the key of **{batch.answered:.1%}** of the requests."
    if batch.answered == 1:
        return f":gray-badge[measured] {rest}"
    return (
        f":gray-badge[measured] {rest} Batch has no answer of its own for the others{'; hybrid computes it' * hybrid}."
    )


def _rate(value: float) -> str:
    return f"{value:,.3g}"


def _today_words(break_even: b.BreakEven, today: tuple[float, float] | None, keys_are: str) -> str:
    if today is None:
        return "The requirements do not say how often each is asked for, so today's load has no place on the chart yet."
    rate = today[1]
    side = "online is the cheaper" if rate < break_even.requests else "batch is the cheaper"
    return (
        f"The requirements make it **{_rate(rate)}** requests for each of the active {keys_are} and refresh: "
        f"**{side}**. "
        "Freshness and cold-start users are not in the price; the charts above have what they cost in quality."
    )


def _chart(
    run: PageRun, costs: dict, break_even: b.BreakEven, today: tuple[float, float] | None, prices: Prices
) -> None:
    import pandas as pd

    active = today[0] if today else MILLION
    axis = Axis("requests", "requests an active key and refresh", "", "higher", log=True)
    about = break_even.requests if 0 < break_even.requests < float("inf") else 1.0
    rates = sorted({about * factor for factor in b.RATES} | ({today[1]} if today and today[1] > 0 else set()))
    rates = [rate for rate in rates if about / 300 <= rate <= about * 300 or (today and rate == today[1])]
    usd = {
        (name, rate): b.monthly_usd(way, rate, active, break_even.refresh_h, prices, break_even.inactive)
        for name, way in costs.items()
        for rate in rates
    }
    table = pd.DataFrame([{"requests": rate, "usd": value, "what": name} for (name, rate), value in usd.items()])
    words = line_with_band_summary(table, axis, USD, group="what")
    figure = line_with_band(table, axis, USD, group="what")
    if today and today[1] > 0:
        dots = {"dash": "dot", "color": SLATE}
        figure.add_shape(type="line", x0=today[1], x1=today[1], yref="paper", y0=0, y1=1, line=dots)
        # On a logarithmic axis, Plotly takes the value for a line but the logarithm for an annotation.
        figure.add_annotation(text="asked", x=log10(today[1]), yref="paper", y=1, yanchor="bottom", showarrow=False)
    caption = f":gray-badge[modelled] For {active:,.0f} active keys, CPU and storage. {words}"
    chart(run.case, "break-even", figure, words, table, caption)
    if today and today[1] > 0:
        priced = ", ".join(f"{name} {usd_text(usd[name, today[1]])}" for name in costs)
        st.caption(f"At the requested load, per month: {priced}.")
