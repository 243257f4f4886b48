"""The head of a case page: its name, its question, the way to the other pages, and what to do with the design."""

from __future__ import annotations

from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.contract.case import Case
from core.ui import pages, state
from core.ui.case import comparison_bar, export
from core.ui.markup import html
from core.ui.page_run import PageRun

HELD = "Answer the prediction or skip it first."


def head(case: Case) -> DeltaGenerator:
    """Draw name, question and page switch; returns the place for the actions, which need a measured design."""
    with st.container(key="top", horizontal=True, vertical_alignment="center", gap="small"):
        html(f'<h1 class="kp-h1">{escape(case.title)}</h1>')
        with st.container(key="pages", width="content"):  # on a phone, whose menu is behind the knobs
            _pages(case)
        html(f'<div class="kp kp-question" title="{escape(case.question)}">{escape(case.question)}</div>')
        return st.container(horizontal=True, gap="small", vertical_alignment="center", width="content")


def _pages(here: Case) -> None:
    menu = st.popover("Pages", type="tertiary", icon=":material/menu:", key=state.key(here, "pages.open"),
                      on_change="rerun")  # fmt: skip
    if menu.open:
        with menu:
            _links(here)


def _links(here: Case) -> None:
    for section, entries in pages.menu().items():
        st.caption(section or "Start")
        for entry in entries:
            st.page_link(entry, disabled=entry.url_path == here.slug)


def actions(run: PageRun, held: bool = False) -> None:
    """Share the link, save the design to the comparison, export it, unless its figures are `held` back."""
    shared = st.popover("Share", type="tertiary", icon=":material/link:", key=state.key(run.case, "share.open"),
                        on_change="rerun")  # fmt: skip
    if shared.open:
        with shared:
            st.caption("This link opens the same design with the same requirements.")
            st.code(export.address(), language=None, wrap_lines=True)
    comparison_bar.save(run)
    exported = st.popover("Export", type="tertiary", icon=":material/download:", key=state.key(run.case, "export.open"),
                          on_change="rerun", disabled=held, help=HELD if held else None)  # fmt: skip
    if exported.open and not held:
        with exported:
            export.section(run)
