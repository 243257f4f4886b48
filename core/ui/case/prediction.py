"""Predict, then reveal: after a move the figures are held back until the reader has answered or skipped.

A page asks `holds` before it draws tiles or a chart, draws them of `shown` meanwhile, and puts `section` on the page.
All three may be called in any order and any number of times in one run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.analysis.explain import move
from core.contract.case import Case, Measurement
from core.contract.design import Design
from core.interview.predict import DIRECTIONS, Answered, Score, figures_to_predict, reveal, score
from core.serving.evaluate import Evaluated
from core.ui import state
from core.ui.markup import prose, slot
from core.ui.page_run import PageRun

ICONS = {"down": "↓ down", "same": "= same", "up": "↑ up"}
SURE = 70  # percent, before the reader says


@dataclass(frozen=True)
class HeldRun(PageRun):
    """The run before the move, which knows nothing of the design that is held back."""

    held_back: Design | None = None

    def known(self) -> dict[Design, Measurement]:
        """Every measured design but the one that is held back."""
        return {design: measured for design, measured in super().known().items() if design != self.held_back}

    def recorded(self) -> list[tuple[Evaluated, str]]:
        """Every recorded design but the one that is held back."""
        return [(one, where) for one, where in super().recorded() if one.design != self.held_back]


def holds(run: PageRun) -> bool:
    """True while the figures of this design are held back: it was moved to, and neither answered nor skipped."""
    if not state.predicts(run.case):
        st.session_state.pop(_key(run.case, "revealed"), None)
        return False
    before: PageRun | None = st.session_state.get(_key(run.case, "revealed"))
    moved = before is not None and before.present.design != run.present.design
    if moved and before.present.same_world(run.present) and figures_to_predict(before.present, run.present):
        return True
    st.session_state[_key(run.case, "revealed")] = run  # the first design, the same one, or another world: no question
    return False


def shown(run: PageRun) -> PageRun:
    """The run that the page draws: the one before the move, under the requirements of now, while this one is held."""
    if not holds(run):
        return run
    before: PageRun = st.session_state[_key(run.case, "revealed")]
    present, baseline = (replace(each, scenario=run.scenario) for each in (before.present, before.baseline))
    trail = tuple(replace(each, scenario=run.scenario) for each in before.trail)
    return HeldRun(run.case, run.scenario, present, baseline, trail, held_back=run.present.design)


def section(run: PageRun, may_skip: bool = True) -> None:
    """The question while the figures are held, else the outcome of the last one and the score."""
    with slot():
        if holds(run):
            _question(run, may_skip)
        elif state.predicts(run.case):
            _history(run.case)


def answered(run: PageRun) -> list[Answered]:
    """What was predicted of the move to the present design; empty where nothing was, or is not yet."""
    of_this = st.session_state.get(_key(run.case, "latest of")) == run.present.design
    return list(st.session_state.get(_key(run.case, "latest"), ())) if of_this and not holds(run) else []


def _question(run: PageRun, may_skip: bool) -> None:
    before: PageRun = st.session_state[_key(run.case, "revealed")]
    with st.form(state.key(run.case, "predicting"), enter_to_submit=False):
        moved = prose(move(before.present.design, run.present.design))
        st.markdown(f"**You moved {moved}.** Which way does each figure go?")
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            for name, figure in figures_to_predict(before.present, run.present).items():
                key = _key(run.case, name)
                st.segmented_control(figure.label, DIRECTIONS, format_func=ICONS.__getitem__, key=key, width="content")
            st.session_state.setdefault(_key(run.case, "sure"), SURE)
            blind = "A blind guess among three is right one time in three."
            st.slider("How sure, %", 34, 100, key=_key(run.case, "sure"), help=blind, width=200)
            on_page = dict(args=(before, run), type="secondary")
            st.form_submit_button(
                "Reveal", key=_key(run.case, "reveal"), on_click=_reveal, **on_page | {"type": "primary"}
            )
            if may_skip:
                st.form_submit_button("Skip", key=_key(run.case, "skip"), on_click=_skip, **on_page)


def _reveal(before: PageRun, run: PageRun) -> None:
    """Compare what was answered with what was measured, keep it for the score, and let the figures go."""
    ways = {
        name: st.session_state.get(_key(run.case, name)) for name in figures_to_predict(before.present, run.present)
    }
    sure = st.session_state.get(_key(run.case, "sure"), SURE) / 100
    answered = reveal({name: way for name, way in ways.items() if way}, sure, before.present, run.present)
    _kept(run.case).extend(answered)
    _let_go(run, answered)


def _skip(before: PageRun, run: PageRun) -> None:
    _let_go(run, [])


def _let_go(run: PageRun, answered: list[Answered]) -> None:
    st.session_state[_key(run.case, "latest")] = answered
    st.session_state[_key(run.case, "latest of")] = run.present.design
    st.session_state[_key(run.case, "revealed")] = run
    for figure in figures_to_predict(run.present, run.present):
        st.session_state.pop(_key(run.case, figure), None)


def _history(case: Case) -> None:
    latest: list[Answered] = st.session_state.get(_key(case, "latest"), [])
    if latest:
        st.markdown("  \n".join(map(_answer_text, latest)))
    done = score(_kept(case))
    if done is not None:
        st.caption(_score(done))


def _answer_text(answer: Answered) -> str:
    mark = ":green-badge[:material/check: right]" if answer.right else ":orange-badge[:material/close: not so]"
    return f"{mark} {answer.label}: you said {answer.predicted}, measured **{answer.measured}**."


def _score(done: Score) -> str:
    return (
        f"Score: {done.right:.0%} of {done.n} predictions were right, where you were {done.sure:.0%} sure on average; "
        f"Brier score {done.brier:.2f} (0 is perfect, 0.22 is what a blind guess at every question gives). Measured."
    )


def _kept(case: Case) -> list[Answered]:
    return st.session_state.setdefault(_key(case, "kept"), [])


def _key(case: Case, name: Any) -> str:
    return state.key(case, f"predict.{name}")
