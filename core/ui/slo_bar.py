"""The requirements in one line, with a panel to edit them: numbers as people write them, “20M” or “1.5k”."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.contract.case import Case, Requirements
from core.contract.design import without_punctuation
from core.formatting import ms_text, short_count, usd_text
from core.serving.requirement_text import LIMITS, MUST, NOTHING, read_requirement, short_text, spelt_out
from core.ui import state
from core.ui.markup import html

FIELDS = {
    "items": ("{Items}", "At the interviewer's scale. What runs here is smaller."),
    "daily_users": ("Daily {users}", "How many there are on a day."),
    "requests_per_user": ("Requests per day of each", "Made by one of the {users}."),
    "peak_factor": ("Peak factor", "The busiest second against the mean one."),
    "new_items_a_day": ("New {items} per day", "What has to be taken in between two refreshes."),
    "p99_ms": ("p99 SLO (ms)", "Request latency under the peak load."),
    "quality_floor": ("{limit} {quality}", "Of the first quality of this page. Empty: any."),
    "budget_usd": ("Budget ($ per month)", "Empty: no limit."),
    "freshness_h": ("Maximum staleness (hours)", "How old precomputed results may be. Empty: any age."),
}


def bar(case: Case, fixed: bool = False) -> None:
    """The line, and behind “Edit” a field for every requirement, unless they are `fixed`."""
    with st.container(key="slo", horizontal=True, vertical_alignment="center", gap="small"):
        place = st.empty()
        if fixed or not _edited(case):
            state.keep(case, "seed")
        with place:
            html(_line(case, state.requirements(case)))


def _edited(case: Case) -> bool:
    """The fields behind a button; whether they are open."""
    edit = st.popover("Edit", key=state.key(case, "slo.open"), on_change="rerun", icon=":material/edit:")
    if edit.open:
        with edit:
            fields(case)
    return bool(edit.open)


def _line(case: Case, requirements: Requirements) -> str:
    parts = [f'<span class="kp-slo-part">{escape(part)}</span>' for part in stated(case, requirements)]
    return f'<div class="kp kp-slo"><b>SLO</b> {" ".join(parts)}</div>'


def stated(case: Case, requirements: Requirements) -> list[str]:
    """Every requirement in a few words: “20M images”, “2.3k req/s peak”, “p99 ≤ 50 ms”."""
    quality = case.qualities[0]
    sign = "≥" if quality.better == "higher" else "≤"
    parts = [f"{short_count(requirements.items)} {requirements.items_are}"] if requirements.items else []
    parts += [f"{short_count(requirements.peak_rps)} req/s peak", f"p99 ≤ {ms_text(requirements.p99_ms)}"]
    if requirements.quality_floor is not None:
        parts.append(f"{quality.label} {sign} {requirements.quality_floor:g}")
    if requirements.budget_usd is not None:
        parts.append(f"≤ {usd_text(requirements.budget_usd)}/month")
    if requirements.freshness_h is not None:
        parts.append(f"≤ {requirements.freshness_h:g} h stale")
    return parts


def fields(case: Case, columns: int = 2) -> None:
    """A text field for every requirement, and the seed."""
    said, beside = words(case), st.columns(columns, gap="small")
    for at, (name, (label, help)) in enumerate(FIELDS.items()):
        with beside[at % columns]:
            _field(case, name, label.format(**said), help.format(**said))
    st.caption(case.requirements.source)
    st.number_input(
        "Seed", 0, state.SEEDS[-1], key=state.key(case, "seed"), help="Same seed, same data split, same quality."
    )


def words(case: Case) -> dict[str, str]:
    """What the case's users, items and first quality are called, for the labels of the fields."""
    axis, asked = case.qualities[0], case.requirements
    return {
        "limit": "Minimum" if axis.better == "higher" else "Maximum",
        "quality": axis.label,
        "users": asked.users_are,
        "items": asked.items_are,
        "Items": asked.items_are.capitalize(),
    }


def _field(case: Case, name: str, label: str, help: str) -> None:
    """A text field; what cannot be read stays in it with the reason below, and the requirement as it was.

    Both outlive the panel's closing, and go when the requirement is set otherwise.
    """
    key, value = state.key(case, f"text.{name}"), st.session_state.get(state.key(case, name))
    drawn = key in st.session_state
    wrong, text, meanwhile = st.session_state.get(f"{key}.wrong", ("", "", value))
    if wrong and meanwhile == value:
        st.session_state.setdefault(key, text)
    elif not (drawn and _read(case, name, st.session_state[key])[0] == value):
        wrong, st.session_state[key] = "", "" if value is None else short_text(value)
    st.text_input(label, key=key, help=help, on_change=_typed, args=(case, name))
    if wrong:
        st.caption(f":red[{wrong}]")


def _read(case: Case, name: str, text: str) -> tuple[float | None, list[str]]:
    if not text.strip() and name not in MUST:
        text = NOTHING
    return read_requirement(case.requirements, name, without_punctuation(spelt_out(text)))


def _typed(case: Case, name: str) -> None:
    key = state.key(case, f"text.{name}")
    value, notes = _read(case, name, st.session_state[key])
    low, high = LIMITS[name]
    if notes:
        wrong = f"A number from {low:g} to {short_text(high)}."
        st.session_state[f"{key}.wrong"] = wrong, st.session_state[key], st.session_state.get(state.key(case, name))
    else:
        st.session_state.pop(f"{key}.wrong", None)
        st.session_state[state.key(case, name)] = value
