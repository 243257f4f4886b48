"""A part of a page that draws itself again while work goes on, so that the rest of the page stands still."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.contract.case import Case
from core.ui import jobs, state

POLL_S = 1.0


def follow(draw: Callable[[], None], running: Callable[[], bool], poll_s: float) -> None:
    """Draw now, and again every `poll_s` seconds while the work runs; when it ends, draw the whole page once more."""
    was_running = running()

    def drawn() -> None:
        draw()
        if was_running and not running():
            st.rerun()  # the last result is in: this time without polling

    st.fragment(drawn, run_every=poll_s if was_running else None)()


def follow_sweep(case: Case, draw: Callable[[], None]) -> None:
    """Draw a part of a case's page by itself, and again as rows of a sweep come in; the page follows what it loads."""

    def drawn() -> None:
        if state.must_follow(case):
            st.rerun()  # a design was loaded from this part: the whole page follows, not this part alone
        draw()

    follow(drawn, lambda: jobs.sweeping(case), POLL_S)
