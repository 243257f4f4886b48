"""The state of a case page: the link, the widgets and the session's last design, kept in sync.

The link is read when it differs from the one this session wrote last (opened, edited, browser back). Otherwise the
widgets win and rewrite the link with every knob, so that a copied link survives a change of defaults.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

import streamlit as st

from core.contract.case import SEED, Case, Requirements
from core.contract.design import (
    MOST_SEED,
    Design,
    canonical,
    from_pairs,
    from_query,
    knobs,
    to_query,
    without_punctuation,
)
from core.serving.prices import EDITABLE, Dial, Prices, dials, reassumed, repriced
from core.serving.requirement_text import LIMITS, MUST, read_number, read_requirement, text_of, without_dust
from core.ui.markup import told

PREDICT = "predict"  # link parameter: predict a move before it is measured
PERSONAL = ("room", "class", "student", "presenter")  # of one visitor's link, and in no link that is shared
ASSUMED = "assume_"  # link prefix of the visitor's assumptions
SEEDS = range(MOST_SEED + 1)


def key(case: Case, name: str) -> str:
    """The session key of one of the page's widgets."""
    return f"{case.slug}.{name}"


def incoming_link(wanted: Callable[[str], bool] = lambda name: True) -> tuple[dict[str, str], list[str]]:
    """The wanted parameters of the address bar, and a sentence for each name that stands there with two values."""
    names = filter(wanted, st.query_params)
    return from_pairs((name, text) for name in names for text in st.query_params.get_all(name))


def write_address(link: Mapping[str, str]) -> None:
    """Write a link into the address bar, unless it stands there and nothing else does."""
    if {name: st.query_params.get_all(name) for name in st.query_params} != {name: [link[name]] for name in link}:
        st.query_params.from_dict(link)


def open_link(case: Case, beside: Collection[str] = ()) -> list[str]:
    """Load an incoming link into the widgets; returns a sentence for what was changed, to be drawn as Markdown.

    Parameters named in `beside` belong to the page and not to the design.
    """
    here, drawn_on = sorted(beside), key(case, "drawn on")
    moved = st.session_state.get(drawn_on, here) != here  # to a page with the same widgets, which start empty there
    st.session_state[drawn_on] = here
    incoming, doubled = incoming_link(lambda name: name not in beside)
    if incoming and (doubled or incoming != st.session_state.get(key(case, "written"))):
        design_link = {name: text for name, text in incoming.items() if not is_scenario_parameter(case, name)}
        st.session_state[key(case, PREDICT)] = without_punctuation(incoming.get(PREDICT, "")) == "on"
        design, seed, notes = from_query(case.Design, design_link)
        load(case, design, seed)
        notes = doubled + notes
        for name in LIMITS:
            notes += _load_requirement(case, name, incoming.get(name, text_of(getattr(case.requirements, name))))
        return told(notes + _load_assumptions(case, incoming))
    design, seed = st.session_state.get(key(case, "design"), (case.Design(), SEED))
    for name in knobs(case.Design):  # first visit without a link, or back from another page
        _bring(key(case, name), getattr(design, name), moved)
    _bring(key(case, "seed"), seed, moved)
    for name in LIMITS:
        kept = st.session_state.get(key(case, f"kept.{name}"), getattr(case.requirements, name))
        _bring(key(case, name), kept, moved)
    for name, value in st.session_state.get(key(case, "kept.assumed"), {}).items():
        _bring(key(case, f"assume.{name}"), value, moved)
    return []


def _bring(name: str, kept: Any, moved: bool) -> None:
    if moved or name not in st.session_state:
        st.session_state[name] = kept


def keep(case: Case, *names: str) -> None:
    """Keep the values of widgets not drawn in this run, which Streamlit would reset."""
    for name in (key(case, widget) for widget in names):
        if name in st.session_state:
            st.session_state[name] = st.session_state[name]


def load(case: Case, design: Design, seed: int) -> None:
    """Put a design into the widgets; only before they are drawn, so in a callback or at the top of a page."""
    st.session_state[key(case, "design")] = (design, seed)
    for name in knobs(case.Design):
        st.session_state[key(case, name)] = getattr(design, name)
    st.session_state[key(case, "seed")] = seed


def load_from_part(case: Case, design: Design, seed: int) -> None:
    """`load` from a page part that redraws on its own: the whole page redraws as well."""
    load(case, design, seed)
    st.session_state[key(case, "reload")] = True


def must_follow(case: Case) -> bool:
    """True once after such a part has loaded a design."""
    return bool(st.session_state.pop(key(case, "reload"), False))


def current(case: Case) -> tuple[Design, int]:
    """The canonical design and the seed of the widgets."""
    chosen = {name: st.session_state[key(case, name)] for name in knobs(case.Design)}
    return canonical(case.Design(**chosen)), int(st.session_state[key(case, "seed")])


def requirements(case: Case) -> Requirements:
    """The case's requirements with the visitor's changes."""
    values = {name: st.session_state.get(key(case, name)) for name in LIMITS}
    values |= {name: getattr(case.requirements, name) for name in MUST if values[name] is None}
    values = {name: None if value is None else value + 0 for name, value in values.items()}  # a typed -0 is 0
    return dataclasses.replace(reassumed(case.requirements, **_set_otherwise(case)), **values)


def prices(case: Case) -> Prices:
    """The prices with the visitor's changes."""
    return repriced(Prices(), **{name: value for name, value in _set_otherwise(case).items() if name in EDITABLE})


def our_assumptions(case: Case) -> dict[str, Dial]:
    """Every assumption behind this case's modelled figures, at the project's values."""
    return _our_dials(case.requirements)


@cache
def _our_dials(requirements: Requirements) -> dict[str, Dial]:
    return dials(Prices(), requirements)


def forget_assumptions(case: Case) -> None:
    """Reset all assumptions to the project's values."""
    for name, dial in our_assumptions(case).items():
        st.session_state[key(case, f"assume.{name}")] = float(dial.assumed.value)


def _set_otherwise(case: Case) -> dict[str, float]:
    ours = our_assumptions(case)
    given = {name: st.session_state.get(key(case, f"assume.{name}")) for name in ours}
    typed = {name: without_dust(value) for name, value in given.items() if value is not None}  # a typed -0 is 0
    return {name: value for name, value in typed.items() if value != ours[name].assumed.value}


def write_link(
    case: Case, design: Design, seed: int, requirements: Requirements, beside: Mapping[str, str] | None = None
) -> None:
    """Write the whole state into the address bar, and keep it for the visitor's return to the page."""
    link = {**to_query(design, seed), **{name: text_of(getattr(requirements, name)) for name in LIMITS}}
    assumed = _set_otherwise(case)
    link |= {ASSUMED + name: text_of(value) for name, value in assumed.items()}
    st.session_state[key(case, "kept.assumed")] = assumed
    link |= {PREDICT: "on"} if predicts(case) else {}
    st.session_state[key(case, "design")] = (design, seed)
    for name in LIMITS:
        st.session_state[key(case, f"kept.{name}")] = getattr(requirements, name)
    write_address({**(beside or {}), **link})
    st.session_state[key(case, "written")] = link


def is_scenario_parameter(case: Case, name: str) -> bool:
    """True for link parameters besides the design: requirements, assumptions and the prediction switch."""
    if name.startswith(ASSUMED):
        return name.removeprefix(ASSUMED) in our_assumptions(case)
    return name in LIMITS or name == PREDICT


def predicts(case: Case) -> bool:
    """True when the reader predicts before each move."""
    return bool(st.session_state.get(key(case, PREDICT)))


def _load_assumptions(case: Case, incoming: dict[str, str]) -> list[str]:
    """Load the link's assumptions into the session and reset the others."""
    notes = []
    for name, dial in our_assumptions(case).items():
        text, ours = incoming.get(ASSUMED + name), float(dial.assumed.value)
        value = ours
        if text is not None:
            value, said = read_number(dial.label, text, (dial.low, dial.high), ours, "ours")
            notes += said
        st.session_state[key(case, f"assume.{name}")] = value
    return notes


def _load_requirement(case: Case, name: str, text: str) -> list[str]:
    value, notes = read_requirement(case.requirements, name, text)
    st.session_state[key(case, name)] = value
    return notes
