"""The menu, rebuilt for every run, since sharing page objects between sessions causes races."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.catalog import CASES
from core.contract.case import Case

PAGES = Path(__file__).parents[2] / "pages"


def menu() -> dict[str, list[st.Page]]:
    """Section → pages, in menu order."""
    return {
        "": [home(), compare(), classroom()],
        "Cases": [of(case) for case in CASES],
        "Interview": [walk(), rehearsal()],
        "Checks and glossary": [page("truth", "Checks"), page("glossary", "Glossary")],
    }


def home() -> st.Page:
    """The page that `/` opens."""
    return st.Page(PAGES / "home.py", title="Kneepoint", default=True)


def rehearsal() -> st.Page:
    """The page of the mock interview."""
    return page("rehearsal", "Rehearsal")


def compare() -> st.Page:
    """The page that compares saved designs."""
    return page("compare", "Compare")


def classroom() -> st.Page:
    """The page of a class: a new one, the way in by a code, and the presenter's wall."""
    return page("classroom", "Classroom")


def walk() -> st.Page:
    """The interview walkthrough, for any case."""
    return page("walk", "Interview walkthrough")


def of(case: Case) -> st.Page:
    """A case's page."""
    return page(case.slug, case.title)


def page(name: str, title: str) -> st.Page:
    """The page of a file in pages/, at the address of its name."""
    return st.Page(PAGES / f"{name}.py", title=title, url_path=name)


def find(address: str) -> st.Page | None:
    """The menu page at an address, or None for a page that does not exist."""
    return next((entry for pages in menu().values() for entry in pages if entry.url_path == address), None)
