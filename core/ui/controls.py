"""The panel of knobs: one widget per knob, built from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from core.contract.case import Case
from core.contract.design import Design, Knob, canonical, knobs
from core.formatting import rate_text
from core.serving.prices import dated
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.ui import state

GROUPS = {
    "model": "Model",
    "representation": "Representation",
    "lookup": "Lookup",
    "serving": "Serving",
}
FEW = 3  # up to so many options fit side by side as buttons


def panel(case: Case, beside: Mapping[str, str] | None = None) -> tuple[Design, int, Scenario]:
    """Draw every knob in the sidebar and return the canonical design, the seed and the scenario.

    `beside` holds the page's own link parameters.
    """
    for note in state.open_link(case, beside or ()):
        st.warning(note, icon=":material/link_off:")
    by_family = _by_family(case)
    chosen = {name: st.session_state[state.key(case, name)] for name in knobs(case.Design)}
    present = canonical(case.Design(**chosen))
    with st.sidebar:
        data = [k for k in by_family.pop("data", []) if not k.ordered]
        dials = [k for k in knobs(case.Design).values() if k.family == "data" and k.ordered]
        _group("Data", data, case, present)
        for family, title in GROUPS.items():
            _group(title, by_family.get(family, []), case, present)
        if not _opened(case, "Data dials", "tune", lambda: _dials(dials, case, present)):
            state.keep(case, *(knob.name for knob in dials))
        if not _opened(case, "What was asked", "speed", lambda: _requirements(case)):
            state.keep(case, *LIMITS, "seed")
        if not _opened(case, "Prices and assumptions", "payments", lambda: _assumptions(case)):
            state.keep(case, *(f"assume.{name}" for name in state.our_assumptions(case)))
        st.session_state.setdefault(state.key(case, state.PREDICT), False)
        st.toggle(
            "Predict before each move",
            key=state.key(case, state.PREDICT),
            help="Say which way the figures will go, then see. Your score counts.",
        )
        st.button("Back to the baseline", on_click=state.load, args=(case, case.baseline, 0), width="stretch")
    design, seed = state.current(case)
    requirements = state.requirements(case)
    state.write_link(case, design, seed, requirements, beside)
    return design, seed, Scenario(requirements, state.prices(case))


def _by_family(case: Case) -> dict[str, list[Knob]]:
    families: dict[str, list[Knob]] = {}
    for knob in knobs(case.Design).values():
        families.setdefault(knob.family, []).append(knob)
    return families


def _group(title: str, members: list[Knob], case: Case, present: Design) -> None:
    if members and title:
        st.markdown(f"**{title}**")
    for knob in members:
        _widget(knob, state.key(case, knob.name), present)


def _widget(knob: Knob, key: str, present: Design) -> None:
    options, disabled = knob.offered(present), not knob.active(present)
    if st.session_state[key] not in options:  # ruled out by the last choice
        st.session_state[key] = knob.instead(present)
    help_text = f"{knob.help} Does nothing under the present choices." if disabled else knob.help
    common: dict[str, Any] = dict(key=key, help=help_text, disabled=disabled, format_func=knob.text)
    if knob.ordered:
        st.select_slider(knob.label, options, **common)
    elif len(knob.options) <= FEW:
        st.segmented_control(knob.label, options, required=True, **common)
    else:
        st.selectbox(knob.label, options, **common)


ASKED = {
    "daily_users": ("Daily {users}", "How many there are on a day."),
    "requests_per_user": ("Requests of each a day", "Made by one of the {users}."),
    "peak_factor": ("Peak factor", "The busiest second beside the mean one."),
    "p99_ms": ("p99 bound (ms)", "Response time under the peak load."),
    "freshness_h": ("Oldest results (hours)", "How old precomputed results may be. Empty: as old as they like."),
    "quality_floor": ("{limit} {quality}", "Of the first quality of this page. Empty: any."),
    "budget_usd": ("Budget ($ a month)", "Empty: no limit."),
    "items": ("{items_title}", "At the interviewer's scale. What is run here is smaller, and says so."),
    "new_items_a_day": ("New {items} a day", "What has to be taken in between two refreshes."),
}


def _opened(case: Case, title: str, icon: str, draw: Callable[[], None]) -> bool:
    """A part of the panel, drawn once opened, since every widget slows each redraw."""
    part = st.expander(title, icon=f":material/{icon}:", key=state.key(case, f"{title}.open"), on_change="rerun")
    if part.open:
        with part:
            draw()
    return bool(part.open)


def _dials(dials: list[Knob], case: Case, present: Design) -> None:
    st.caption("These change the world, not the design: turn one and see which lesson still holds.")
    _group("", dials, case, present)


def _assumptions(case: Case) -> None:
    """Every assumed number, to read and to edit."""
    st.caption("Modelled figures rest on these. Set them to yours: nothing is run again, and the link keeps them.")
    for name, dial in state.our_assumptions(case).items():
        assumed, key = dial.assumed, state.key(case, f"assume.{name}")
        st.session_state.setdefault(key, float(assumed.value))
        label = f"{dial.label} ({assumed.unit}){' :orange-badge[stale]' * assumed.stale}"
        help_text = f"{assumed.source} ({dated(assumed)}). Ours: {assumed.value:g}."
        st.number_input(label, dial.low, dial.high, None, None, format="%g", key=key, help=help_text)
    st.button("Back to ours", on_click=state.forget_assumptions, args=(case,), width="stretch")


def _requirements(case: Case) -> None:
    axis = case.qualities[0]
    requirements = state.requirements(case)
    words = {
        "limit": "Least" if axis.better == "higher" else "Most",
        "quality": axis.label,
        "users": requirements.users_are,
        "items": requirements.items_are,
        "items_title": requirements.items_are.capitalize(),
    }
    for name, (label, help) in ASKED.items():
        low, high = LIMITS[name]
        step = 0.01 if name == "quality_floor" else None
        title, more = label.format(**words), help.format(**words)
        st.number_input(title, low, high, None, step, format="%g", key=state.key(case, name), help=more)
        if name == "peak_factor":
            st.caption(f"Together {rate_text(requirements.peak_rps)} at the peak.")
    st.caption(case.requirements.source)
    st.number_input(
        "Seed",
        0,
        state.SEEDS[-1],
        key=state.key(case, "seed"),
        help="Same seed, same data split, same quality, bit for bit.",
    )
