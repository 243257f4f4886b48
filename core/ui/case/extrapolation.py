"""The scale projection: what grows, the laws behind the headline, and the same design over any number of items."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import streamlit as st

from core import scaling as s
from core.analysis.figures import FIGURES
from core.charts import Axis, line_with_band, line_with_band_summary
from core.contract.case import SECONDS_A_DAY
from core.contract.scaling_spec import FixedPart, IndexPart, KeyedPart, LinearPart, ScalingPart
from core.formatting import bytes_text, count_text, ms_text, rate_text, usd_text
from core.scaling.size import base_items
from core.serving.evaluate import Evaluated
from core.serving.projection import size_asked
from core.ui import state, tasks
from core.ui.case import scaling_fit
from core.ui.figures import chart
from core.ui.markup import plain
from core.ui.page_run import PageRun

ITEMS = 1e9  # default without requirements
P99 = FIGURES["load_p99_ms"]
POINTS = 13
GROWTH = {
    IndexPart: "grows by the law of its kind",
    LinearPart: "grows linearly",
    KeyedPart: "grows with the keys of the batch job",
    FixedPart: "does not grow",
}


def items_are(run: PageRun) -> str:
    """The name of the items of a case."""
    return run.scenario.requirements.items_are


def chosen_items(run: PageRun, panel: str) -> float:
    """The number of items to project to, prefilled from the requirements."""
    required = run.scenario.requirements.items
    label = f"Number of {items_are(run)}"
    key = state.key(run.case, f"deeper.{panel}.items.{required}")
    value = st.number_input(label, value=int(required or ITEMS), step=1_000_000, key=key, format="%d")
    return float(value if value is not None else 0)


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, "scale", "Scale projection, with its error", _panel)


def _panel(run: PageRun) -> None:
    """The growing parts, the fits of their laws, and the design at the chosen number of items."""
    scaling_parts = run.case.scaling_parts(run.present.design, run.present.measured)
    st.markdown("\n".join(map(_grows_words, scaling_parts)))
    items = chosen_items(run, "scale")
    wanted = (*s.index_parts(scaling_parts), *s.linear_parts(scaling_parts, run.present.measured))
    known = {part: fit for part in wanted if (fit := scaling_fit.cached(run, part))}
    scaling_fit.offer(run, [part for part in wanted if part not in known])
    for part, fit in known.items():
        scaling_fit.shown(part, fit)
    try:
        _projected(run, scaling_parts, items)
    except ValueError as error:
        st.warning(plain(f"{str(error)[:1].upper()}{str(error)[1:]}."), icon=":material/warning:")


def _grows_words(part: ScalingPart) -> str:
    return f"- **{part.what[:1].upper()}{part.what[1:]}** ({GROWTH[type(part)]}): {part.why}."


def at_items(evaluated: Evaluated, items: float) -> Evaluated:
    """The design under the same scenario with another number of items."""
    requirements = replace(evaluated.scenario.requirements, items=items)
    return replace(evaluated, scenario=replace(evaluated.scenario, requirements=requirements))


def _projected(run: PageRun, scaling_parts: tuple, items: float) -> None:
    present = at_items(run.present, float(s.checked_items(max(1.0, items) if 0 < items < 1 else items)))
    size = size_asked(run.case, present.measured, present.scenario)
    if s.shards_needed(scaling_parts, present.measured, size) == inf:
        gib = present.scenario.prices.machine_gib.value
        st.markdown(f"No number of machines of {gib:g} GiB will do: each must hold what cannot be split.")
        return
    sentences = (
        _memory_words(present, items_are(run)),
        _time_words(present),
        _fleet_words(present),
        _new_words(run, items),
    )
    st.markdown("\n\n".join(filter(None, sentences)))
    _chart(run, present, base_items(scaling_parts) or present.measured.n_items)


def _memory_words(present: Evaluated, what: str) -> str:
    projected, sized = present.projected, present.sized
    if not projected.grown:
        return f"{projected.items:,} {what} are what was measured: {bytes_text(sized.memory_bytes)} per replica."
    gib = present.scenario.prices.machine_gib.value
    machines = "one machine" if sized.shards == 1 else f"**{sized.shards:,} shards** on a machine each"
    times = count_text(projected.items / projected.base)
    words = (
        f":gray-badge[projected] **{projected.items:,} {what}**, {times} times the "
        f"{projected.base:,} measured, take **{bytes_text(sized.memory_bytes)}** per replica: "
        f"{machines} of {gib:g} GiB."
    )
    efforts = [f"{part} {effort:,}" for part, effort in projected.efforts.items()]
    return words + (f" Effort tuned anew to keep the recall: {', '.join(efforts)}." if efforts else "")


def _time_words(present: Evaluated) -> str:
    projected = present.projected
    if projected.unsupported:
        return f"**Beyond what the laws cover**: {'; '.join(projected.unsupported)}. The memory is a formula and holds."
    p99 = present.sized.percentiles_ms["p99"].value
    low, high = (p99 * factor for factor in projected.p99)
    slowest = f", waiting for the slowest of {present.sized.shards:,} shards" if present.sized.shards > 1 else ""
    if not projected.retimed:
        return f":gray-badge[modelled] A request's work does not grow: p99 service time {ms_text(p99)}."
    return (
        f":gray-badge[projected] A request alone takes **{ms_text(p99)}** at p99, between {ms_text(low)} and "
        f"{ms_text(high)}{slowest}."
    )


def _fleet_words(present: Evaluated) -> str:
    assessment, shards = present.assessment, present.sized.shards
    per_shard = "" if shards == 1 else f" of each of {shards:,} shards, {shards * assessment.replicas:,} machines"
    return (
        f":gray-badge[modelled] For {rate_text(present.scenario.requirements.peak_rps)} at the peak: "
        f"**{assessment.replicas:,} replicas**{per_shard}, **{usd_text(assessment.total_usd)} per month**; "
        f"p99 under load {ms_text(assessment.p99_ms)}."
    )


def _new_words(run: PageRun, items: float) -> str:
    """New items between two refreshes, where the requirements give a daily number."""
    new, every_h = run.scenario.requirements.new_items_a_day, run.present.measured.refresh_every_h
    if not new:
        return ""
    what = items_are(run)
    text = f"**{count_text(new)} new {what} per day** are {100 * new / items:.2g} % of all"
    if not every_h:
        return f":gray-badge[modelled] {text}: {rate_text(new / SECONDS_A_DAY)} to take in while serving."
    waiting = new * every_h / 24
    return (
        f":gray-badge[modelled] {text}: refreshed every {every_h:g} h, up to {count_text(waiting)} of them "
        f"({100 * waiting / items:.2g} % of all) cannot be found yet."
    )


def _chart(run: PageRun, present: Evaluated, base: int) -> None:
    import pandas as pd

    items = present.projected.items
    if items <= base:
        return
    axis = Axis("items", f"number of {items_are(run)}", "", "higher", log=True)
    sizes = [base * (items / base) ** (i / (POINTS - 1)) for i in range(POINTS)]
    at = [at_items(present, float(int(n))) for n in sizes]
    column = P99.key
    rows = [
        {"items": e.projected.items, column: P99.read(e), f"{column}_low": low, f"{column}_high": high}
        for e in at
        for low, high in [e.load.p99_band_ms(P99.read(e), e.projected.p99)]
    ]
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, axis, P99.axis)
    caption = f":gray-badge[projected] {words} Merging the shards' answers is not counted."
    chart(run.case, "scale", line_with_band(table, axis, P99.axis), words, table, caption)
