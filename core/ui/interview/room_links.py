"""The two links of a shared rehearsal: opening a room, joining it as the candidate, and the interviewer's view."""

from __future__ import annotations

import time

import streamlit as st

from core.catalog import BY_SLUG
from core.contract.case import Case
from core.contract.design import without_punctuation
from core.interview.mock_interview import Rehearsal
from core.interview.rooms import ROOMS, Room, RoomsFull
from core.ui import pages
from core.ui.interview import interviewer, mock_interview_bar

ROOM, ROLE, INTERVIEWER = mock_interview_bar.LINK, "role", "interviewer"  # of the link
OPENED = "rehearsal.opened"  # the candidate's code of the room that this session opened
GONE = (
    "This room is gone: it was closed, nobody used it for two hours, or the server was started anew. "
    "Ask for a new link, or rehearse alone below."
)


def open_room(case: Case, seed: int) -> None:
    """Open a room in place of the one that this session opened before."""
    before = ROOMS.find(st.session_state.get(OPENED, ""), time.monotonic())
    if before is not None:
        ROOMS.close(before)
    try:
        st.session_state[OPENED] = ROOMS.open(case.slug, seed, time.monotonic()).candidate
    except RoomsFull as error:
        st.error(str(error), icon=":material/meeting_room:")


def begin_alone(case: Case, seed: int) -> None:
    """Start a rehearsal in a room of one; without a room where none is left."""
    before, now_s = mock_interview_bar.room(), time.monotonic()
    if before is not None and before.alone:
        ROOMS.close(before)
    try:
        room = ROOMS.open(case.slug, seed, now_s, alone=True)
    except RoomsFull:
        mock_interview_bar.begin(case, Rehearsal(case.slug, seed))
    else:
        mock_interview_bar.begin(case, room.rehearsal, room.candidate)


def opened() -> None:
    """Both links of the room that this session opened."""
    room = ROOMS.find(st.session_state.get(OPENED, ""), time.monotonic())
    if room is None:
        return
    with st.container(border=True, key="rehearsal.links"):
        st.markdown(
            f"**{BY_SLUG[room.rehearsal.case].title}, for two.** Keep one link and send the other. Scores stay private "
            "where the interviewer opens the room and sends only the candidate's link."
        )
        for name, query in (("Candidate", candidate_link(room)), ("Interviewer", interviewer_link(room))):
            st.page_link(pages.rehearsal(), label=f"{name}: open here", icon=":material/login:", query_params=query)
            st.code(_address(query), language=None, wrap_lines=True)


def candidate_link(room: Room) -> dict[str, str]:
    """The parameters of the candidate's link."""
    return {ROOM: room.candidate}


def interviewer_link(room: Room) -> dict[str, str]:
    """The parameters of the interviewer's link."""
    return {ROOM: room.interviewer, ROLE: INTERVIEWER}


def _address(query: dict[str, str]) -> str:
    here = (st.context.url or "rehearsal").split("?")[0]
    return here + "?" + "&".join(f"{name}={text}" for name, text in query.items())


def visited() -> bool:
    """Draw the page of the room that the link names; False where the page is to be drawn as without a room."""
    code = without_punctuation(st.query_params.get(ROOM, ""))
    if not code:
        return False
    wants_scores = without_punctuation(st.query_params.get(ROLE, "")) == INTERVIEWER
    room = ROOMS.find(code, time.monotonic())
    if room is None:
        st.warning(GONE, icon=":material/meeting_room:")
        interviewer.kept_sheet(code)
        return False
    private = room.role_of(code) == INTERVIEWER
    if room.rehearsal.ended and not private and not wants_scores:
        mock_interview_bar.take_up(room.rehearsal, code, room.shown)
        return False  # the page shows the transcript
    st.title("Interviewer's view" if private else "Rehearse an interview", anchor=False)
    if private:
        interviewer.view(room)
    elif wants_scores:
        st.error("This is the candidate's code. The interviewer's link has a code of its own.", icon=":material/lock:")
    else:
        _join(room)
    return True


def _join(room: Room) -> None:
    """The candidate's way into the room, or back into it."""
    case, begun = BY_SLUG[room.rehearsal.case], bool(room.rehearsal.entries)
    st.markdown(f"**{case.title}.** {case.question}")
    label = "Back to the rehearsal" if begun else "Start the clock"
    if not room.alone:
        st.caption("Your interviewer sees your designs, figures and notes as you go, asks, and throws the curve-balls.")
    if st.button(label, type="primary", icon=":material/timer:", key="rehearsal.join"):
        mock_interview_bar.begin(case, room.rehearsal, room.candidate, room.shown)
