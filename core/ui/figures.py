"""A chart with its text alternative, its table, and download buttons that work offline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.analysis.figures import Figure
from core.contract.case import Case
from core.serving.evaluate import Evaluated
from core.ui import state
from core.ui.cards import BADGES


def config(case: Case, name: str) -> dict[str, Any]:
    """Plotly's settings for one chart: its one button saves SVG, or PNG at three pixels per point for print.

    The button stands in the chart's right margin, so that it covers no mark and no title.
    """
    saved = {"format": "svg", "scale": 1} if _as_svg(case) else {"format": "png", "scale": 3}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {**saved, "filename": f"kneepoint-{case.slug}-{name}"},
    }


def chart(case: Case, name: str, figure: Any, words: str, table: Any = None, caption: str = "") -> None:
    """Draw a figure with its summary below and its table behind a button; `table` is None where the page shows it.

    `name` distinguishes the charts of a page; `caption` replaces the summary below the chart.
    """
    key = state.key(case, f"chart.{name}")
    st.plotly_chart(figure, key=key, alt=words, config=config(case, name))
    st.caption(caption or words)
    if table is not None:
        _table(key, name, table, words)


def listed(rows: Any, words: str, kinds: Mapping[str, str]) -> None:
    """A case panel's table in full, with the provenance of its columns below, from `kinds` (column → badge).

    Other columns hold names, places and data facts. Raises KeyError for an unknown badge.
    """
    import pandas as pd

    table = pd.DataFrame(rows)
    st.dataframe(table, hide_index=True, width="stretch", height="content", alt=words)
    named = {kind: [column for column in table if kinds.get(column) == kind] for kind in dict.fromkeys(kinds.values())}
    provenance = [
        f":gray-badge[{kind}] {', '.join(columns)}" for kind, columns in named.items() if BADGES[kind] and columns
    ]
    if provenance:
        st.caption("  ".join(provenance))


def _table(key: str, name: str, table: Any, words: str) -> None:
    """The rows, sent to the browser on request."""
    opened = st.popover("Table", key=f"{key}.table", icon=":material/table:", on_change="rerun")
    if not opened.open:
        return
    with opened:
        st.dataframe(table, hide_index=True, alt=words)
        text, file = table.to_csv(index=False), f"{name}.csv"
        st.download_button("As CSV", text, file, "text/csv", key=f"{key}.csv", on_click="ignore")


def _as_svg(case: Case) -> bool:
    """True where the visitor chose SVG for this case's charts; PNG is the default."""
    return st.session_state.get(state.key(case, "saved as")) == "SVG"


def choose_figure(label: str, key: str, figures: Mapping[str, Figure], first: int, evaluated: Evaluated) -> Figure:
    """A select box for the figure of an axis; `first` is the default index."""
    keys = list(figures)
    if st.session_state.get(key) not in figures:
        st.session_state[key] = keys[min(first, len(keys) - 1)]
    names = {name: f"{figure.label} ({figure.badge_of(evaluated)})" for name, figure in figures.items()}
    return figures[st.selectbox(label, keys, key=key, format_func=names.__getitem__)]
