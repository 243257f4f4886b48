"""The menu, of new page objects in every run, since sharing them between sessions causes races."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

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
    return page("home", "Kneepoint", default=True)


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


def page(name: str, title: str, default: bool = False) -> st.Page:
    """The page of a file in pages/, at the address of its name."""
    return copy(_made(name, title, default)) if get_script_run_ctx() else _new(name, title, default)


@cache
def _made(name: str, title: str, default: bool) -> st.Page:
    """One to copy: making a page looks for its file, ten times as long as a copy takes."""
    return _new(name, title, default)


def _new(name: str, title: str, default: bool) -> st.Page:
    address = None if default else name
    return st.Page(PAGES / f"{name}.py", title=title, url_path=address, default=default)


def find(address: str) -> st.Page | None:
    """The menu page at an address, or None for a page that does not exist."""
    return next((entry for pages in menu().values() for entry in pages if entry.url_path == address), None)
