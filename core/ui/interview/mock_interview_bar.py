"""The mock interview on a case page: clock, steps, notes and curve-balls, and its log.

A session has one mock interview at a time; another tab is another session. Where it belongs to a room, the
interviewer's page moves the step and asks for curve-balls, and this page follows.
"""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.contract.case import SEED, Case
from core.contract.design import knobs, to_query
from core.contract.interview_spec import STEPS
from core.interview.curveballs import drawn
from core.interview.mock_interview import MINUTES, MOST_TEXT, Rehearsal, clock, planned
from core.interview.rooms import ROOMS, Room, Shown
from core.serving.requirement_text import LIMITS, text_of
from core.ui import pages, state
from core.ui.interview import mock_interview_log
from core.ui.page_run import PageRun

HELD, ROOM, DRAWN, SLOT = "rehearsal", "rehearsal.room", "rehearsal.drawn", "rehearsal.slot"
TICK_S, CLOCK_S = 2.0, 5.0  # how often a page of a room looks what the other one did; the clock of one without


def current() -> Rehearsal | None:
    """This session's mock interview, running or ended."""
    return st.session_state.get(HELD)


def begin(case: Case, rehearsal: Rehearsal, room_code: str = "", left: Shown | None = None) -> None:
    """Open the case page at its default design and requirements, or at those that were `left`.

    The clock starts once the page is drawn.
    """
    st.session_state[HELD] = rehearsal
    st.session_state[ROOM] = room_code
    for name in (DRAWN, SLOT, mock_interview_log.LAST, mock_interview_log.FEASIBLE):
        st.session_state.pop(name, None)
    if left is not None:
        st.session_state[mock_interview_log.LAST] = left.design  # it is in the log
    st.switch_page(pages.of(case), query_params=link_to(case, left))


def link_to(case: Case, left: Shown | None) -> dict[str, str]:
    """The link parameters of the default design, or of the design and the requirements that were left."""
    if left is None:
        return to_query(case.Design(), SEED)
    return to_query(left.design, SEED) | {name: text_of(getattr(left.requirements, name)) for name in LIMITS}


def room() -> Room | None:
    """The room of this session's mock interview; None where it has none, or the room is gone."""
    code = st.session_state.get(ROOM)
    return ROOMS.find(code, time.monotonic()) if code else None


def bar(case: Case) -> None:
    """The bar above the case page during a mock interview of that case."""
    rehearsal = _running(case)
    if rehearsal is None:
        return
    shared = room()
    if shared is not None and _drawn_before(case) and shared.take_ball():
        _throw(case)
    with st.container(border=True, key="rehearsal.bar", gap="small"):
        _controls(case, rehearsal, shared)
        if st.session_state.get(ROOM) and shared is None:
            st.warning("The room is closed: nobody follows any more. Your rehearsal goes on here, and nothing is lost.")
        slot = st.session_state[SLOT] = st.empty()  # once the design is measured, `follow` says there what broke
        with slot:
            mock_interview_log.banners(rehearsal)
        with st.expander("Questions and notes" if shared is None else "Notes", expanded=True):
            _step(case, rehearsal, shared)


def _running(case: Case) -> Rehearsal | None:
    rehearsal = current()
    return None if rehearsal is None or rehearsal.ended or rehearsal.case != case.slug else rehearsal


def _drawn_before(case: Case) -> bool:
    """Whether the panel's widgets hold a design, which a curve-ball may change."""
    return all(state.key(case, name) in st.session_state for name in (*knobs(case.Design), "seed"))


def _controls(case: Case, rehearsal: Rehearsal, shared: Room | None) -> None:
    key = "rehearsal.step"
    st.session_state[key] = rehearsal.step  # the interviewer may have moved it
    options = dict(required=True, format_func=STEPS.__getitem__, label_visibility="collapsed")
    st.pills("Step of the interview", list(STEPS), key=key, on_change=_stepped, **options)
    with st.container(horizontal=True, vertical_alignment="center"):
        alone = shared is None and rehearsal.started_s is not None
        st.fragment(_clock, run_every=CLOCK_S if alone else TICK_S)(case, rehearsal, rehearsal.step)
        st.button("Next step", on_click=_next, key="rehearsal.next", icon=":material/skip_next:", shortcut="Alt+N")
        if shared is None:
            icon = ":material/sports_baseball:"
            throw = dict(on_click=_throw, args=(case,), icon=icon, shortcut="Alt+B")
            st.button("Throw a curve-ball", key="rehearsal.throw", **throw)
        if st.button("End", key="rehearsal.end", icon=":material/stop:"):
            rehearsal.add(time.time(), "end", "The rehearsal was ended.")
            st.switch_page(pages.rehearsal())  # where the transcript is


def _clock(case: Case, rehearsal: Rehearsal, drawn_step: str) -> None:
    """The time, and a look whether the interviewer did something: then the whole page follows."""
    if st.session_state.get(DRAWN):
        rehearsal.start(time.time())
    shared = room()
    if rehearsal.step != drawn_step or (shared is not None and shared.ball_asked and _drawn_before(case)):
        st.rerun()
    at_s = rehearsal.at_s(time.time())
    step, left_s = planned(at_s)
    elapsed = f"**{clock(at_s)}** of {sum(MINUTES.values())} min"
    st.markdown(f"{elapsed}, plan: {STEPS[step]}" if left_s > 0 else f"{elapsed}, time is up")


def _step(case: Case, rehearsal: Rehearsal, shared: Room | None) -> None:
    """The questions, unless an interviewer asks them, and the notes."""
    step, stop = rehearsal.step, case.interview.stops[rehearsal.step] if case.interview else None
    asked, notes = st.columns([3, 2], gap="medium")
    with asked:
        if shared is not None:
            st.markdown("The interviewer asks. What you decide and turn here is seen there.")
        elif stop is not None:
            st.markdown("\n".join(f"- {question}" for question in stop.questions))
            st.markdown(f"**To decide:** {stop.decision}")
    with notes:
        key = f"rehearsal.note.{step}"
        st.session_state.setdefault(key, rehearsal.notes.get(step, ""))
        label = f"Notes: {STEPS[step]} ({MINUTES[step]} min)"
        rehearsal.write(step, st.text_area(label, key=key, max_chars=MOST_TEXT, height=90))


def _stepped() -> None:
    _go_to(st.session_state["rehearsal.step"])


def _next() -> None:
    rehearsal = current()
    if rehearsal is not None:
        steps = list(STEPS)
        _go_to(steps[min(steps.index(rehearsal.step) + 1, len(steps) - 1)])


def _go_to(step: str) -> None:
    rehearsal = current()
    if rehearsal is not None:
        rehearsal.go_to(time.time(), step)


def _throw(case: Case) -> None:
    """Load the next curve-ball's requirements and data knobs into the widgets, which re-runs the present design."""
    rehearsal = current()
    if rehearsal is None:
        return
    design, seed = state.current(case)
    ball = drawn(case, state.requirements(case), design, rehearsal.seed, len(rehearsal.balls))
    for name in LIMITS:
        st.session_state[state.key(case, name)] = getattr(ball.requirements, name)
    state.load(case, ball.design, seed)
    rehearsal.throw(time.time(), ball.text)


def follow(run: PageRun) -> None:
    """Log a change of the design, judge the curve-balls, and show in the bar what they broke."""
    rehearsal = _running(run.case)
    if rehearsal is None:
        return
    st.session_state[DRAWN] = True
    mock_interview_log.from_a_feasible_design(rehearsal, run)
    mock_interview_log.record(rehearsal, run, room(), time.time())
    slot: DeltaGenerator | None = st.session_state.get(SLOT)
    if slot is not None:
        with slot:
            mock_interview_log.banners(rehearsal, run.present.constraints)
