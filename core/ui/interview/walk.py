"""The interview walkthrough on any case: seven steps with questions, decisions and a checklist."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.catalog import BY_SLUG, CASES
from core.contract.case import Case
from core.contract.design import without_punctuation
from core.contract.interview_spec import STEPS
from core.interview.checklist import Ticked, moves, ticked
from core.ui import reasons, state, terms
from core.ui.interview import walk_card, walk_evidence
from core.ui.interview.walk_done import note, so_far
from core.ui.markup import told
from core.ui.moves import opened as designs_opened
from core.ui.page_run import PageRun

OPEN = {case.slug: case for case in CASES if case.interview is not None}
CASE, STEP, WRITTEN, KEPT = "walk.case", "walk.step", "walk.written", "walk.kept"
PLACES = list(STEPS)


def opened() -> tuple[Case, dict[str, str]]:
    """Draw the choice of case and the steps; returns the case and this page's link parameters."""
    for warning in told(_open_link()):
        st.warning(warning, icon=":material/link_off:")
    chosen, question = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with chosen:
        titles = dict(format_func=lambda slug: OPEN[slug].title, label_visibility="collapsed")
        st.selectbox("Case", list(OPEN), key=CASE, **titles)
    case = OPEN[st.session_state[CASE]]
    question.markdown(case.question)
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
        reason = "has no interview walkthrough yet" if link["case"] in BY_SLUG else "is not a case"
        notes.append(f"“{link['case'][:40]}” {reason}, so this opens {next(iter(OPEN.values())).title}.")
    if link["step"] not in STEPS:
        notes.append(f"“{link['step'][:40]}” is not a step, so this opens the first.")
    return notes


def _rail(case: Case) -> None:
    """The seven steps as buttons, and which of them are decided with a written reason."""
    options = dict(required=True, format_func=STEPS.__getitem__, label_visibility="collapsed")
    st.pills("Step of the interview", PLACES, key=STEP, **options)
    decided = reasons.written(case)
    done = ", ".join(STEPS[step] for step in PLACES if step in decided)
    st.caption(f"Decided with a reason: {done or 'no step yet'}.")


def step(run: PageRun, name: str) -> None:
    """One step: the evidence from this design, then its questions, the decision card, and the remarks."""
    stop = run.case.interview.stops[name]
    st.subheader(f"{PLACES.index(name) + 1}. {STEPS[name]}: evidence from this design", anchor=False)
    walk_evidence.EVIDENCE[name](run)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Questions at this step", anchor=False)
        terms.write("\n".join(f"- {question}" for question in stop.questions))
        walk_card.remarks(run, name)
    with right:
        walk_card.card(run, name)
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
    """What the seven steps ask for, each line with what was done or what to do."""
    axis = run.case.qualities[0]
    before, now = (m.quality[axis.key].value for m in (run.baseline.measured, run.present.measured))
    note(run.case, "baseline", f"{axis.label} {before:.3f}, this design {now:.3f}")
    done = so_far(run.case)
    changed = moves(designs_opened(run.case))
    if changed:
        done["moves"] = f"{changed} move{'s' * (changed > 1)} of the design"
    tasks = ticked(done)
    st.header("Checklist", anchor=False)
    st.caption(f"{sum(bool(line.done) for line in tasks)} of {len(tasks)} done, by what really ran in this session.")
    st.markdown("\n".join(map(_line, tasks)))


def _line(line: Ticked) -> str:
    badge = ":green-badge[:material/check: done]" if line.done else ":gray-badge[open]"
    return f"- {badge} **{STEPS[line.task.step]}**: {line.done or line.task.todo}."
