"""A student on the case page: the goal, the clock, “Submit”, the place, and what the class has so far."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.catalog import BY_SLUG
from core.charts import class_wall, class_wall_summary
from core.classroom import codes, wall
from core.classroom.lesson import goal_text
from core.classroom.limits import TooOften
from core.classroom.store import Classroom, Store, StoreError, Student
from core.classroom.submissions import Entry, Prediction, submission
from core.contract.case import Case
from core.export.subject import Subject
from core.export.tables import as_json
from core.formatting import markdown_text
from core.serving.requirement_text import LIMITS
from core.ui import pages, state
from core.ui.case import export, prediction
from core.ui.case.companion import SEAT, Companion
from core.ui.classroom import links
from core.ui.classroom.clock import clock_text, remaining_s
from core.ui.controls import Panel
from core.ui.figures import chart
from core.ui.markup import plain, prose
from core.ui.page_run import PageRun

ENTERED, SAID, SLOT = "class.entered", "class.said", "class.slot"
OPEN, SUBMITTED = "class.front.open", "class.submitted"  # the front opens with a submission, until the next move
GONE = "This class is over, or there is none with this code. The page is free to use."
NOBODY = "This link belongs to nobody in the class. Ask for the class's link and choose a nickname."
STYLE = (
    "<style>.st-key-class-bar{gap:.3rem!important;padding:.4rem .7rem!important}"
    ".st-key-class-bar [data-testid=stMarkdownContainer]{margin-bottom:0!important}"
    ".st-key-class-bar p{margin:0!important}"
    "@media(min-width:641px){.st-key-class-goal{flex-wrap:nowrap!important}"
    ".st-key-class-goal>[data-testid=stElementContainer]:first-child{flex:1 1 20rem;min-width:0}}</style>"
)


@dataclass(frozen=True)
class Seat:
    """A student in a class that is open."""

    store: Store
    classroom: Classroom
    student: Student
    secret: str


def companion(case: Case) -> Companion | None:
    """The class of the link, else of the session, if it is about this case; None where the page is free."""
    code, secret = codes.read_code(links.parameter(links.CLASS)), links.parameter(links.STUDENT)
    if links.CLASS not in st.query_params:
        code, secret = st.session_state[SEAT]
    try:
        seat = _seat(code, secret)
    except (ValueError, StoreError) as error:
        st.session_state.pop(SEAT, None)
        st.warning(plain(str(error)), icon=":material/school:")
        return None
    if seat.classroom.lesson.case != case.slug:
        _elsewhere(seat)
        return None
    st.session_state[SEAT] = (code, secret)
    lesson = seat.classroom.lesson
    return Companion(
        bar=partial(_bar, seat),
        follow=partial(_follow, seat),
        panel=Panel(frozenset(lesson.fixed), frozenset(lesson.hidden), fixed=True, must_predict=lesson.predicts),
        link={links.CLASS: code, links.STUDENT: secret},
        settle=partial(_settle, seat),
    )


def _seat(code: str, secret: str) -> Seat:
    store = links.store()
    classroom = store.find(code)
    if classroom is None:
        raise ValueError(GONE)
    student = store.student(code, secret)
    if student is None:
        raise ValueError(NOBODY)
    return Seat(store, classroom, student, secret)


def _elsewhere(seat: Seat) -> None:
    """Another case than that of the class: free to use, with the way back."""
    case = BY_SLUG[seat.classroom.lesson.case]
    query = {links.CLASS: seat.classroom.code, links.STUDENT: seat.secret}
    st.page_link(pages.of(case), label=f"Back to the class: {case.title}", icon=":material/school:", query_params=query)


def _settle(seat: Seat) -> list[str]:
    """Put back what the lesson fixes, whatever a link, a click on a chart or an undo brought."""
    lesson = seat.classroom.lesson
    case = lesson.of_case
    if st.session_state.get(ENTERED) != seat.classroom.code:
        st.session_state[ENTERED] = seat.classroom.code
        if "seed" not in st.query_params:  # the link names no design
            state.load(case, lesson.design, lesson.seed)
    design, seed = state.current(case)
    notes = lesson.strays(design)
    if (lesson.kept(design), lesson.seed) != (design, seed):
        state.load(case, lesson.kept(design), lesson.seed)
    for name in LIMITS:
        st.session_state[state.key(case, name)] = lesson.requirements[name]
    state.forget_assumptions(case)
    if lesson.predicts:
        st.session_state[state.key(case, state.PREDICT)] = True
    return notes


def _bar(seat: Seat) -> None:
    """The goal with the clock; the place of “Submit”, which needs a measured design."""
    classroom = seat.classroom
    st.html(STYLE)
    with st.container(border=True, key="class.bar", gap="small"):
        with st.container(key="class.goal", horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(prose(f":material/flag: **{goal_text(classroom.lesson)}**"), width="stretch")
            st.session_state[SLOT] = st.empty()
            _button(st.session_state[SLOT], "waiting", disabled=True)
            st.button("Leave", type="tertiary", key="class.leave", on_click=_leave, help="Goes on without the class.")
        try:
            _told(seat)
        except StoreError as error:  # the page and its figures stand without the class
            st.error(plain(str(error)), icon=":material/database_off:")


def _told(seat: Seat) -> None:
    """What came of the last submission, the place, and the class front once it is opened."""
    classroom, student = seat.classroom, seat.student
    kind, text = st.session_state.pop(SAID, ("", ""))
    if kind == "error":
        st.error(plain(text), icon=":material/block:")
    entries = seat.store.entries(classroom.code)
    ranking = wall.ranked(classroom.lesson, entries)
    at = wall.place(ranking, student.id)
    place = f"**place {at} of {len(ranking)}**" if at else "nothing submitted yet"
    done = ":green-badge[:material/check: Submitted] " if kind == "done" else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{done}{markdown_text(student.nickname)}: {place}", width="content")
        if classroom.ends_s is not None:
            st.fragment(_clock, run_every=5.0)(classroom)
    if not entries:
        return
    submitted = st.session_state.get(SUBMITTED)
    if submitted is not None and submitted != state.current(classroom.lesson.of_case)[0]:
        st.session_state[OPEN], st.session_state[SUBMITTED] = False, None
    part = st.expander("The class so far", icon=":material/groups:", key=OPEN, on_change="rerun")
    if part.open:
        with part:
            _front(seat, entries)


def _front(seat: Seat, entries: Sequence[Entry]) -> None:
    import pandas as pd

    lesson = seat.classroom.lesson
    x, y = wall.axes(lesson)
    mine = [entry.number for entry in entries if entry.student == seat.student.id]
    rows = wall.marks(lesson, entries, mine[-1] if mine else None)
    figure = class_wall(rows, (), x, y, lines=wall.lines(lesson), height=300, text_size=13, legend=False)
    caption = "Star: the leader. Ring: your last design. Line: the class front. ×: not known to meet the SLO."
    table = pd.DataFrame([{"name": entry.name, **entry.submission.figures} for entry in entries])
    chart(lesson.of_case, "class", figure, class_wall_summary(rows, x, y), table, caption)


def _clock(classroom: Classroom) -> None:
    st.markdown(f":material/timer: {clock_text(remaining_s(classroom.ends_s, time.time()))}")


def _button(
    place: DeltaGenerator, key: str, disabled: bool, run: PageRun | None = None, seat: Seat | None = None
) -> None:
    place.button(
        "Submit",
        type="primary",
        icon=":material/send:",
        key=f"class.submit.{key}",
        disabled=disabled,
        on_click=_submit if run is not None else None,
        args=(seat, run),
    )


def _follow(seat: Seat, run: PageRun, held: bool) -> None:
    """Once the design is measured and its figures are not held back, it can be submitted."""
    _button(st.session_state[SLOT], "ready", held, run, seat)


def _submit(seat: Seat, run: PageRun) -> None:
    """Keep the measured run of the page: the figures are this server's, whatever the browser says."""
    try:
        _keep(seat, run)
    except (ValueError, StoreError, TooOften) as error:
        st.session_state[SAID] = ("error", str(error))
    else:
        st.session_state[SAID] = ("done", "")
        st.session_state[OPEN], st.session_state[SUBMITTED] = True, run.present.design


def _keep(seat: Seat, run: PageRun) -> None:
    lesson, present = seat.classroom.lesson, run.present
    answered = prediction.answered(run)
    if lesson.predicts and not answered and present.design != lesson.design:
        raise ValueError("Predict first: move to this design from another one, and say which way the figures go.")
    if present.seed != lesson.seed:
        raise ValueError("This design was measured on another seed than that of the class.")
    predictions = [Prediction(figure=one.label, said=one.predicted, measured=one.measured) for one in answered]
    content = submission(lesson, present.design, present.measured, predictions)
    seat.store.submit(seat.student, content, _file(seat, run) if lesson.assignment else "")


def _file(seat: Seat, run: PageRun) -> str:
    """The design as the page's Export writes it, under the requirements of the lesson."""
    present = replace(run.present, scenario=seat.classroom.lesson.scenario)
    return as_json(Subject(present, link=export.address(), made_on=date.today().isoformat()))


def _leave() -> None:
    st.session_state.pop(SEAT, None)
    for name in state.PERSONAL:
        st.query_params.pop(name, None)
