"""The load test: response time against load, the closed-loop error, and the failure of a replica."""

from __future__ import annotations

from math import isinf

import streamlit as st

from core.charts import Axis, bars, bars_summary, line_with_band, line_with_band_summary
from core.datasets.files import DataError
from core.formatting import ms_text, rate_text
from core.serving import capacity, trace
from core.serving.slo import too_noisy
from core.ui import state
from core.ui.figures import chart
from core.ui.page_run import PageRun

RATE = Axis("rate_per_s", "requests a second on one replica", "", "higher")
RESPONSE = Axis("ms", "response time", "ms", "lower", log=True)
GOODPUT_AT = slice(4, None, 2)  # points of the curve told in words: from 60 % busy up


def section(run: PageRun) -> None:
    """Drawn on its own once opened, since nothing else depends on it."""
    st.fragment(_opened)(run)


def _opened(run: PageRun) -> None:
    box = st.expander("Load test (queueing model) and replica failure", True, key=_key(run, "load"), on_change="rerun")
    if box.open:
        with box:
            body(run)


def body(run: PageRun) -> None:
    """The content of the section."""
    if too_noisy(run.present.sized):
        st.info("Too noisy to say: the machine was busy while this design was timed. “Time again” times it once more.")
        return
    st.markdown(" ".join((_capacity(run), _goodput(run), _loss(run))))
    left, right = st.columns(2, gap="medium")
    with left:
        _curve(run)
    with right:
        _parts(run)
    _trace(run)
    st.caption(
        "Modelled from the measured service times: requests arrive at random, whether or not earlier ones are done "
        f"(open loop), and each spends {ms_text(run.scenario.load.network_ms)} on the network. A benchmark that sends "
        "the next request only after the last answer (closed loop) never sees the queue: its p99 is that of an idle "
        "replica, at any load."
    )


def _capacity(run: PageRun) -> str:
    most = capacity.most_per_s(run.present.sized, run.scenario.load, run.present.seed)
    if not most:
        return f"Even a request alone misses the bound of {ms_text(run.scenario.requirements.p99_ms)}."
    assessment, bound = run.present.assessment, ms_text(run.scenario.requirements.p99_ms)
    shared = rate_text(run.scenario.load.missed_rps)
    return (
        f"One replica takes up to **{most:,.0f} requests a second** before its p99 passes {bound}; "
        f"{assessment.replicas:,} of them share {shared} and are {assessment.utilisation:.0%} busy."
    )


def _goodput(run: PageRun) -> str:
    share, bound = run.present.fleet.goodput, ms_text(run.scenario.requirements.p99_ms)
    return f"At the peak {share:.2%} of the requests are answered within {bound} (goodput)."


def _loss(run: PageRun) -> str:
    after = capacity.p99_after_a_loss_ms(run.present.sized, run.present.assessment, run.scenario.load, run.present.seed)
    if isinf(after):
        return "When one replica dies, **the rest cannot keep up**: the queue grows until it is replaced."
    kept = "still within" if after <= run.scenario.requirements.p99_ms else "beyond"
    before, then = ms_text(run.present.assessment.p99_ms), ms_text(after)
    return f"When one dies, the p99 of the rest goes from {before} to {then}, {kept} it."


def _curve(run: PageRun) -> None:
    import pandas as pd

    measured, load = run.present.sized, run.scenario.load
    points = capacity.curve(measured, load, run.present.seed)
    closed_ms = capacity.closed_loop_p99_ms(measured, load)
    rows = [
        {"rate_per_s": point.rate_per_s, "ms": value, "what": what, "goodput": point.goodput}
        for what, of in (
            ("p99, open loop", lambda point: point.p99_ms),
            ("p50, open loop", lambda point: point.p50_ms),
            ("p99, closed loop", lambda point: closed_ms),
        )
        for point in points
        for value in [of(point)]
    ]
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, RATE, RESPONSE, group="what")
    good = ", ".join(f"{point.goodput:.1%} at {point.utilisation:.0%} busy" for point in points[GOODPUT_AT])
    caption = f"{words} Goodput: {good}."
    chart(run.case, "load", line_with_band(table, RATE, RESPONSE, group="what"), words, table, caption)


def _trace(run: PageRun) -> None:
    """The fleet under recorded arrivals beside arrivals at random."""
    try:
        streams = trace.at_the_peak(run.present.sized, run.present.fleet, run.scenario.load, run.present.seed)
    except DataError as error:
        st.caption(f"No recorded trace to replay: {error}")
        return
    if streams is None:
        return
    recorded, random = (f"p99 {ms_text(stream.p99_ms)}, goodput {stream.goodput:.2%}" for stream in streams)
    st.markdown(f"**Replay of a recorded trace:** {recorded}; the same requests at random (Poisson): {random}.")
    st.caption(f":gray-badge[modelled] {streams[0].n_requests:,} arrivals on the same fleet: {trace.RECORDED}.")


def _parts(run: PageRun) -> None:
    import pandas as pd

    parts = capacity.mean_parts_ms(run.present.sized, run.present.assessment, run.scenario.load, run.present.seed)
    table = pd.DataFrame({"part": list(parts), "ms": list(parts.values())})
    words = "Mean of a request at the load. " + bars_summary(table, "part", "ms", unit="ms")
    chart(run.case, "parts", bars(table, "part", "ms", unit="ms"), words, table)


def _key(run: PageRun, name: str) -> str:
    return state.key(run.case, f"underload.{name}")
