"""The decision card of a step, the visitor's reasons, and the remarks with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core.analysis.figures import Figure
from core.checks.common import checks_of
from core.checks.results import CheckResult, check_results
from core.contract.case import Case, Source
from core.contract.check import Check
from core.contract.interview_spec import Claim
from core.interview.decision import MOST_CHARACTERS, Decision, backing, sentence
from core.serving.evaluate import Evaluated
from core.serving.slo import Constraint
from core.ui import cards, reasons, state, terms
from core.ui.case.check_list import MARKS
from core.ui.case.slo import amount, given
from core.ui.checks import run_button
from core.ui.markup import html
from core.ui.page_run import PageRun

OF_A_LIMIT = {"meets": "meets it", "misses": "misses it"}


def card(run: PageRun, step: str) -> None:
    """The choice, its figures, the binding constraint, the reason and the risks."""
    st.subheader("The decision", anchor=False)
    with st.container(border=True):
        decision = reasons.decision(run, step)
        st.markdown(f"**{decision.question}**")
        _choice(decision)
        html(cards.figures(_figures(decision)))
        _rationale(run.case, step)
        st.markdown("**What could go wrong**\n" + "\n".join(f"- {risk}" for risk in decision.could_go_wrong))


def _choice(decision: Decision) -> None:
    if decision.choice:
        choices = ", ".join(f"{label} **{option}**" for label, option in decision.choice.items())
        st.markdown(f"Chosen: {choices}. :small[:gray[The panel changes it.]]")
    else:
        st.markdown("No knob of this design answers it: the figures below do, and your reason.")


def _figures(decision: Decision) -> list[cards.Figure]:
    roles = [("Primary", decision.primary), ("Guardrail", decision.guardrail)]
    shown = [_figure(role, figure, decision.evaluated) for role, figure in roles if figure is not None]
    return [*shown, _binding(decision.evaluated.binding)]


def _figure(role: str, figure: Figure, evaluated: Evaluated) -> cards.Figure:
    shown = cards.of_design(figure, evaluated, help=f"{figure.better.capitalize()} is better.")
    return replace(shown, label=f"{role}: {figure.label}")


def _binding(tight: Constraint) -> cards.Figure:
    limit, met = ("at most" if tight.better == "lower" else "at least"), tight.unsure or OF_A_LIMIT[tight.verdict]
    target = f"SLO: {limit} {amount(tight, tight.asked)}, {met}"
    return cards.Figure(f"Binding: {tight.label}", given(tight), tight.badge, target)


def _rationale(case: Case, step: str) -> None:
    key = state.key(case, f"walk.why.{step}")
    st.session_state.setdefault(key, reasons.written(case).get(step, ""))
    st.text_area(
        "Why this, and not the alternatives",
        key=key,
        max_chars=MOST_CHARACTERS,
        on_change=reasons.keep,
        args=(case, step, key),
        placeholder="Name the figure that decided, and what you gave up for it.",
    )
    if step not in reasons.written(case):
        st.caption(":material/edit: No reason written yet: a choice without one is not a decision.")


def remarks(run: PageRun, step: str) -> None:
    """The remarks of this step, each with its check and result, or its source."""
    stop = run.case.interview.stops[step]
    if not stop.remarks:
        return
    st.subheader("What is known", anchor=False)
    results = {result.check.id: result for result in check_results([run.case], run.present.seed)}
    backed = [(remark, backing(run.case, checks_of(run.case), remark)) for remark in stop.remarks]
    terms.write("\n\n".join(_remark(remark, what, results) for remark, what in backed))
    behind = {what.id: what for _, what in backed if isinstance(what, Check)}
    waiting = [check for id, check in behind.items() if results[id].waiting]
    if waiting:
        _run(run, step, waiting)


def _run(run: PageRun, step: str, waiting: list[Check]) -> None:
    n = len(waiting)
    label = f"Run the {n} checks behind them" if n > 1 else "Run the check behind them"
    claims = [CheckResult(run.case, check, run.present.seed, None) for check in waiting]

    def drawn() -> None:
        run_button.controls(claims, label, lambda name: state.key(run.case, f"walk.check.{step}.{name}"))

    run_button.followed(drawn)


def _remark(remark: Claim, behind: Check | Source, results: Mapping[str, CheckResult]) -> str:
    text = sentence(remark, behind)
    if isinstance(behind, Source):
        title = f"[{behind.title}]({behind.url})" if behind.url else behind.title
        return f":violet-badge[published] {text} :small[{title}]"
    result = results[behind.id]
    mark = MARKS[result.state] + " :gray-badge[recorded]" * bool(result.origin)
    numbers = f"  \n:small[{result.verdict.numbers}]" if result.verdict else ""
    return f"{mark} {text} :small[:gray[check {behind.id}]]{numbers}"
