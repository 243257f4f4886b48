"""The facts of a session on a case, noted as they happen and read by the checklist."""

from __future__ import annotations

import streamlit as st

from core.contract.case import Case
from core.interview.checklist import FACTS
from core.ui import state


def note(case: Case, fact: str, words: str) -> None:
    """Note a fact; KeyError for one that the checklist does not know."""
    if fact not in FACTS:
        raise KeyError(fact)
    st.session_state.setdefault(state.key(case, "walk.done"), {})[fact] = words


def so_far(case: Case) -> dict[str, str]:
    """Fact → words, of this session and case."""
    return dict(st.session_state.get(state.key(case, "walk.done"), {}))
