"""What a session has really done on a case: noted when it happens, read by the checklist."""

from __future__ import annotations

import streamlit as st

from core.contract.case import Case
from core.interview.checklist import FACTS
from core.ui import state


def note(case: Case, fact: str, words: str) -> None:
    """Write down that something was done. Raises KeyError when it is not a fact of the checklist."""
    if fact not in FACTS:
        raise KeyError(fact)
    st.session_state.setdefault(state.key(case, "walk.done"), {})[fact] = words


def so_far(case: Case) -> dict[str, str]:
    """Fact → words, of this session on this case."""
    return dict(st.session_state.get(state.key(case, "walk.done"), {}))
