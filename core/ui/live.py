"""A part of a page that draws itself again while work goes on, so that the rest of the page stands still."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def follow(draw: Callable[[], None], running: Callable[[], bool], poll_s: float) -> None:
    """Draw now, and again every `poll_s` seconds while the work runs; when it ends, draw the whole page once more."""
    was_running = running()

    def drawn() -> None:
        draw()
        if was_running and not running():
            st.rerun()  # the last result is in: this time without polling

    st.fragment(drawn, run_every=poll_s if was_running else None)()
