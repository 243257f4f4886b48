"""The form of a new class, and the links of the one that was opened."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import streamlit as st
from pydantic import ValidationError

from core.catalog import BY_SLUG, CASES
from core.classroom.lesson import MOST_MINUTES, Lesson, first_reason, goals
from core.classroom.limits import TooOften
from core.classroom.store import StoreError
from core.contract.case import SEED, Case
from core.contract.design import Design, from_query, knobs, to_query, without_punctuation
from core.serving.requirement_text import LIMITS, MUST, NOTHING, read_requirement, short_text, spelt_out
from core.ui import pages
from core.ui.classroom import links
from core.ui.markup import plain, told
from core.ui.slo_bar import FIELDS, words

OPENED = "class.opened"  # of the session: the code and the presenter's secret of the class that it opened
FIRST = ("p99_ms", "budget_usd", "quality_floor", "items")
STARTS = {"baseline": "The baseline", "default": "The page's default", "link": "A link"}
MINUTES = 20


def opened() -> None:
    """The links of the class that this session opened."""
    code, secret = st.session_state.get(OPENED, ("", ""))
    if not code or links.store().find(code) is None:
        return
    with st.container(border=True, key="class.links"):
        st.markdown("**Your class is open.** Show the code, the link or the QR code; the wall is yours alone.")
        links.invitation(code)
        query = links.presenter_query(code, secret)
        st.page_link(pages.classroom(), label="Open the wall", icon=":material/present_to_all:", query_params=query)
        st.caption(
            "The presenter's link is shown only here. Keep it. On a projector press F11, since who reads "
            "it off the address bar presents too."
        )
        st.code(links.address(query), language=None, wrap_lines=True)


def form() -> None:
    """What a class is asked: the case and its start, what is fixed, the SLO, the goal and the time."""
    case = BY_SLUG[st.selectbox("Case", [case.slug for case in CASES], format_func=lambda slug: BY_SLUG[slug].title,
                                key="class.case")]  # fmt: skip
    start = _start(case)
    if start is None:
        return
    design, seed, asked = start
    names = [name for name, knob in knobs(case.Design).items() if knob.family != "data"]
    labels = {name: knobs(case.Design)[name].named(design) for name in names}
    left, right = st.columns(2, gap="medium")
    chosen = dict(options=names, format_func=labels.__getitem__)
    locked = left.multiselect("Locked knobs", key=_key(case, "locked"), help="Shown, and stay as they start.", **chosen)
    hidden = right.multiselect(
        "Hidden knobs", key=_key(case, "hidden"), help="Not shown; stay as they start.", **chosen
    )
    st.caption("Data conditions and the seed are the same for everybody, since no two designs compare without that.")
    requirements = _requirements(case, asked)
    goal, minutes = st.columns(2, gap="medium")
    aims = {key: aim.words for key, aim in goals(case).items()}
    key = goal.selectbox("Goal, within the SLO", list(aims), format_func=aims.__getitem__, key=_key(case, "goal"))
    n = minutes.number_input("Minutes (0: no clock)", 0, MOST_MINUTES, MINUTES, key="class.minutes")
    predicts = st.toggle("Predict before each figure", key="class.predicts")
    assignment = st.toggle(
        "Assignment",
        key="class.assignment",
        help="Open for 14 days and not for one; each student's last design is kept as a file that "
        "`python -m core grade` marks.",
    )
    if st.button("Open the class", type="primary", icon=":material/school:", key="class.open"):
        content = dict(case=case.slug, start=to_query(design, seed), locked=tuple(locked), hidden=tuple(hidden))
        told = dict(goal=key, predicts=predicts, minutes=0 if assignment else int(n), assignment=assignment)
        _open({**content, "requirements": requirements, **told})


def _start(case: Case) -> tuple[Design, int, dict[str, float | None]] | None:
    """The starting design, its seed and the requirements; None while the link cannot be read."""
    own = {name: getattr(case.requirements, name) for name in LIMITS}
    kind = st.segmented_control("Starting design", list(STARTS), format_func=STARTS.__getitem__, default="baseline",
                                required=True, key=_key(case, "start"))  # fmt: skip
    if kind != "link":
        return (case.baseline if kind == "baseline" else case.Design()), SEED, own
    text = st.text_input("Link", key=_key(case, "link"), max_chars=4_000, help="From Share on the case's page.")
    query = dict(parse_qsl(urlsplit(text.strip()).query))
    if not query:
        st.caption("Paste the link of the design, with its requirements.")
        return None
    design, seed, notes = from_query(case.Design, {k: v for k, v in query.items() if k not in LIMITS})
    for name in LIMITS:
        own[name], said = read_requirement(case.requirements, name, query.get(name, short_or_none(own[name])))
        notes += said
    for note in told(notes):
        st.warning(note, icon=":material/link_off:")
    return design, seed, own


def short_or_none(value: float | None) -> str:
    """A requirement as it stands in a link."""
    return NOTHING if value is None else f"{value:.15g}"


def _requirements(case: Case, own: Mapping[str, float | None]) -> dict[str, float | None]:
    """The SLO of the class: the bounds of its goal first, the load and the rest below."""
    asked = dict(own)
    columns = st.columns(len(FIRST), gap="small")
    for name, column in zip(FIRST, columns, strict=True):
        with column:
            asked[name] = _field(case, name, own[name])
    part = st.expander("Load and further requirements", key=_key(case, "more"), on_change="rerun")
    if part.open:
        with part:
            beside = st.columns(3, gap="small")
            for at, name in enumerate(name for name in LIMITS if name not in FIRST):
                with beside[at % 3]:
                    asked[name] = _field(case, name, own[name])
    return asked


def _field(case: Case, name: str, own: float | None) -> float | None:
    label, help = FIELDS[name]
    said = words(case)
    start = "" if own is None else short_text(own)
    text = st.text_input(label.format(**said), start, key=_key(case, f"{name}.{start}"), help=help.format(**said),
                         max_chars=40)  # fmt: skip
    if not text.strip():
        text = NOTHING if name not in MUST else start
    value, notes = read_requirement(case.requirements, name, without_punctuation(spelt_out(text)))
    if notes:
        low, high = LIMITS[name]
        st.caption(f":red[A number from {low:g} to {short_text(high)}.]")
    return value


def _open(content: Mapping[str, object]) -> None:
    try:
        st.session_state[OPENED] = links.store().open(Lesson.model_validate(content))
    except ValidationError as error:
        st.error(f"This class cannot be opened: {plain(first_reason(error))}.", icon=":material/block:")
    except (StoreError, TooOften) as error:
        st.error(plain(str(error)), icon=":material/block:")
    else:
        st.rerun()


def _key(case: Case, name: str) -> str:
    return f"class.{case.slug}.{name}"
