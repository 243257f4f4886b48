"""The filters of the checks page and their link, kept in sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import streamlit as st

from core.catalog import BY_SLUG, CASES
from core.checks.results import HOLDS, STATES, CheckResult, check_results
from core.contract.case import SEED
from core.contract.check import KINDS
from core.contract.design import MOST_SEED, read_as, read_seed, without_punctuation
from core.ui import state

ALL = ""
OPTIONS: dict[str, tuple[str, ...]] = {"case": (ALL, *BY_SLUG), "kind": (ALL, *KINDS), "state": (ALL, *STATES)}
FORMERLY = {"holds": HOLDS}  # a state's name in links made before
FIRST = {**dict.fromkeys(OPTIONS, ALL), "seed": SEED, "check": ""}
WRITTEN = "truth.written"


@dataclass(frozen=True)
class Selection:
    """The filters (empty means all), the seed, and the address of the check to show first (may be empty)."""

    case: str
    kind: str
    state: str
    seed: int
    check: str

    @property
    def cases(self) -> list:
        """The selected cases."""
        return [case for case in CASES if self.case in (ALL, case.slug)]


def link_to(claim: CheckResult) -> str:
    """The address of the checks page with one check first, for Markdown links on any page."""
    return f"truth?check={quote(claim.address)}&seed={claim.seed}"


def open_link() -> list[str]:
    """Load an incoming link into the widgets; returns a sentence for each unknown value."""
    incoming, notes = state.incoming_link()
    if incoming and (notes or incoming != st.session_state.get(WRITTEN)):
        bare = {name: without_punctuation(text) for name, text in incoming.items()}
        notes += [
            read_as(name.capitalize(), incoming[name], bare[name]) for name in bare if bare[name] != incoming[name]
        ]
        incoming = bare
        for name, options in OPTIONS.items():
            st.session_state[key(name)] = _option(name, incoming.get(name, ALL), options, notes)
        st.session_state[key("seed")] = _seed(incoming.get("seed", str(SEED)), notes)
        st.session_state[key("check")] = _address(incoming.get("check", ""), notes)
    for name, first in FIRST.items():  # kept, since Streamlit drops a widget's value when its page is left
        st.session_state.setdefault(key(name), st.session_state.get(key(f"kept.{name}"), first))
    return notes


def key(name: str) -> str:
    """The session key of one of the page's widgets."""
    return f"truth.{name}"


def _option(name: str, text: str, options: Sequence[str], notes: list[str]) -> str:
    text = FORMERLY.get(text, text) if name == "state" else text
    if text in options:
        return text
    notes.append(f"There is no {name} “{text[:40]}”, so all are shown.")
    return ALL


def _seed(text: str, notes: list[str]) -> int:
    seed = read_seed(text)
    if seed is not None:
        return seed
    notes.append(f"Seed: “{text[:40]}” is not a number from 0 to {MOST_SEED:,}, so this is seed {SEED}.")
    return SEED


def _address(text: str, notes: list[str]) -> str:
    if not text or any(claim.address == text for claim in check_results(CASES, SEED)):
        return text
    notes.append(f"There is no check “{text[:60]}”; those that there are stand below.")
    return ""


def filters() -> Selection:
    """Draw the filters and write them into the link."""
    words = {
        "case": lambda slug: BY_SLUG[slug].title if slug else "All cases",
        "kind": lambda kind: KINDS[kind] if kind else "All kinds",
        "state": lambda state: state or "All states",
    }
    *columns, last = st.columns(4)
    for column, (name, options) in zip(columns, OPTIONS.items(), strict=True):
        column.selectbox(name.capitalize(), options, key=key(name), format_func=words[name])
    help = "The draw of data and models that the checks use."
    last.number_input("Seed", 0, MOST_SEED, key=key("seed"), help=help)
    selection = Selection(**{name: st.session_state[key(name)] for name in FIRST})
    _write(selection)
    return selection


def _write(selection: Selection) -> None:
    link = {name: str(getattr(selection, name)) for name, first in FIRST.items() if getattr(selection, name) != first}
    for name in FIRST:
        st.session_state[key(f"kept.{name}")] = getattr(selection, name)
    state.write_address(link)
    st.session_state[WRITTEN] = link


def named() -> tuple[str, int]:
    """The address of the check to show first (may be empty), and its seed."""
    return st.session_state[key("check")], int(st.session_state[key("seed")])


def close() -> None:
    """Clear the check that is shown first."""
    st.session_state[key("check")] = ""
