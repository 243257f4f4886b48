"""One page's subject: the design the visitor chose, measured, beside the baseline and the last design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.analysis.tradeoff_table import assessment
from core.contract.case import Case, Measurement, Requirements
from core.contract.design import describe, with_data_of
from core.runtime.results import RESULTS
from core.serving.cost import Assessment, Load, load_of
from core.serving.prices import Prices
from core.ui import state

# Failures with a message written for the reader; anything else is a bug and goes to the log with its trace.
TOLD = (ValueError, OSError, RuntimeError, ImportError)


@dataclass(frozen=True)
class PageRun:
    """What the sections of a page draw from."""

    case: Case
    design: Any
    seed: int
    needs: Requirements
    prices: Prices
    measured: Measurement
    baseline: Any
    baseline_measured: Measurement
    last: Any | None
    last_measured: Measurement | None

    @property
    def assessed(self) -> Assessment:
        """What the present design takes to serve the load."""
        return assessment(self.measured, self.seed, self.needs, self.prices)

    @property
    def load(self) -> Load:
        """What reaches the replicas at the peak."""
        return load_of(self.needs, self.prices)


def measure(case: Case, design: Any, seed: int, needs: Requirements) -> PageRun | None:
    """Measure the design and the baseline on the same data; where it fails, say why in its place and return None."""
    baseline = with_data_of(case.baseline, design)
    try:
        measured = _measured(case, design, seed)
        beside = _measured(case, baseline, seed)
    except TOLD as error:
        st.error(f"**This design could not be run.** {error}", icon=":material/error:")
        with st.expander("The design"):
            st.table(describe(design))
        return None
    last = _last(case, design, seed)
    known = None if last is None else RESULTS.known(case, last, seed)
    last = None if known is None else last
    return PageRun(case, design, seed, needs, state.prices(case), measured, baseline, beside, last, known)


def _measured(case: Case, design: Any, seed: int) -> Measurement:
    if RESULTS.known(case, design, seed) is not None:
        return RESULTS.measure(case, design, seed)
    with st.spinner("Running the pipeline and timing it…", show_time=True):
        return RESULTS.measure(case, design, seed)


def _last(case: Case, design: Any, seed: int) -> Any | None:
    """The design before this one in the session, on the same seed; None at the first."""
    trail = st.session_state.setdefault(state.key(case, "trail"), [])
    if not trail or trail[-1] != (design, seed):
        trail.append((design, seed))
        del trail[:-50]
    return trail[-2][0] if len(trail) > 1 and trail[-2][1] == seed else None
