"""The mock interview on a case page: clock, steps, notes and curve-balls, and its log.

A session has one mock interview at a time; another tab is another session. It belongs to a room, whose code in the
link lets it survive a reload. In a room for two the interviewer's page moves the step and asks for curve-balls, and
this page follows.
"""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.contract.case import SEED, Case
from core.contract.design import knobs, to_query, without_punctuation
from core.contract.interview_spec import STEPS
from core.interview.curveballs import drawn
from core.interview.mock_interview import MINUTES, MOST_TEXT, Rehearsal, clock, planned
from core.interview.rooms import ROOMS, Room, Shown
from core.serving.requirement_text import LIMITS, text_of
from core.ui import pages, state
from core.ui.interview import mock_interview_log
from core.ui.page_run import PageRun

HELD, ROOM, DRAWN, SLOTS = "rehearsal", "rehearsal.room", "rehearsal.drawn", "rehearsal.slots"
LINK = "room"  # the link parameter of the room's code
TICK_S, CLOCK_S = 2.0, 5.0  # how often a page for two looks what the other one did; the clock of one alone
GONE = "The rehearsal of this link is gone: nobody used it for two hours, or the server was started anew."


def current() -> Rehearsal | None:
    """This session's mock interview, running or ended."""
    return st.session_state.get(HELD)


def begin(case: Case, rehearsal: Rehearsal, code: str = "", left: Shown | None = None) -> None:
    """Open the case page at its default design and requirements, or at those that were `left`.

    The clock starts once the page is drawn. `code` is the candidate's of the room; without one, a reload ends it.
    """
    take_up(rehearsal, code, left)
    st.switch_page(pages.of(case), query_params=link_to(case, left) | ({LINK: code} if code else {}))


def take_up(rehearsal: Rehearsal, code: str, left: Shown | None) -> None:
    """Make it the mock interview of this session."""
    st.session_state[HELD], st.session_state[ROOM] = rehearsal, code
    for name in (DRAWN, SLOTS, mock_interview_log.LAST, mock_interview_log.FEASIBLE):
        st.session_state.pop(name, None)
    if left is not None:
        st.session_state[mock_interview_log.LAST] = left.design  # it is in the log


def link_to(case: Case, left: Shown | None) -> dict[str, str]:
    """The link parameters of the default design, or of the design and the requirements that were left."""
    if left is None:
        return to_query(case.Design(), SEED)
    return to_query(left.design, SEED) | {name: text_of(getattr(left.requirements, name)) for name in LIMITS}


def room() -> Room | None:
    """The room of this session's mock interview; None where it has none, or the room is gone."""
    code = st.session_state.get(ROOM)
    return ROOMS.find(code, time.monotonic()) if code else None


def in_link(case: Case) -> dict[str, str]:
    """The link parameter of the running mock interview of this case; one that a reload left is taken up again."""
    code = without_punctuation(st.query_params.get(LINK, ""))
    if code and code != st.session_state.get(ROOM):
        found = ROOMS.find(code, time.monotonic())
        if found is None:
            st.warning(GONE, icon=":material/timer_off:")
        elif found.candidate == code and found.rehearsal.case == case.slug:
            take_up(found.rehearsal, code, found.shown)
    held = st.session_state.get(ROOM)
    return {LINK: held} if held and _running(case) is not None else {}


def bar(case: Case) -> None:
    """Two slim lines above the case page during a mock interview of that case; the rest is behind a button."""
    rehearsal = _running(case)
    if rehearsal is None:
        return
    here = room()
    shared = None if here is None or here.alone else here
    if shared is not None and _drawn_before(case) and shared.take_ball():
        _throw(case)
    with st.container(key="rehearsal_bar", gap="small"):
        with st.container(key="rehearsal_line", horizontal=True, vertical_alignment="center", gap="small"):
            everything = _controls(case, rehearsal, shared)
        said = st.container(key="rehearsal_said").empty()
        if st.session_state.get(ROOM) and here is None:
            st.warning("The room is closed: nobody follows any more. Your rehearsal goes on here, and nothing is lost.")
    with said:
        mock_interview_log.latest(rehearsal, _to_do(case, rehearsal, shared))
    with everything:
        mock_interview_log.banners(rehearsal)
    st.session_state[SLOTS] = (said, everything, _to_do(case, rehearsal, shared))  # `follow` says there what broke


def _running(case: Case) -> Rehearsal | None:
    rehearsal = current()
    return None if rehearsal is None or rehearsal.ended or rehearsal.case != case.slug else rehearsal


def _drawn_before(case: Case) -> bool:
    """Whether the panel's widgets hold a design, which a curve-ball may change."""
    return all(state.key(case, name) in st.session_state for name in (*knobs(case.Design), "seed"))


def _controls(case: Case, rehearsal: Rehearsal, shared: Room | None) -> DeltaGenerator:
    """The step, the clock, the notes and the buttons in one line; returns the place for all curve-balls."""
    key = "rehearsal.step"
    st.session_state[key] = rehearsal.step  # the interviewer may have moved it
    options = dict(format_func=_numbered, label_visibility="collapsed", width=155)
    st.selectbox("Step of the interview", list(STEPS), key=key, on_change=_stepped, **options)
    alone = shared is None and rehearsal.started_s is not None
    st.fragment(_clock, run_every=CLOCK_S if alone else TICK_S)(case, rehearsal, rehearsal.step)
    with st.popover("Questions and notes" if shared is None else "Notes", icon=":material/edit_note:"):
        _step(case, rehearsal, shared)
        everything = st.empty()
    st.button("Next step", on_click=_next, key="rehearsal.next", help="Alt+N", shortcut="Alt+N")
    if shared is None:
        throw = dict(on_click=_throw, args=(case,), icon=":material/sports_baseball:", shortcut="Alt+B")
        st.button("Curve-ball", key="rehearsal.throw", help="Throw one: Alt+B", **throw)
    if st.button("End", key="rehearsal.end", icon=":material/stop:"):
        rehearsal.add(time.time(), "end", "The rehearsal was ended.")
        code = st.session_state.get(ROOM)
        st.switch_page(pages.rehearsal(), query_params={LINK: code} if code else None)  # where the transcript is
    return everything


def _number(step: str) -> int:
    return list(STEPS).index(step) + 1


def _numbered(step: str) -> str:
    return f"{_number(step)}. {STEPS[step]}"


def _clock(case: Case, rehearsal: Rehearsal, drawn_step: str) -> None:
    """The time, and a look whether the interviewer did something: then the whole page follows."""
    if st.session_state.get(DRAWN):
        rehearsal.start(time.time())
    here = room()  # which counts as a use of it
    if rehearsal.step != drawn_step or (here is not None and here.ball_asked and _drawn_before(case)):
        st.rerun()
    at_s = rehearsal.at_s(time.time())
    step, left_s = planned(at_s)
    elapsed = f"**{clock(at_s)}** of {sum(MINUTES.values())} min"
    st.markdown(f"{elapsed}, plan: step {_number(step)}" if left_s > 0 else f"{elapsed}, time is up")


def _to_do(case: Case, rehearsal: Rehearsal, shared: Room | None) -> str:
    """What the line says until a curve-ball was thrown."""
    if shared is not None or case.interview is None:
        return "The interviewer asks. What you decide and turn here is seen there."
    return f"**To decide:** {case.interview.stops[rehearsal.step].decision}"


def _step(case: Case, rehearsal: Rehearsal, shared: Room | None) -> None:
    """The questions, unless an interviewer asks them, and the notes."""
    step = rehearsal.step
    if shared is None and case.interview is not None:
        st.markdown("\n".join(f"- {question}" for question in case.interview.stops[step].questions))
    key = f"rehearsal.note.{st.session_state.get(ROOM)}.{step}"
    st.session_state.setdefault(key, rehearsal.notes.get(step, ""))
    label = f"Notes: {STEPS[step]} ({MINUTES[step]} min)"
    st.text_area(label, key=key, max_chars=MOST_TEXT, height=90, on_change=_noted, args=(step, key))


def _noted(step: str, key: str) -> None:
    """Keep a note as it comes, also where the next step is asked for before the page is drawn with it."""
    rehearsal = current()
    if rehearsal is not None:
        rehearsal.write(step, st.session_state[key])


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


def follow(run: PageRun, held: bool = False) -> None:
    """Log a change of the design, judge the curve-balls, and show in the bar what they broke.

    While its figures are `held` back for a prediction, the run is neither logged nor judged.
    """
    rehearsal = _running(run.case)
    if rehearsal is None:
        return
    st.session_state[DRAWN] = True
    if held:
        return
    mock_interview_log.from_a_feasible_design(rehearsal, run)
    mock_interview_log.record(rehearsal, run, room(), time.time())
    if SLOTS in st.session_state:
        said, everything, to_do = st.session_state[SLOTS]
        with said:
            mock_interview_log.latest(rehearsal, to_do, run.present.constraints)
        with everything:
            mock_interview_log.banners(rehearsal, run.present.constraints)
