"""Search while images are inserted: recall and latency over time, beside an index built anew at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cachetools
import numpy as np
import streamlit as st

from core.cases.visual_search.operate import ORDERS, SHARES, Moment, learnt_words, watch
from core.cases.visual_search.serve import K
from core.charts import Axis, line_with_band, line_with_band_summary
from core.contract.design import Design, canonical
from core.formatting import ms_text, seconds_text
from core.runtime.calls import there
from core.ui import state, tasks
from core.ui.figures import chart
from core.ui.jobs import Job
from core.ui.page_run import PageRun

if TYPE_CHECKING:
    import pandas as pd

NAME = "inserting"
SIZE = Axis("n", "images in the index", "", "higher")
FIGURES = {
    "recall": Axis("recall", f"recall@{K}", "", "higher"),
    "ms": Axis("ms", "one search, median", "ms", "lower"),
    "distances": Axis("distances", "distances per search", "", "lower"),
}
INSERTED, ANEW = "inserted into", "built anew"
Key = tuple[Design, int, float, str]
_WATCHED: cachetools.LRUCache[Key, tuple[Moment, ...]] = cachetools.LRUCache(50)


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, NAME, "Search while inserting: recall and latency over time", _panel)


def _panel(run: PageRun) -> None:
    if run.present.design.serving == "batch":
        st.info(
            "This design looks up stored answers: an inserted image is found after the next refresh, and not before."
        )
        return
    st.markdown(
        f"The index is built without the newest images, which then come one by one while searches go on. "
        f"{learnt_words(run.present.design.index)}"
    )
    share, order = _choices(run)
    key = (canonical(run.present.design), run.present.seed, share, order)
    if key in _WATCHED:
        _drawn(run, _WATCHED[key])
        return
    tasks.button(run, NAME, f"Insert {share:.0%} of the catalogue", lambda job: _work(key, job))


def _choices(run: PageRun) -> tuple[float, str]:
    left, right = st.columns(2)
    with left:
        share = st.segmented_control(
            "Share of the catalogue inserted", SHARES, default=SHARES[2], required=True, format_func="{:.0%}".format,
            key=state.key(run.case, f"{NAME}.share"),
        )  # fmt: skip
    with right:
        order = st.segmented_control(
            "New images come", list(ORDERS), default="kinds", required=True, format_func=ORDERS.__getitem__,
            key=state.key(run.case, f"{NAME}.order"),
        )  # fmt: skip
    return share, order


def _work(key: Key, job: Job) -> None:
    design, seed, share, order = key
    _WATCHED[key] = there(watch, design, share, order, seed, progress=job.tell, cancelled=job.stopped)


def rows(moments: Sequence[Moment]) -> pd.DataFrame:
    """Two rows for each moment: the index inserted into, and the one built anew."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "n": moment.n, "index": name, "recall": recall.value, "recall_low": recall.low,
                "recall_high": recall.high, "ms": float(np.median(ms)), "distances": distances,
            }
            for moment in moments
            for name, recall, ms, distances in (
                (INSERTED, moment.recall, moment.search_ms, moment.distances),
                (ANEW, moment.recall_anew, moment.search_anew_ms, moment.distances_anew),
            )
        ]
    )  # fmt: skip


def summary(moments: Sequence[Moment]) -> str:
    """The end of it in sentences: recall, comparisons, and what insertions and a rebuild take."""
    last = moments[-1]
    inserted_ms = float(np.median(np.concatenate([moment.insert_ms for moment in moments])))
    return (
        f"At {last.n:,} images, {moments[0].n:,} of them built and the rest inserted, recall@{K} is "
        f"**{last.recall.value:.3f}** with {last.distances:,.0f} distances per search; built anew it is "
        f"**{last.recall_anew.value:.3f}** with {last.distances_anew:,.0f}. An insertion takes {ms_text(inserted_ms)} "
        f"(median), a rebuild {seconds_text(last.build_cpu_s)} of a core."
    )


def _drawn(run: PageRun, moments: Sequence[Moment]) -> None:
    st.markdown(f":gray-badge[measured] {summary(moments)}")
    key = st.segmented_control(
        "Figure", list(FIGURES), default="recall", required=True, format_func=lambda name: FIGURES[name].label,
        key=state.key(run.case, f"{NAME}.figure"),
    )  # fmt: skip
    table = rows(moments)
    words = line_with_band_summary(table, SIZE, FIGURES[key], group="index")
    caption = (
        f"{words} Recall is by the encoder's full vectors among the images that exist at that moment; equally near "
        "ones count. Searches and insertions take turns on one core, so none waits for a lock."
    )
    chart(run.case, NAME, line_with_band(table, SIZE, FIGURES[key], group="index"), words, table, caption)
