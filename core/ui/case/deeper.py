"""What follows from the measured design, each part in an expander that draws only when opened."""

from __future__ import annotations

import streamlit as st

from core.ui import tasks
from core.ui.case import atscale, breakeven, ceiling, crossover
from core.ui.study import Study


def section(study: Study) -> None:
    """The ceiling, the design at the required size, where flat search stops paying, and batch against online."""
    st.subheader("What follows from it", anchor=False)
    if study.case.ladder:
        tasks.panel(study, "ceiling", "Where the quality goes: from the ceiling to this design", ceiling.panel)
    if study.case.grows:
        tasks.panel(study, "scale", "At scale: the same design over far more items, with a receipt", atscale.panel)
        tasks.panel(study, "crossover", "Flat or an index: from which size, and where memory decides", crossover.panel)
    tasks.panel(study, "breakeven", "Batch, online or hybrid: where they cost the same", breakeven.panel)
