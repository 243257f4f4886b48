"""The decision card of a step, the visitor's reasons, and the remarks with what backs each of them."""

from __future__ import annotations

import streamlit as st

from core.checks.common import checks_of
from core.checks.results import VERDICTS
from core.contract.case import Case, Source
from core.contract.check import Check, Verdict, verdicts
from core.contract.interview_spec import Claim
from core.formatting import ms_text, usd_text
from core.interview.decision import MOST_CHARACTERS, Decision, Shown, backing, sentence
from core.serving.slo import Constraint
from core.ui import cards, reasons, state, terms
from core.ui.case.slo import amount
from core.ui.markup import html
from core.ui.page_run import PageRun


def card(study: PageRun, step: str) -> None:
    """What is chosen, what it gives, what binds, why, and what could go wrong."""
    st.subheader("The decision", anchor=False)
    with st.container(border=True):
        shown = reasons.decision(study, step)
        st.markdown(f"**{shown.question}**")
        _choice(shown)
        html(cards.figures(_figures(shown)))
        _rationale(study.case, step)
        st.markdown("**What could go wrong**\n" + "\n".join(f"- {each}" for each in shown.could_go_wrong))


def _choice(shown: Decision) -> None:
    if shown.choice:
        said = ", ".join(f"{label} **{option}**" for label, option in shown.choice.items())
        st.markdown(f"Chosen: {said}. :small[:gray[The panel changes it.]]")
    else:
        st.markdown(":gray[No knob of this design answers it: the figures below do, and your reason.]")


def _figures(shown: Decision) -> list[cards.Figure]:
    found = [("Primary", shown.primary), ("Guardrail", shown.guardrail)]
    return [*(_figure(role, each) for role, each in found if each is not None), _binding(shown.binding)]


def _figure(role: str, each: Shown) -> cards.Figure:
    interval = "" if each.low is None else f"{figure_text(each, each.low)} to {figure_text(each, each.high)}"
    way = f"{each.better.capitalize()} is better."
    return cards.Figure(f"{role}: {each.label}", figure_text(each, each.value), each.badge, interval, help=way)


def figure_text(each: Shown, value: float) -> str:
    """A figure of a card in its unit."""
    if each.unit == "ms":
        return ms_text(value)
    if each.unit.startswith("$"):
        return usd_text(value)
    return f"{value:.3f}" if not each.unit else f"{value:.3g} {each.unit}"


def _binding(tight: Constraint) -> cards.Figure:
    limit, met = ("at most" if tight.better == "lower" else "at least"), ("meets it" if tight.met else "misses it")
    asked = f"{limit} {amount(tight, tight.asked)} was asked: {met}"
    return cards.Figure(f"Binding: {tight.label}", amount(tight, tight.got), tight.badge, asked)


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


def remarks(study: PageRun, step: str) -> None:
    """What is known at this step: each sentence with its check and the state of it, or its source."""
    stop = study.case.interview.stops[step]
    if not stop.remarks:
        return
    st.subheader("What is known", anchor=False)
    checks = checks_of(study.case)
    backed = [(remark, backing(study.case, checks, remark)) for remark in stop.remarks]
    behind = {b.id: b for _, b in backed if isinstance(b, Check)}
    found = {id: VERDICTS.known(study.case, check, study.seed) for id, check in behind.items()}
    said = {id: verdict for id, verdict in found.items() if verdict is not None}
    terms.write("\n\n".join(_remark(remark, what, said) for remark, what in backed))
    waiting = [check for id, check in behind.items() if id not in said]
    if waiting:
        _run(study, step, waiting)


def _run(study: PageRun, step: str, waiting: list[Check]) -> None:
    n = len(waiting)
    label = f"Run the {n} checks behind them" if n > 1 else "Run the check behind them"
    if not st.button(label, key=state.key(study.case, f"walk.check.{step}"), icon=":material/fact_check:"):
        return
    progress = st.progress(0.0, "Running the checks")
    for done, (check, verdict) in enumerate(verdicts(waiting, study.seed), start=1):
        VERDICTS.add(study.case, check, study.seed, verdict)
        progress.progress(done / n, f"{check.id}: {'holds' if verdict.holds else 'fails'}")
    st.rerun()


def _remark(remark: Claim, behind: Check | Source, said: dict[str, Verdict]) -> str:
    text = sentence(remark, behind)
    if isinstance(behind, Source):
        title = f"[{behind.title}]({behind.url})" if behind.url else behind.title
        return f":violet-badge[published] {text} :small[{title}]"
    verdict = said.get(behind.id)
    if verdict is None:
        return f":gray-badge[not run here yet] {text} :small[:gray[check {behind.id}]]"
    mark = ":green-badge[:material/check: holds]" if verdict.holds else ":red-badge[:material/close: fails]"
    return f"{mark} {text} :small[:gray[check {behind.id}]]  \n:small[{verdict.numbers}]"
