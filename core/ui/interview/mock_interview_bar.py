"""The mock interview on a case page: clock, steps, notes and curve-balls, and its log.

A session has one mock interview at a time; another tab is another session.
"""

from __future__ import annotations

import time

import streamlit as st

from core.analysis.explain import move
from core.analysis.figures import Figure, figures_of
from core.contract.case import Case
from core.contract.design import describe
from core.contract.interview_spec import STEPS
from core.interview.curveballs import drawn
from core.interview.mock_interview import MINUTES, MOST_TEXT, Rehearsal, clock, judge_ball, planned
from core.serving.requirement_text import LIMITS
from core.ui import pages, state
from core.ui.markup import slot
from core.ui.page_run import PageRun

HELD = "rehearsal"
TICK_S = 5
WRITTEN_DOWN = ("p99_ms", "load_p99_ms", "usd")  # logged with the first quality


def current() -> Rehearsal | None:
    """This session's mock interview, running or ended."""
    return st.session_state.get(HELD)


def begin(case: Case, seed: int) -> None:
    """Start the clock on a case; the log starts from its baseline."""
    st.session_state[HELD] = Rehearsal(case.slug, seed, time.time())
    st.session_state.pop("rehearsal.last", None)


def bar(case: Case) -> None:
    """The bar above the case page during a mock interview of that case."""
    rehearsal = current()
    if rehearsal is None or rehearsal.ended or rehearsal.case != case.slug:
        return
    with st.container(border=True, key="rehearsal.bar"):
        _controls(case, rehearsal)
        _step(case, rehearsal)


def _controls(case: Case, rehearsal: Rehearsal) -> None:
    key = "rehearsal.step"
    st.session_state.setdefault(key, rehearsal.step)
    st.pills("Step", list(STEPS), required=True, format_func=STEPS.__getitem__, key=key, on_change=_stepped)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.fragment(_clock, run_every=TICK_S)(rehearsal)
        st.button("Next step", on_click=_next, key="rehearsal.next", icon=":material/skip_next:", shortcut="Alt+N")
        st.button(
            "Throw a curve-ball",
            on_click=_throw,
            args=(case,),
            key="rehearsal.throw",
            icon=":material/sports_baseball:",
            shortcut="Alt+B",
        )
        if st.button("End", key="rehearsal.end", icon=":material/stop:"):
            rehearsal.add(time.time(), "end", "The rehearsal was ended.")
            st.switch_page(pages.rehearsal())  # where the transcript is


def _clock(rehearsal: Rehearsal) -> None:
    at_s = time.time() - rehearsal.started_s
    step, left_s = planned(at_s)
    elapsed = f"**{clock(at_s)}** of {sum(MINUTES.values())} min"
    st.markdown(f"{elapsed}, plan: {STEPS[step].lower()}" if left_s > 0 else f"{elapsed}, time is up")


def _step(case: Case, rehearsal: Rehearsal) -> None:
    stop = case.interview.stops[rehearsal.step] if case.interview else None
    if stop is not None:
        st.markdown("\n".join(f"- {question}" for question in stop.questions))
        st.markdown(f"**To decide:** {stop.decision}")
    ball = rehearsal.open_ball
    if ball is not None:
        st.warning(f"**The interviewer:** {ball.text}", icon=":material/sports_baseball:")
    key = f"rehearsal.note.{rehearsal.step}"
    st.session_state.setdefault(key, rehearsal.notes.get(rehearsal.step, ""))
    label = f"Notes: {STEPS[rehearsal.step].lower()} ({MINUTES[rehearsal.step]} min)"
    rehearsal.notes[rehearsal.step] = st.text_area(label, key=key, max_chars=MOST_TEXT, height=90)


def _stepped() -> None:
    _go_to(st.session_state["rehearsal.step"])


def _next() -> None:
    rehearsal = current()
    if rehearsal is not None:
        steps = list(STEPS)
        _go_to(steps[min(steps.index(rehearsal.step) + 1, len(steps) - 1)])


def _go_to(step: str) -> None:
    rehearsal = current()
    if rehearsal is not None and step != rehearsal.step:
        rehearsal.step = st.session_state["rehearsal.step"] = step
        rehearsal.add(time.time(), "step", STEPS[step])


def _throw(case: Case) -> None:
    """Load the next curve-ball's requirements and data knobs into the widgets, which re-runs the present design."""
    rehearsal = current()
    if rehearsal is None:
        return
    design, seed = state.current(case)
    ball = drawn(case, state.requirements(case), design, rehearsal.seed, rehearsal.balls)
    for name in LIMITS:
        st.session_state[state.key(case, name)] = getattr(ball.requirements, name)
    state.load(case, ball.design, seed)
    rehearsal.add(time.time(), "ball", ball.text)


def follow(run: PageRun) -> None:
    """Log a change of the design, and the effect of the open curve-ball."""
    with slot():
        _follow(run)


def _follow(run: PageRun) -> None:
    rehearsal = current()
    if rehearsal is None or rehearsal.ended or rehearsal.case != run.case.slug:
        return
    last = st.session_state.get("rehearsal.last")
    if last != run.present.design:
        moved = (
            move(last, run.present.design)
            if last is not None
            else ", ".join(map(str, describe(run.present.design).values()))
        )
        rehearsal.add(time.time(), "design", moved, _figures(run))
        st.session_state["rehearsal.last"] = run.present.design
    missed = [
        f"{limit.label} {limit.got:.4g} where {limit.asked:.4g} was asked"
        for limit in run.present.constraints
        if limit.verdict == "misses"
    ]
    judge_ball(rehearsal, time.time(), missed, _figures(run))
    _outcome(rehearsal, missed)


def _outcome(rehearsal: Rehearsal, missed: list[str]) -> None:
    """What the last curve-ball broke, or that it is repaired."""
    if rehearsal.open_ball is not None:
        st.error(
            f"**What broke:** {'; '.join(missed)}. The clock runs until nothing is missed.", icon=":material/bolt:"
        )
    elif rehearsal.entries and rehearsal.entries[-1].kind in ("held", "fixed"):
        st.success(f"**The curve-ball:** {rehearsal.entries[-1].text}.", icon=":material/check:")


def _figures(run: PageRun) -> dict[str, str]:
    figures = figures_of(run.case, run.present)
    shown = [figures[key] for key in (run.case.qualities[0].key, *WRITTEN_DOWN) if key in figures]
    return {_named(figure): figure.text(run.present) for figure in shown}


def _named(figure: Figure) -> str:
    return f"{figure.label} (modelled)" if figure.badge == "modelled" and not figure.quality else figure.label
