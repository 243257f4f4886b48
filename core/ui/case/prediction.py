"""Predict, then reveal: the predicted direction of each figure for the next move, and the outcome."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.contract.case import Case
from core.interview.predict import (
    DIRECTIONS,
    MOST_SURE,
    Answered,
    Score,
    figures_to_predict,
    reveal,
    score,
)
from core.ui import state
from core.ui.markup import slot
from core.ui.page_run import PageRun

ICONS = {"down": "↓ down", "same": "= same", "up": "↑ up"}


def section(run: PageRun) -> None:
    """Drawn only when the link or the panel's switch turns it on."""
    with slot():
        if state.predicts(run.case):
            _questions(run)


def _questions(run: PageRun) -> None:
    _reveal_last(run)
    with st.container(border=True, key=state.key(run.case, "predicting")):
        st.markdown("**Before your next move:** which way will each figure go?")
        with st.container(horizontal=True, gap="medium"):
            for name, figure in figures_to_predict(run.present).items():
                key = _key(run.case, name)
                st.segmented_control(figure.label, DIRECTIONS, format_func=ICONS.__getitem__, key=key, width="content")
        key = _key(run.case, "sure")
        st.session_state.setdefault(key, 70)
        blind = "A blind guess among three is right one time in three."
        st.slider("How sure, %", 34, 100, key=key, help=blind, width=280)
        _history(run.case)
    st.session_state[_key(run.case, "asked at")] = run.present.design


def _reveal_last(run: PageRun) -> None:
    """Once the design has changed, compare the predictions with the outcome and clear them."""
    asked_at = st.session_state.get(_key(run.case, "asked at"))
    if run.last is None or asked_at != run.last.design or asked_at == run.present.design:
        return
    predicted = {name: st.session_state.get(_key(run.case, name)) for name in figures_to_predict(run.present)}
    predicted = {name: way for name, way in predicted.items() if way}
    if not predicted:
        return
    sure = st.session_state.get(_key(run.case, "sure"), 100) / 100
    answered = reveal(predicted, min(sure, MOST_SURE), run.last, run.present)
    _kept(run.case).extend(answered)
    st.session_state[_key(run.case, "latest")] = answered
    for name in predicted:
        del st.session_state[_key(run.case, name)]


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
        f"So far {done.right:.0%} of {done.n} predictions were right, where you were {done.sure:.0%} sure on average; "
        f"Brier score {done.brier:.2f} (0 is perfect, 0.22 is what shrugging at every question gives). Measured."
    )


def _kept(case: Case) -> list[Answered]:
    return st.session_state.setdefault(_key(case, "kept"), [])


def _key(case: Case, name: Any) -> str:
    return state.key(case, f"predict.{name}")
