"""The page of the mock interview: the start, alone or in a room, and after the end the transcript with a rubric."""

from __future__ import annotations

import streamlit as st

from core.catalog import BY_SLUG, CASES
from core.contract.case import Case
from core.contract.design import without_punctuation
from core.contract.interview_spec import STEPS
from core.interview.mock_interview import GRADES, MINUTES, RUBRIC, Rehearsal, log_rows, transcript
from core.interview.transcript_file import from_json, to_json
from core.ui import pages
from core.ui.interview import mock_interview_bar, room_links
from core.ui.markup import plain


def begin() -> None:
    """Choose a case and a seed (prefilled from the link), and start alone or open a room for two."""
    link = {name: without_punctuation(text) for name, text in st.query_params.to_dict().items()}
    slugs = [case.slug for case in CASES]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = slugs.index(link["case"]) if link.get("case") in slugs else 0
        slug = st.selectbox("Case", slugs, at, format_func=lambda slug: BY_SLUG[slug].title, key="rehearsal.case")
        seed = int(
            st.number_input(
                "Seed", 0, 9_999, _seed(link.get("seed", "0")), key="rehearsal.seed", help="Decides the curve-balls."
            )
        )
        if st.button("Start the clock", type="primary", icon=":material/timer:", key="rehearsal.begin"):
            room_links.begin_alone(BY_SLUG[slug], seed)
        nothing_to_ask = BY_SLUG[slug].interview is None
        group = dict(icon=":material/group:", disabled=nothing_to_ask)
        if st.button("With an interviewer", key="rehearsal.room.open", **group):
            room_links.open_room(BY_SLUG[slug], seed)
    room_links.opened()
    plan = ", ".join(f"{STEPS[step]} {minutes}" for step, minutes in MINUTES.items())
    st.caption(f"A usual split of {sum(MINUTES.values())} minutes, illustrative: {plan}.")


def _seed(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= 4 else 0


def running() -> None:
    """A link back to the running mock interview."""
    rehearsal = mock_interview_bar.current()
    if rehearsal is not None and not rehearsal.ended:
        case = BY_SLUG[rehearsal.case]
        st.info(f"A rehearsal is running: {case.title}.", icon=":material/timer:")
        st.page_link(pages.of(case), label=f"Back to {case.title}", icon=":material/arrow_forward:")


def result() -> None:
    """The transcript of this session's last mock interview, or of an uploaded file."""
    rehearsal = mock_interview_bar.current() or _brought_back()
    if rehearsal is None or rehearsal.case not in BY_SLUG:
        return
    case = BY_SLUG[rehearsal.case]
    st.subheader("How it went", anchor=False)
    _happened(rehearsal, case)
    _rubric(rehearsal)
    text = transcript(rehearsal, case.title)
    with st.container(horizontal=True):
        name = f"rehearsal-{rehearsal.case}"
        st.download_button("Transcript (Markdown)", text, f"{name}.md", "text/markdown", on_click="ignore")
        st.download_button(
            "Transcript (JSON)", to_json(rehearsal), f"{name}.json", "application/json", on_click="ignore"
        )


def _rubric(rehearsal: Rehearsal) -> None:
    st.markdown("Score yourself, or let somebody who listened do it.")
    for name, question in RUBRIC.items():
        key = f"rehearsal.grade.{rehearsal.case}.{rehearsal.started_s}.{name}"
        st.session_state.setdefault(key, rehearsal.grades.get(name))
        grade = st.segmented_control(question, GRADES, key=key)
        if grade:
            rehearsal.grades[name] = grade
        else:
            rehearsal.grades.pop(name, None)


def _happened(rehearsal: Rehearsal, case: Case) -> None:
    rows = log_rows(rehearsal)
    if rows:
        st.dataframe(rows, hide_index=True, alt=f"What happened in the rehearsal of {case.title}")
    for step, note in rehearsal.notes.items():
        if note.strip():
            st.markdown(f"**{STEPS[step]}.** {plain(note)}")


def _brought_back() -> Rehearsal | None:
    """The mock interview of an uploaded transcript, validated."""
    given = st.file_uploader("Look at an earlier transcript (JSON)", "json", key="rehearsal.file")
    if given is None:
        return None
    try:
        rehearsal = from_json(given.getvalue())
    except ValueError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None
    if rehearsal.case not in BY_SLUG:
        st.error(f"There is no case “{plain(rehearsal.case[:40])}” here.", icon=":material/error:")
        return None
    return rehearsal
