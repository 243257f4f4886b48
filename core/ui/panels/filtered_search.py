"""The four ways to filter, over the selectivity of the filter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cachetools
import streamlit as st

from core.cases.similar_listings.design import searches
from core.cases.similar_listings.pipeline import tried_at
from core.cases.similar_listings.serve.filters import FILTERS, K
from core.cases.similar_listings.serve.selectivity import FILTERED_OUT, N_TRIED, Tried
from core.charts import Axis, line_with_band, line_with_band_summary
from core.contract.design import Design, canonical
from core.formatting import ms_text
from core.runtime.calls import there
from core.runtime.channel import Cancelled
from core.ui import state, tasks
from core.ui.figures import chart, listed
from core.ui.jobs import Job
from core.ui.page_run import PageRun

if TYPE_CHECKING:
    import pandas as pd

NAME = "selectivity"
PASSING = Axis("passing", "selectivity: listings that pass the filter", "%", "higher", log=True)
FIGURES = {
    "filled": Axis("filled", "slots filled", "", "higher"),
    "recall": Axis("recall", f"recall@{K} of the exact search", "", "higher"),
    "ms": Axis("ms", "one search, median", "ms", "lower", log=True),
    "distances": Axis("distances", "distances per search", "", "lower", log=True),
}
_TRIED: cachetools.LRUCache[tuple[Design, int], dict[tuple[str, float], Tried]] = cachetools.LRUCache(50)


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, NAME, "Filtered search: 50 % to 99.9 % of the listings filtered out", _panel)


def _panel(run: PageRun) -> None:
    if not searches(run.present.design):
        st.info(
            "This design looks up precomputed neighbours and searches no embeddings, so it filters in one way only."
        )
        return
    st.markdown(
        f"The same {N_TRIED} requests, each with exactly so many listings of the city filtered out, market and dates "
        "together. Where more listings pass than a market holds, the guest asks for the nearest markets too."
    )
    share = st.select_slider(
        "Listings filtered out", FILTERED_OUT, FILTERED_OUT[-1], _share_text, key=state.key(run.case, f"{NAME}.share")
    )
    tried = _TRIED.get(_key(run))
    if tried is None:
        tasks.button(run, NAME, "Measure the four ways to filter", lambda job: _work(run, job))
        return
    _table(run, tried, share)
    _chart(run, tried)


def _share_text(share: float) -> str:
    return f"{100 * share:g} %"


def _key(run: PageRun) -> tuple[Design, int]:
    """The present design wherever it filters: the panel tries every place."""
    return canonical(replace(run.present.design, filter=next(iter(FILTERS)))), run.present.seed


def _work(run: PageRun, job: Job) -> None:
    tried, pairs = {}, [(name, share) for share in FILTERED_OUT for name in FILTERS]
    for done, (name, share) in enumerate(pairs):
        if job.stopped():
            raise Cancelled("stopped before the next filter")
        job.tell(done / len(pairs), f"{FILTERS[name].label}, {_share_text(share)} filtered out")
        design = replace(run.present.design, filter=name)
        tried[name, share] = there(tried_at, design, share, run.present.seed)
    _TRIED[_key(run)] = tried


def rows(tried: dict[tuple[str, float], Tried]) -> pd.DataFrame:
    """A row for each place and share, with its means over the requests."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "place": FILTERS[name].label,
                "passing": 100 * (1 - share),
                "filled": float(t.filled.mean()),
                "recall": float(t.recall.mean()),
                "ms": t.timing.median_ms,
                "distances": float(t.n_distances.mean()),
            }
            for (name, share), t in tried.items()
        ]
    )


def _table(run: PageRun, tried: dict[tuple[str, float], Tried], share: float) -> None:
    at = {name: tried[name, share] for name in FILTERS}
    n_passing = next(iter(at.values())).n_passing
    worst = min(at, key=lambda name: at[name].filled.mean())
    words = (
        f"{_share_text(share)} filtered out leaves {n_passing:,} listings. {FILTERS[worst].label} fills "
        f"{at[worst].filled.mean():.0%} of the {min(K, n_passing)} slots that could be filled."
    )
    st.markdown(f":gray-badge[measured] {words}")
    table = [_row(run, name, t) for name, t in at.items()]
    listed(table, words, dict.fromkeys(list(table[0])[1:], "measured"))
    st.caption(
        "Means over the requests, but for the median time. Pre-filtering checks every listing and is exact; "
        "post-filtering keeps of the candidates that it fetched (over-fetch) only those that pass."
    )


def _row(run: PageRun, name: str, tried: Tried) -> dict[str, Any]:
    return {
        "filter": FILTERS[name].label + (" (this design)" if name == run.present.design.filter else ""),
        f"recall@{K}": f"{tried.recall.mean():.3f}",
        "slots filled": f"{tried.filled.mean():.1%}",
        "one search, median": ms_text(tried.timing.median_ms),
        "distances": f"{tried.n_distances.mean():,.0f}",
        "filter checks": f"{tried.n_checks.mean():,.0f}",
    }


def _chart(run: PageRun, tried: dict[tuple[str, float], Tried]) -> None:
    names = {key: axis.label for key, axis in FIGURES.items()}
    key = st.segmented_control(
        "Figure", list(FIGURES), default="filled", required=True, format_func=names.__getitem__,
        key=state.key(run.case, f"{NAME}.figure"),
    )  # fmt: skip
    table = rows(tried)
    words = line_with_band_summary(table, PASSING, FIGURES[key], group="place")
    chart(run.case, NAME, line_with_band(table, PASSING, FIGURES[key], group="place"), words, table)
