"""What the last move changed, in one sentence at a fixed place beside the chart."""

from __future__ import annotations

import streamlit as st

from core.analysis.headline import change
from core.runtime.timing import BUSY
from core.serving.slo import TOO_NOISY, too_noisy
from core.ui import moves, state
from core.ui.markup import prose
from core.ui.page_run import PageRun, time_again


def section(run: PageRun) -> None:
    """The move, or at first the design against the baseline; “Time again” on a busy machine; undo and redo."""
    st.markdown(prose(_sentence(run)))
    if run.present.measured.noise > BUSY:
        _busy(run)
    case = run.case
    for label, act, can in (("Undo", moves.undo, moves.can_undo(case)), ("Redo", moves.redo, moves.can_redo(case))):
        icon = f":material/{label.lower()}:"
        key = state.key(case, label.lower())
        st.button(label, key=key, on_click=act, args=(case,), disabled=not can, icon=icon, type="tertiary")


def _sentence(run: PageRun) -> str:
    if run.last is not None:
        return f"**What changed.** {change(run.last, run.present)}"
    if run.present.design == run.baseline.design:
        return "**The baseline.** Turn a knob and watch the mark move."
    return f"**Vs baseline.** {change(run.baseline, run.present, quality=False)}"  # which its tile says


def _busy(run: PageRun) -> None:
    """A button that times the design again and keeps the quieter reading, with what a busy machine does to it."""
    measured = run.present.measured
    rests = f" What rests on times is {TOO_NOISY}." if too_noisy(measured) else ""
    help = (
        f"The machine was busy while timing (wall ÷ CPU {measured.noise:.2f}); {measured.interrupted:,} interrupted "
        f"calls count with their CPU time.{rests}"
    )
    again = st.button("Time again", key=state.key(run.case, "time_again"), icon=":material/timer:", help=help)
    if again and time_again(run):
        st.rerun()
