"""The visitor's reasons at each of the seven steps, kept for the session and the design document."""

from __future__ import annotations

import streamlit as st

from core.contract.case import Case
from core.contract.interview_spec import STEPS
from core.interview.decision import Decision, decide, tidy
from core.ui import state
from core.ui.page_run import PageRun


def written(case: Case) -> dict[str, str]:
    """The non-empty reasons by step, in the order of the steps."""
    kept = st.session_state.get(_kept(case), {})
    return {step: kept[step] for step in STEPS if kept.get(step)}


def keep(case: Case, step: str, widget: str) -> None:
    """Keep the text of a widget, which Streamlit drops when the widget is not drawn."""
    st.session_state.setdefault(_kept(case), {})[step] = tidy(st.session_state[widget])


def decision(run: PageRun, step: str) -> Decision:
    """The decision card of a step, with the visitor's reason."""
    return decide(run.present, step, written(run.case).get(step, ""))


def _kept(case: Case) -> str:
    return state.key(case, "walk.rationales")
