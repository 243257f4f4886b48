"""Exact vs ANN crossover on this machine, found by runs, and the index kinds that fit in memory."""

from __future__ import annotations

import streamlit as st

from core.analysis import crossover as c
from core.charts import Axis, line_with_band, line_with_band_summary
from core.formatting import bytes_text
from core.scaling import checked_items, index_parts
from core.ui import state, tasks
from core.ui.case.extrapolation import chosen_items, items_are
from core.ui.figures import chart
from core.ui.jobs import Job
from core.ui.markup import plain
from core.ui.page_run import PageRun

SIZE = Axis("n", "vectors", "", "higher", log=True)
TIME = Axis("us", "one search", "µs", "lower", log=True)
LABELS = {kind: index.label for kind, index in c.INDEXES.items()}
DEFAULT = "ivf_flat"


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, "crossover", "Exact vs ANN crossover", _panel)


def _panel(run: PageRun) -> None:
    """The crossover, both curves and their runs; then every index kind against a machine's memory."""
    indexes = index_parts(run.case.scaling_parts(run.present.design, run.present.measured))
    if not indexes:
        st.info("This design searches no vectors in an index, so there is nothing that flat could be weighed against.")
        return
    index = indexes[0]
    kinds = [kind for kind in LABELS if kind != "flat"]
    left, right = st.columns(2)
    first = kinds.index(index.kind if index.kind != "flat" else DEFAULT)
    with left:
        kind = st.selectbox(
            "Index", kinds, first, key=_key(run, "kind"), format_func=lambda kind: LABELS[kind]
        )  # fmt: skip
    with right:
        floor = st.number_input("recall@10 of at least", 0.5, 1.0, c.FLOOR, 0.01, key=_key(run, "floor"))
    crossover = c.cached_crossover(kind, index.dim, run.present.seed, floor)
    if crossover is None:
        st.markdown(
            f"Runs flat and {LABELS[kind]} at doubling sizes, over clustered vectors of {index.dim} numbers, until the "
            f"index is the quicker at that recall; then halves the gap."
        )

        def work(job: Job) -> None:
            c.crossover_for(kind, index.dim, run.present.seed, floor, progress=job.tell, cancelled=job.stopped)

        tasks.button(run, "crossover", "Find the size", work)
    else:
        _drawn(run, crossover)
    _memory(run, index.dim)


def _drawn(run: PageRun, crossover: c.Crossover) -> None:
    import pandas as pd

    st.markdown(f":gray-badge[measured] {_sentence(crossover)}")
    rows = [
        {"n": point.n, "us": us, "what": what}
        for point in crossover.points
        for what, us in (("flat", point.flat_us), (LABELS[crossover.kind], point.approximate_us))
    ]
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, SIZE, TIME, group="what")
    chart(run.case, "crossover", line_with_band(table, SIZE, TIME, group="what"), words)
    with st.popover("The runs"):
        st.table([_run(point) for point in crossover.points])


def _run(point: c.Point) -> dict[str, str]:
    reached = point.effort > 0
    return {
        "vectors": f"{point.n:,}",
        "flat, µs (measured)": f"{point.flat_us:.1f}",
        "index, µs (measured)": f"{point.approximate_us:.1f}" if reached else "misses the floor",
        "flat compares (measured)": f"{point.flat_distances:,.0f}",
        "index compares (measured)": f"{point.approximate_distances:,.0f}" if reached else "",
        "effort": str(point.effort) if reached else "",
        "recall@10 (measured)": f"{point.recall:.3f}",
    }


def _sentence(crossover: c.Crossover) -> str:
    kind = LABELS[crossover.kind]
    if not any(point.effort for point in crossover.points):
        best = max(point.recall for point in crossover.points)
        reach = f"{kind} never reaches a recall@10 of {crossover.floor:g} here (at most {best:.2f})"
        return f"{reach}, so flat wins at any size."
    if not crossover.first_index:
        return f"**Flat wins at every size tried**, up to {crossover.points[-1].n:,} vectors."
    if not crossover.last_flat:
        return f"**{kind} wins at every size tried**, from {crossover.points[0].n:,} vectors on."
    return (
        f"**Flat wins up to about {crossover.last_flat:,} vectors, {kind} from {crossover.first_index:,} on**, on this "
        f"machine, at a recall@10 of at least {crossover.floor:g}."
    )


def _memory(run: PageRun, dim: int) -> None:
    st.markdown("**Where memory decides**")
    items, gib = chosen_items(run, "crossover"), run.scenario.prices.machine_gib.value
    try:
        fits = c.memory_fits(dim, checked_items(items), gib * 2**30, run.scenario.prices.headroom.value)
    except ValueError as error:
        st.warning(plain(f"{str(error).capitalize()}."), icon=":material/warning:")
        return
    full = next(fit for fit in fits if fit.kind == "flat")
    st.markdown(
        f":gray-badge[modelled] Full vectors of {dim} numbers fit into one machine of {gib:g} GiB up to "
        f"**{full.most_items:,} {items_are(run)}**. {_forced(fits, items)}"
    )
    st.table(
        [
            {
                "index": LABELS[fit.kind],
                "bytes a vector (modelled)": f"{fit.bytes_each:,.1f}",
                "fit into a machine (modelled)": f"{fit.most_items:,}",
                "machines (modelled)": f"{fit.machines:,}",
                "in all (modelled)": bytes_text(fit.bytes_each * items),
            }
            for fit in fits
        ]
    )


def _forced(fits: tuple[c.MemoryFit, ...], items: float) -> str:
    fitting = [LABELS[fit.kind] for fit in fits if fit.machines == 1]
    if len(fitting) == len(fits):
        return f"At {items:,.0f} every kind fits: memory forces nothing."
    if fitting:
        return f"At {items:,.0f}, one machine holds only: {', '.join(fitting)}."
    return f"At {items:,.0f}, even the smallest codes need {min(fit.machines for fit in fits):,} machines."


def _key(run: PageRun, name: str) -> str:
    return state.key(run.case, f"deeper.crossover.{name}")
