"""What follows from the measured design, each part in an expander that draws only when opened."""

from __future__ import annotations

import streamlit as st

from core.ui import tasks
from core.ui.case import ablation, batch_vs_online, crossover, extrapolation
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """The ceiling, the design at the required size, where flat search stops paying, and batch against online."""
    st.subheader("What follows from it", anchor=False)
    if run.case.ablation_steps:
        tasks.panel(run, "ceiling", "Where the quality goes: from the ceiling to this design", ablation.panel)
    if run.case.scaling_parts:
        tasks.panel(run, "scale", "At scale: the same design over far more items, with a receipt", extrapolation.panel)
        tasks.panel(run, "crossover", "Flat or an index: from which size, and where memory decides", crossover.panel)
    tasks.panel(run, "breakeven", "Batch, online or hybrid: where they cost the same", batch_vs_online.panel)
