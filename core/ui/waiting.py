"""What a visitor sees while a call waits in the line and runs: its place, the expected wait, a cancel."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.formatting import seconds_text
from core.runtime.calls import Way, submit
from core.runtime.channel import Cancelled
from core.runtime.fair_queue import QUEUE
from core.runtime.ticket import Rank, Ticket
from core.ui import jobs

QUIET_S = 0.25  # a call that is done by then shows nothing
LINE_S, SLOWEST_LINE_S = 0.5, 3.0  # between two looks at the line: more, the longer the wait
STOPPED = "given up"  # key of the session's state: what its visitor cancelled


def here(what: str, of: Any = None, place: DeltaGenerator | None = None) -> Way:
    """The way of a call that the page needs before it goes on, with a line that says `what` runs and a cancel.

    A newer run of the page ends the wait of this one, and nothing is measured for it then. Raises Cancelled after a
    cancel, and again until `go_on`, as long as the page asks for the same (`of`).
    """

    def way(function: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
        if of is not None and st.session_state.get(STOPPED) == of:
            raise Cancelled("cancelled")
        visitor = jobs.session()
        ticket = submit(QUEUE, visitor, Rank.DESIGN, function, *arguments)
        try:
            if not ticket.done_within(QUIET_S):
                _watch(ticket, what, of, place or st.empty())
        finally:  # also where a newer run of the page takes over
            QUEUE.leave(ticket, visitor)
        return ticket.future.result()

    return way


def given_up(of: Any) -> bool:
    """Whether the visitor cancelled this very call."""
    return st.session_state.get(STOPPED) == of


def go_on() -> None:
    """Measure after all; for a button."""
    st.session_state.pop(STOPPED, None)


def _watch(ticket: Ticket, what: str, of: Any, place: DeltaGenerator) -> None:
    with place.container(horizontal=True, vertical_alignment="center", gap="small"):
        line = st.empty()
        if of is not None:
            key = f"waiting.{hash((of, ticket.key))}"
            st.button("Cancel", key=key, icon=":material/stop:", on_click=_give_up, args=(of,), type="tertiary")
    done, look_s = False, 0.0
    while not done:
        if look_s <= 0:
            text, look_s = _told(ticket, what)
            line.html(f'<div class="kp-waiting" role="status">{escape(text)}</div>')
        st.session_state.get(STOPPED)  # here a newer run of the page takes over, and nothing is sent
        done = ticket.done_within(LINE_S)
        look_s -= LINE_S
    place.empty()


def _told(ticket: Ticket, what: str) -> tuple[str, float]:
    """The line, and seconds until the next look."""
    if not ticket.waiting:
        return f"{what}… {seconds_text(round(time.monotonic() - (ticket.began_s or 0.0)))}", LINE_S
    place = QUEUE.place(ticket)
    others = f"{place.ahead} measurement{'s' * (place.ahead != 1)} ahead"
    wait = f"about {seconds_text(max(1, round(place.wait_s)))}"
    return f"In line: {others}, {wait} to wait", min(SLOWEST_LINE_S, max(LINE_S, place.wait_s / 10))


def _give_up(of: Any) -> None:
    st.session_state[STOPPED] = of
