"""Page parts that redraw on their own while work runs, so that the rest of the page stays."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.contract.case import Case
from core.ui import jobs, state

POLL_S = 1.0


def follow(draw: Callable[[], None], running: Callable[[], bool], poll_s: float) -> None:
    """Draw now and every `poll_s` seconds while work runs; at its end, redraw the whole page."""
    was_running = running()

    def drawn() -> None:
        draw()
        if was_running and not running():
            st.rerun()  # the last result is in, so stop polling

    st.fragment(drawn, run_every=poll_s if was_running else None)()


def follow_sweep(case: Case, draw: Callable[[], None]) -> None:
    """Draw a part of a case page on its own and redraw it during a sweep; a design loaded here redraws the page."""

    def drawn() -> None:
        if state.must_follow(case):
            st.rerun()  # a design was loaded here, so redraw the whole page
        draw()

    follow(drawn, lambda: jobs.sweeping(case), jobs.poll_s(POLL_S))
