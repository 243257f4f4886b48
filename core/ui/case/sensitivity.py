"""Sensitivity, one knob at a time; drawn once opened."""

from __future__ import annotations

import streamlit as st

from core.analysis.sensitivity import Effect, effects
from core.charts import bars, bars_summary
from core.ui import state
from core.ui.figures import chart
from core.ui.live import follow_sweep
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """Bars of the effect of one move per knob on the quality, with intervals; the p99 in words."""
    follow_sweep(run.case, lambda: _opened(run))


def _opened(run: PageRun) -> None:
    key = state.key(run.case, "sensitivity")
    box = st.expander("Sensitivity (one knob at a time)", True, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        largest = effects(run.case, run.present.design, run.known(), run.present.seed)
        if largest:
            _bars(run, largest)
        else:
            st.caption("No design one knob away has been measured yet.")


def _bars(run: PageRun, largest: list[Effect]) -> None:
    import pandas as pd

    label = run.case.qualities[0].label
    rows = [
        {"move": effect.move, "gained": effect.gained, "low": effect.low, "high": effect.high} for effect in largest
    ]
    table = pd.DataFrame(rows)
    words = f"Change of {label} by one move of a knob. " + bars_summary(table, "move", "gained")
    chart(run.case, "knobs", bars(table, "move", "gained", "low", "high", unit=label), words, table)
    slower = [
        f"{effect.move} ×{effect.p99_factor:.2g}" for effect in sorted(largest, key=lambda effect: -effect.p99_factor)
    ]
    st.caption(f"What the same moves do to the p99 service time (measured): {'; '.join(slower)}.")
