"""The state of a case page: the link, the widgets and the last design of this session, kept equal.

The link is read when it differs from the one this session wrote last (opened, edited, browser back); otherwise the
widgets are the truth and the link is rewritten from them, every knob of it, so that a copied link stays complete when a
default changes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import streamlit as st

from core.case import SEED, Case, Requirements
from core.design import MOST_SEED, canonical, from_query, knobs, to_query

LIMITS = {
    "peak_rps": (0.1, 1e6),
    "p99_ms": (0.1, 60_000.0),
    "freshness_h": (0.0, 10_000.0),
    "quality_floor": (0.0, 1.0),
    "budget_usd": (0.0, 1e9),
}
NOTHING = "none"
MUST = ("peak_rps", "p99_ms")  # the others may be left empty: then nothing is asked
SEEDS = range(MOST_SEED + 1)


def key(case: Case, name: str) -> str:
    """The session key of one of the page's widgets."""
    return f"{case.slug}.{name}"


def open_link(case: Case) -> list[str]:
    """Bring a link that came from outside into the widgets; returns a sentence for all that had to be changed."""
    incoming = st.query_params.to_dict()
    if incoming and incoming != st.session_state.get(key(case, "written")):
        asked = {name: text for name, text in incoming.items() if name not in LIMITS}
        design, seed, notes = from_query(case.Design, asked)
        load(case, design, seed)
        for name in LIMITS:
            notes += _load_requirement(case, name, incoming.get(name, _text(getattr(case.requirements, name))))
        return notes
    if key(case, "seed") not in st.session_state:  # first visit without a link, or back from another page
        load(case, *st.session_state.get(key(case, "design"), (case.Design(), SEED)))
    for name in LIMITS:
        kept = st.session_state.get(key(case, f"kept.{name}"), getattr(case.requirements, name))
        st.session_state.setdefault(key(case, name), kept)
    return []


def load(case: Case, design: Any, seed: int) -> None:
    """Put a design into the widgets; only before they are drawn, so in a callback or at the top of a page."""
    for name in knobs(case.Design):
        st.session_state[key(case, name)] = getattr(design, name)
    st.session_state[key(case, "seed")] = seed


def load_from_part(case: Case, design: Any, seed: int) -> None:
    """The same from a part of the page that is drawn by itself: the whole page is to follow."""
    load(case, design, seed)
    st.session_state[key(case, "reload")] = True


def must_follow(case: Case) -> bool:
    """True once after such a part has loaded a design."""
    return bool(st.session_state.pop(key(case, "reload"), False))


def current(case: Case) -> tuple[Any, int]:
    """The canonical design and the seed that the widgets now say."""
    chosen = {name: st.session_state[key(case, name)] for name in knobs(case.Design)}
    return canonical(case.Design(**chosen)), int(st.session_state[key(case, "seed")])


def requirements(case: Case) -> Requirements:
    """The case's requirements with what the visitor changed in them."""
    asked = {name: st.session_state.get(key(case, name)) for name in LIMITS}
    asked |= {name: asked[name] or getattr(case.requirements, name) for name in MUST}
    return dataclasses.replace(case.requirements, **asked)


def write_link(case: Case, design: Any, seed: int, needs: Requirements) -> None:
    """Write the whole state into the address bar and remember it for when the visitor comes back to the page."""
    link = {**to_query(design, seed), **{name: _text(getattr(needs, name)) for name in LIMITS}}
    st.session_state[key(case, "design")] = (design, seed)
    for name in LIMITS:
        st.session_state[key(case, f"kept.{name}")] = getattr(needs, name)
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)
    st.session_state[key(case, "written")] = link


def _text(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def _load_requirement(case: Case, name: str, text: str) -> list[str]:
    if text == NOTHING and name not in MUST:
        st.session_state[key(case, name)] = None
        return []
    low, high = LIMITS[name]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    usable = low <= value <= high
    st.session_state[key(case, name)] = value if usable else getattr(case.requirements, name)
    label = name.replace("_", " ")
    return [] if usable else [f"{label}: “{text[:40]}” is not between {low:g} and {high:g}, so the case's own is used."]
