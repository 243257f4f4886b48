"""The interviewer's view of a shared rehearsal: prompts, expected points, private scores, and the next curve-ball."""

from __future__ import annotations

import time

import streamlit as st

from core.catalog import BY_SLUG
from core.contract.case import Case
from core.contract.interview_spec import STEPS
from core.formatting import markdown_text
from core.interview.decision import expected_points
from core.interview.mock_interview import GRADES, MINUTES, MOST_TEXT, Rehearsal, clock, planned
from core.interview.rooms import ROOMS, Room, score_sheet_text
from core.ui.interview import mock_interview_log
from core.ui.interview.mock_interview_bar import TICK_S

MINE = "room.mine"  # what this session knows of a room, which outlives the room
LAST_EVENTS = 6


def view(room: Room) -> None:
    """Left what to ask and the private scores; right what the candidate does."""
    case, rehearsal = BY_SLUG[room.rehearsal.case], room.rehearsal
    st.session_state[_key(room.interviewer, MINE)] = room
    st.markdown(f"**{case.title}.** Private: nothing that you score or write here reaches the candidate's page.")
    key = _key(room.interviewer, "room.step")
    st.session_state[key] = rehearsal.step  # the candidate may have moved it
    options = dict(required=True, format_func=STEPS.__getitem__, label_visibility="collapsed")
    st.pills("Step of the interview", list(STEPS), key=key, on_change=_go_to, args=(rehearsal, key), **options)
    asked, live = st.columns([3, 2], gap="medium")
    with asked:
        _prompts(case, room, rehearsal.step)
    with live:
        st.fragment(_live, run_every=None if rehearsal.ended else TICK_S)(room, rehearsal.step, rehearsal.ended)
    _download(case, room)


def kept_sheet(code: str) -> None:
    """The scores and notes of a room that is gone, where they were written in this session."""
    room: Room | None = st.session_state.get(_key(code, MINE))
    if room is not None:
        st.markdown("Your scores and notes of it are still here.")
        _download(BY_SLUG[room.rehearsal.case], room)


def _key(code: str, name: str) -> str:
    """The session key of a widget or a memory of one room: a session may follow several."""
    return f"{name}.{code}"


def _go_to(rehearsal: Rehearsal, key: str) -> None:
    rehearsal.go_to(time.time(), st.session_state[key])


def _prompts(case: Case, room: Room, step: str) -> None:
    sheet = room.sheet
    st.markdown("**Ask**\n" + "\n".join(f"- {question}" for question in case.interview.stops[step].questions))
    st.markdown("**Expected points**, tick what was said")
    for n, point in enumerate(expected_points(case, step)):
        key = _key(room.interviewer, f"room.point.{step}.{n}")
        st.session_state.setdefault(key, n in sheet.points.get(step, set()))
        sheet.tick(step, n, st.checkbox(markdown_text(point), key=key, wrap=True))
    graded, written = st.columns([2, 3], gap="medium")
    key = _key(room.interviewer, f"room.grade.{step}")
    st.session_state.setdefault(key, sheet.grades.get(step))
    sheet.grade(step, graded.segmented_control(f"Score: {STEPS[step]}", GRADES, key=key))
    key = _key(room.interviewer, f"room.note.{step}")
    st.session_state.setdefault(key, sheet.notes.get(step, ""))
    label = f"Private notes: {STEPS[step]} ({MINUTES[step]} min)"
    sheet.write(step, written.text_area(label, key=key, max_chars=MOST_TEXT, height=90))


def _live(room: Room, drawn_step: str, drawn_ended: bool) -> None:
    """What the candidate's page shows now; the whole page follows when the candidate goes to another step or ends."""
    rehearsal, case = room.rehearsal, BY_SLUG[room.rehearsal.case]
    gone = ROOMS.find(room.interviewer, time.monotonic()) is None
    if gone or (rehearsal.step, rehearsal.ended) != (drawn_step, drawn_ended):
        st.rerun()
    _time(rehearsal)
    shown = room.shown
    if shown is not None:
        figures = " · ".join(f"{name} **{markdown_text(value)}**" for name, value in shown.figures.items())
        missed = markdown_text("; ".join(shown.missed))
        st.markdown(f"{figures}  \n" + (f":red-badge[misses] {missed}" if missed else ":green-badge[meets the SLO]"))
    _next_ball(room, case)
    mock_interview_log.banners(rehearsal)
    events = [entry for entry in list(rehearsal.entries) if entry.kind in ("design", "step", "end")][-LAST_EVENTS:]
    st.markdown("\n".join(f"- {clock(entry.at_s)} {markdown_text(entry.text)}" for entry in reversed(events)))
    note = rehearsal.notes.get(rehearsal.step, "")
    if note.strip():
        st.markdown(f"**The candidate's notes.** {markdown_text(note)}")


def _time(rehearsal: Rehearsal) -> None:
    at_s = rehearsal.at_s(time.time())
    step, left_s = planned(at_s)
    plan = f"plan: {STEPS[step]}" if left_s > 0 else "time is up"
    waiting = "The candidate has not started yet." if rehearsal.started_s is None else ""
    ended = "The rehearsal has ended." if rehearsal.ended else ""
    st.markdown(ended or waiting or f"**{clock(at_s)}** of {sum(MINUTES.values())} min, {plan}")


def _next_ball(room: Room, case: Case) -> None:
    """The next curve-ball in words, and the button that throws it on the candidate's page."""
    if room.rehearsal.ended:
        return
    ball = room.next_ball(case)
    st.button(
        "Throw the next curve-ball",
        key=_key(room.interviewer, "room.throw"),
        type="primary",
        icon=":material/sports_baseball:",
        on_click=lambda: setattr(room, "ball_asked", True),
        disabled=not ball or room.ball_asked,
        shortcut="Alt+B",
    )
    st.caption(
        "On its way to the candidate's page." if room.ball_asked else f"Next: {markdown_text(ball)}" * bool(ball)
    )


def _download(case: Case, room: Room) -> None:
    points = {step: expected_points(case, step) for step in STEPS}
    st.download_button(
        "Score sheet with the transcript (Markdown)",
        lambda: score_sheet_text(room.sheet, points, room.rehearsal, case.title),
        f"score-sheet-{case.slug}.md",
        "text/markdown",
        key=_key(room.interviewer, "room.sheet"),
        on_click="ignore",
        icon=":material/download:",
    )
