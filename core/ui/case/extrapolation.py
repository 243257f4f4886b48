"""The design extrapolated to the required items: memory, machines and time, with the fits of the laws behind them."""

from __future__ import annotations

from functools import partial
from math import isinf

import streamlit as st

from core.analysis import extrapolation as s
from core.analysis.extrapolation.extrapolate import base_items, fixed_bytes
from core.analysis.extrapolation.scaling_laws import MOST_TIMES
from core.analysis.figures import FIGURES
from core.charts import Axis, line_with_band, line_with_band_summary
from core.contract.case import SECONDS_A_DAY
from core.contract.scaling_spec import FixedPart, IndexPart, LinearPart, ScalingPart
from core.formatting import bytes_text, count_text, ms_text, rate_text, usd_text
from core.ui import state, tasks
from core.ui.case import scaling_fit
from core.ui.figures import chart
from core.ui.page_run import PageRun

ITEMS = 1e9  # default without requirements
MACHINE_GIB = 64.0
P99 = FIGURES["p99_ms"].axis
BARRED_SHARDS = 1_000_000  # beyond any real fleet
GROWTH = {IndexPart: "grows by the law of its kind", LinearPart: "grows in step", FixedPart: "does not grow"}


def items_are(run: PageRun) -> str:
    """The name of the items of a case."""
    return run.scenario.requirements.items_are


def chosen_items(run: PageRun, panel: str) -> float:
    """The number of items to extrapolate to, prefilled from the requirements."""
    required = run.scenario.requirements.items
    label = f"Number of {items_are(run)}"
    key = state.key(run.case, f"deeper.{panel}.items.{required}")
    value = st.number_input(label, value=int(required or ITEMS), step=1_000_000, key=key, format="%d")
    return float(value if value is not None else 0)


def machine_gib(run: PageRun, panel: str) -> float:
    """Memory of one machine in GiB."""
    key = state.key(run.case, f"deeper.{panel}.gib")
    return st.number_input("Memory of a machine (GiB)", 1.0, 4096.0, MACHINE_GIB, 16.0, key=key)


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, "scale", "At scale: the same design over far more items, with a receipt", _panel)


def _panel(run: PageRun) -> None:
    """The growing parts, the fits of their laws, and the design at the chosen number of items."""
    scaling_parts = run.case.scaling_parts(run.present.design, run.present.measured)
    st.markdown("\n".join(map(_grows_words, scaling_parts)))
    left, right = st.columns(2)
    with left:
        items = chosen_items(run, "scale")
    with right:
        gib = machine_gib(run, "scale")
    wanted = (*s.index_parts(scaling_parts), *s.linear_parts(scaling_parts, run.present.measured))
    known = {part: fit for part in wanted if (fit := scaling_fit.cached(run, part))}
    scaling_fit.offer(run, [part for part in wanted if part not in known])
    for part, fit in known.items():
        scaling_fit.shown(part, fit)
    try:
        _extrapolated(run, scaling_parts, items, gib, known)
    except ValueError as error:
        st.warning(f"{str(error)[:1].upper()}{str(error)[1:]}.", icon=":material/warning:")
    if any(
        isinstance(part, LinearPart) and part.part in run.present.measured.parts_ms and part not in known
        for part in scaling_parts
    ):
        st.caption("Work that grows in step follows from counting it; its time is carried from the one size measured.")


def _grows_words(part: ScalingPart) -> str:
    return f"- **{part.what[:1].upper()}{part.what[1:]}** ({GROWTH[type(part)]}): {part.why}."


def _extrapolated(run: PageRun, scaling_parts: tuple, items: float, gib: float, known: dict) -> None:
    n, headroom = s.checked_items(items), run.scenario.prices.headroom.value
    what, base = items_are(run), base_items(scaling_parts)
    if not base:
        now = bytes_text(run.present.measured.memory_bytes)
        st.markdown(f"**Nothing of this design grows with the {what}**: {n:,} take what it takes now, {now}.")
        return
    needed = s.shards_needed(scaling_parts, run.present.measured, n, gib * 2**30, headroom)
    if isinf(needed):
        held = bytes_text(fixed_bytes(scaling_parts, run.present.measured))
        st.markdown(f"No number of machines of {gib:g} GiB will do: each must hold {held} that cannot be split.")
        return
    key = state.key(run.case, "deeper.scale.shards")
    least = int(min(needed, n))
    times = st.select_slider("Shards", (1, 2, 4, 8, 16), 1, format_func=lambda m: f"{m * least:,}", key=key)
    shards = min(n, times * least)
    projected = s.extrapolate(scaling_parts, run.present.measured, n, shards, known)
    st.markdown(_memory_words(projected, base, gib, headroom, what, least))
    sentences = (
        _time_words(run, scaling_parts, projected, known),
        _fleet_words(run, scaling_parts, projected, known),
        _new_words(run, n),
    )
    st.markdown("\n\n".join(filter(None, sentences)))
    if projected.covered and all(part in known for part in s.index_parts(scaling_parts)):
        _chart(run, scaling_parts, projected, known)


def _memory_words(projected: s.Extrapolated, base: int, gib: float, headroom: float, what: str, least: int) -> str:
    machines = "one machine" if least == 1 else f"**{least:,} machines**"
    words = (
        f":gray-badge[modelled] **{projected.items:,} {what}**, {projected.items / base:,.0f} times the {base:,} here, "
        f"take **{bytes_text(projected.total_bytes)}**; with {headroom:g} times that as room, {machines} of "
        f"{gib:g} GiB."
    )
    if projected.shards > 1:
        words += (
            f" Split over {projected.shards:,} shards, each holds {projected.items // projected.shards:,} "
            f"({bytes_text(projected.shard_bytes)}), and a request asks all of them."
        )
    if projected.shards > BARRED_SHARDS:
        words += " Nobody has as many: keep fewer, or keep less of each."
    return words


def _time_words(run: PageRun, scaling_parts: tuple, projected: s.Extrapolated, known: dict) -> str:
    missing = [part.what for part in s.index_parts(scaling_parts) if part not in known]
    if missing:
        return f"What a request takes then is not said before the law of the {missing[0]} is fitted."
    if not projected.covered:
        return (
            f":gray-badge[modelled] **Beyond what the laws cover**: a shard would hold more than {MOST_TIMES:,.0f} "
            "times what they were fitted on. The memory above is a formula and holds; a time would be a guess."
        )
    p99, low, high = projected.quantile_ms(0.99)
    if projected.factor == 1:
        return f":gray-badge[modelled] A request's work does not grow: p99 service time {ms_text(p99)}, as measured."
    bound = run.scenario.requirements.p99_ms
    side = "within" if high <= bound else "beyond" if low > bound else "around"
    slowest = f", waiting for the slowest of {projected.shards:,} shards" if projected.shards > 1 else ""
    return (
        f":gray-badge[modelled] A request alone takes **{ms_text(p99)}** at p99, between {ms_text(low)} and "
        f"{ms_text(high)}{slowest}: {side} the bound of {ms_text(bound)} before any queue. The band is a factor of "
        f"{projected.factor:.2g} either way on what grows."
    )


def _fleet_words(run: PageRun, scaling_parts: tuple, projected: s.Extrapolated, known: dict) -> str:
    """The fleet, once the time is known."""
    if not projected.covered or any(part not in known for part in s.index_parts(scaling_parts)):
        return ""
    fleet = s.fleet_at_scale(projected, run.present.measured, run.scenario)
    side = "within" if fleet.assessment.meets_p99 else "beyond"
    per_shard = "" if projected.shards == 1 else f" of each of {projected.shards:,} shards, {fleet.machines:,} machines"
    return (
        f":gray-badge[modelled] For {rate_text(run.scenario.requirements.peak_rps)} at the peak: "
        f"**{fleet.assessment.replicas:,} replicas**{per_shard}, **{usd_text(fleet.usd_per_month)} a month** for "
        f"cores and memory; p99 under that load {ms_text(fleet.assessment.p99_ms)}, {side} the bound."
    )


def _new_words(run: PageRun, items: int) -> str:
    """New items between two refreshes, where the requirements give a daily number."""
    new, every_h = run.scenario.requirements.new_items_a_day, run.present.measured.refresh_every_h
    if not new:
        return ""
    what = items_are(run)
    text = f"**{count_text(new)} new {what} a day** are {100 * new / items:.2g} % of all"
    if not every_h:
        return f":gray-badge[modelled] {text}: {rate_text(new / SECONDS_A_DAY)} to take in while serving."
    waiting = new * every_h / 24
    return (
        f":gray-badge[modelled] {text}: refreshed every {every_h:g} h, up to {count_text(waiting)} of them "
        f"({100 * waiting / items:.2g} % of all) cannot be found yet."
    )


def _chart(run: PageRun, scaling_parts: tuple, projected: s.Extrapolated, known: dict) -> None:
    import pandas as pd

    base = base_items(scaling_parts)
    if projected.items <= base:
        return
    axis = Axis("items", f"number of {items_are(run)}", "", "higher", log=True)
    at = [int(base * (projected.items / base) ** (i / 12)) for i in range(13)]
    extrapolate = partial(s.extrapolate, scaling_parts, run.present.measured, fits=known)
    points = [extrapolate(n, max(1, min(n, round(projected.shards * n / projected.items)))) for n in at]
    columns = ("items", P99.column, f"{P99.column}_low", f"{P99.column}_high")
    rows = [dict(zip(columns, (p.items, *p.quantile_ms(0.99)), strict=True)) for p in points]
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, axis, P99)
    per_shard = f" With a shard for every {projected.items // projected.shards:,}." if projected.shards > 1 else ""
    caption = f":gray-badge[modelled] {words}{per_shard} Merging the shards' answers and the network are not counted."
    chart(run.case, "scale", line_with_band(table, axis, P99), words, table, caption)
