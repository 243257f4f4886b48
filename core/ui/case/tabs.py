"""The parts of a case page below its first screen, of which only the opened one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.ui import state
from core.ui.case import sections
from core.ui.case.first_screen import Page
from core.ui.page_run import PageRun

Part = Callable[[PageRun], None]


def show(
    page: Page, tabs: Mapping[str, Sequence[Part]], about: str, sources: Sequence[Callable[[], None]] = ()
) -> None:
    """One button per tab; the chosen tab's parts are drawn in order, on their own, and none at first.

    Checks and sources need no measured design: they are last on every page. `about` says what the data and the models
    are, and `sources` are further parts of that tab.
    """
    run = page.run
    drawn = {title: [partial(part, run) for part in parts] for title, parts in tabs.items()} if run else {}
    drawn["Checks"] = [partial(sections.notices, page.case, page.seed)]
    known = (sections.tuning, sections.published, sections.sources)
    drawn["Sources"] = [partial(sections.about, page.case, page.design, about), *sources]
    drawn["Sources"] += [partial(part, page.case) for part in known]
    st.fragment(_show)(page, drawn)


def _show(page: Page, tabs: Mapping[str, Sequence[Callable[[], None]]]) -> None:
    if state.must_follow(page.case):
        st.rerun()  # a design was loaded in one of the parts
    key = state.key(page.case, "tab")
    if st.session_state.get(key) not in tabs:
        st.session_state[key] = None
    with st.container(key="tabs"):
        name = st.segmented_control("Details", list(tabs), key=key, label_visibility="collapsed")
    for draw in tabs.get(name, ()):
        draw()


def told(title: str, words: str, *parts: Part) -> Part:
    """Parts under a heading and a few words."""

    def draw(run: PageRun) -> None:
        st.subheader(title, anchor=False)
        if words:
            st.markdown(words)
        for part in parts:
            part(run)

    return draw
