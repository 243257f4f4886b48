"""What a mock interview writes down of a case page: designs, curve-balls and what they broke."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analysis.explain import move
from core.analysis.figures import Figure, figures_of
from core.contract.design import Design, to_query
from core.formatting import markdown_text
from core.interview.mock_interview import DESIGN_HELD, Ball, Rehearsal, clock, judge_balls, missed_text, still_broken
from core.interview.rooms import Room, Shown
from core.serving.evaluate import Evaluated
from core.serving.slo import Constraint
from core.ui import pages
from core.ui.markup import prose
from core.ui.page_run import PageRun

LAST, FEASIBLE = "rehearsal.last", "rehearsal.feasible"
WRITTEN_DOWN = ("load_p99_ms", "usd")  # logged with the first quality


def from_a_feasible_design(rehearsal: Rehearsal, run: PageRun) -> None:
    """Before the clock runs: open the cheapest design that meets the SLO, where the default misses it.

    Only once; where no measured or recorded design meets it, the rehearsal begins at the default.
    """
    if rehearsal.started_s is not None or st.session_state.get(FEASIBLE) or run.present.verdict != "misses":
        return
    st.session_state[FEASIBLE] = True
    start = cheapest_feasible([*run.evaluated(), *(evaluated for evaluated, _ in run.recorded())])
    if start is not None:
        st.switch_page(pages.of(run.case), query_params=to_query(start, run.present.seed))


def cheapest_feasible(designs: Sequence[Evaluated]) -> Design | None:
    """The cheapest design that meets every requirement; None without one."""
    feasible = [evaluated for evaluated in designs if evaluated.feasible]
    return min(feasible, key=lambda e: e.assessment.total_usd).design if feasible else None


def record(rehearsal: Rehearsal, run: PageRun, room: Room | None, now_s: float) -> None:
    """Log a changed design, judge the curve-balls, and let the interviewer's page know."""
    present, last = run.present, st.session_state.get(LAST)
    figures, changed = _figures(run), last != present.design
    if changed:
        moved = _start(run) if last is None else move(last, present.design)
        rehearsal.add(now_s, "design", moved, figures)
        st.session_state[LAST] = present.design
    judge_balls(rehearsal, now_s, present.constraints, figures, moved=changed)
    if room is not None:
        missed = tuple(missed_text(limit) for limit in present.constraints if limit.verdict == "misses")
        room.shown = Shown(present.design, run.scenario.requirements, figures, missed)


def _start(run: PageRun) -> str:
    changed = move(run.baseline.design, run.present.design)
    return f"starts with the baseline but for {changed}" if changed else "starts with the baseline"


def banners(rehearsal: Rehearsal, constraints: Sequence[Constraint] = ()) -> None:
    """Every curve-ball so far, each with what it broke and whether that is mended; none replaces another."""
    if rehearsal.balls:
        st.markdown("\n".join(f"- {_banner(ball, constraints)}" for ball in rehearsal.balls))


def latest(rehearsal: Rehearsal, to_do: str, constraints: Sequence[Constraint] = ()) -> None:
    """The last curve-ball on two lines, and how many were thrown before it; `to_do` until there is one."""
    if not rehearsal.balls:
        st.markdown(prose(to_do))
        return
    before = len(rehearsal.balls) - 1
    st.markdown(_banner(rehearsal.balls[-1], constraints) + f" :small[{before} more in the notes.]" * bool(before))


def _banner(ball: Ball, constraints: Sequence[Constraint]) -> str:
    said, impact = f"{clock(ball.at_s)} {markdown_text(ball.text)}", markdown_text(ball.impact)
    if ball.broke is None:
        return f":gray-badge[:material/sports_baseball: not judged yet] **{said}** {impact}"
    if not ball.open:
        colour, icon = ("green", "check") if ball.broke or ball.outcome == DESIGN_HELD else ("gray", "remove")
        why = f" ({impact})" if impact and not ball.broke else ""
        return f":{colour}-badge[:material/{icon}: {markdown_text(ball.outcome)}] {said}{why}"
    left = "; ".join(map(_left_text, still_broken(ball, constraints)))
    broke = markdown_text(left) or impact
    return f":red-badge[:material/bolt: open] **{said}** What broke: {broke}."


def _left_text(limit: Constraint) -> str:
    return missed_text(limit) if limit.verdict == "misses" else f"{limit.label} {limit.unsure}"


def _figures(run: PageRun) -> dict[str, str]:
    figures = figures_of(run.case, run.present)
    shown = [figures[key] for key in (run.case.qualities[0].key, *WRITTEN_DOWN) if key in figures]
    return {_named(figure): figure.text(run.present) for figure in shown}


def _named(figure: Figure) -> str:
    return f"{figure.label} (modelled)" if figure.badge == "modelled" and not figure.quality else figure.label
