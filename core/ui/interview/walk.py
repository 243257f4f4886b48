"""The interview walkthrough on any case: seven steps with questions, decisions and a checklist."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalog import BY_SLUG, CASES
from core.contract.case import Case
from core.contract.design import without_punctuation
from core.contract.interview_spec import STEPS
from core.interview.checklist import moves, ticked
from core.ui import reasons, state, terms
from core.ui.interview import walk_card, walk_evidence
from core.ui.interview.walk_done import note, so_far
from core.ui.moves import opened as designs_opened
from core.ui.page_run import PageRun

OPEN = {case.slug: case for case in CASES if case.interview is not None}
CASE, STEP, WRITTEN, KEPT = "walk.case", "walk.step", "walk.written", "walk.kept"
PLACES = list(STEPS)


def opened() -> tuple[Case, dict[str, str]]:
    """Draw the choice of case and the steps; returns the case and this page's link parameters."""
    for warning in _open_link():
        st.warning(warning, icon=":material/link_off:")
    st.selectbox("Case", list(OPEN), key=CASE, format_func=lambda slug: OPEN[slug].title)
    case = OPEN[st.session_state[CASE]]
    st.markdown(case.question)
    _rail(case)
    page = {"case": case.slug, "step": st.session_state[STEP]}
    if without_punctuation(st.query_params.get("case", case.slug)) != case.slug:
        st.query_params.from_dict(page)  # the other parameters belong to another case
    st.session_state[WRITTEN] = st.session_state[KEPT] = page
    return case, page


def _open_link() -> list[str]:
    """Load the case and step of an incoming link into the widgets."""
    incoming, doubled = state.incoming_link(("case", "step").__contains__)
    link = {name: without_punctuation(incoming.get(name, "")) for name in ("case", "step")}
    kept: Mapping[str, str] = st.session_state.get(KEPT, {"case": next(iter(OPEN)), "step": PLACES[0]})
    notes = []
    if doubled or (any(link.values()) and link != st.session_state.get(WRITTEN)):
        kept = {name: link[name] or kept[name] for name in link}
        notes = doubled + _refused(kept)
        st.session_state[CASE] = kept["case"] if kept["case"] in OPEN else next(iter(OPEN))
        st.session_state[STEP] = kept["step"] if kept["step"] in STEPS else PLACES[0]
    st.session_state.setdefault(CASE, kept["case"])
    st.session_state.setdefault(STEP, kept["step"])
    return notes


def _refused(link: Mapping[str, str]) -> list[str]:
    notes = []
    if link["case"] not in OPEN:
        reason = "has no seven steps yet" if link["case"] in BY_SLUG else "is not a case"
        notes.append(f"“{link['case'][:40]}” {reason}, so this opens {next(iter(OPEN.values())).title}.")
    if link["step"] not in STEPS:
        notes.append(f"“{link['step'][:40]}” is not a step, so this opens the first.")
    return notes


def _rail(case: Case) -> None:
    """The seven steps as buttons, ticked where a reason is written."""
    decided = reasons.written(case)
    st.segmented_control(
        "The seven steps",
        PLACES,
        key=STEP,
        required=True,
        format_func=lambda step: f"{PLACES.index(step) + 1} {step.capitalize()}",
        label_visibility="collapsed",
    )
    done = ", ".join(f"{PLACES.index(step) + 1} ✓" for step in PLACES if step in decided)
    at = PLACES.index(st.session_state[STEP]) + 1
    st.caption(f"Step {at} of {len(PLACES)}. Decided with a reason: {done or 'none yet'}.")


def step(run: PageRun, name: str) -> None:
    """One step: its questions and remarks, the decision card, and the evidence from this design."""
    stop = run.case.interview.stops[name]
    st.header(f"{PLACES.index(name) + 1}. {STEPS[name]}", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("What an interviewer asks", anchor=False)
        terms.write("\n".join(f"- {question}" for question in stop.questions))
        walk_card.remarks(run, name)
    with right:
        walk_card.card(run, name)
    st.subheader("Live evidence from this design", anchor=False)
    walk_evidence.EVIDENCE[name](run)
    _go_on(name)


def _go_on(name: str) -> None:
    at = PLACES.index(name)
    with st.container(horizontal=True):
        for label, place, icon in (("Back", at - 1, "arrow_back"), ("Next", at + 1, "arrow_forward")):
            if 0 <= place < len(PLACES):
                to, text = PLACES[place], f"{label}: {STEPS[PLACES[place]]}"
                st.button(text, key=f"walk.{label}", on_click=_to, args=(to,), icon=f":material/{icon}:")


def _to(name: str) -> None:
    st.session_state[STEP] = name


def checklist(run: PageRun) -> None:
    """The nine phases, each with what was done or what to do."""
    axis = run.case.qualities[0]
    before, now = (m.quality[axis.key].value for m in (run.baseline.measured, run.present.measured))
    note(run.case, "baseline", f"{axis.label} {before:.3f}, this design {now:.3f}")
    done = so_far(run.case)
    changed = moves(designs_opened(run.case))
    if changed:
        done["moves"] = f"{changed} move{'s' * (changed > 1)} of the design"
    phases = ticked(done)
    st.header("The nine phases", anchor=False)
    st.caption(f"{sum(bool(tick.done) for tick in phases)} of 9 ticked, by what was really done in this session.")
    st.markdown("\n".join(map(_phase, phases)))


def _phase(tick) -> str:
    where = f":small[:gray[step {PLACES.index(tick.phase.step) + 1}]]"
    if tick.done:
        return f"- :green-badge[:material/check: done] **{tick.phase.name}**: {tick.done}. {where}"
    return f"- :gray-badge[open] **{tick.phase.name}**: {tick.phase.todo}. {where}"
