"""The menu, made afresh for every run: page objects shared between sessions race when thirty arrive at once."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.case import Case
from core.catalog import CASES

PAGES = Path(__file__).parents[2] / "pages"


def menu() -> dict[str, list[st.Page]]:
    """Section → pages, in menu order."""
    return {"": [home(), compare()], "Cases": [of(case) for case in CASES], "Practise": [rehearsal()]}


def home() -> st.Page:
    """The page that `/` opens."""
    return st.Page(PAGES / "home.py", title="Kneepoint", default=True)


def rehearsal() -> st.Page:
    """Where a rehearsal begins and ends."""
    return st.Page(PAGES / "rehearsal.py", title="Rehearsal", url_path="rehearsal")


def compare() -> st.Page:
    """Pinned designs side by side."""
    return st.Page(PAGES / "compare.py", title="Compare", url_path="compare")


def of(case: Case) -> st.Page:
    """A case's page."""
    return st.Page(PAGES / f"{case.slug}.py", title=case.title, url_path=case.slug)
