"""What goes along with a case page: a rehearsal or a class. It may stand above the page, fix parts of it, and follow.

The page asks for one and calls its parts; it does not know which of them it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from core.contract.case import Case
from core.ui.controls import FREE, Panel
from core.ui.interview import mock_interview_bar
from core.ui.page_run import PageRun

SEAT = "class.seat"  # of the session: the code of a class and the secret of one of its students


def _no_notes() -> list[str]:
    return []


@dataclass(frozen=True)
class Companion:
    """The parts of a page that somebody else decides about."""

    bar: Callable[[], None]  # above the requirements
    follow: Callable[[PageRun, bool], None]  # once the design is measured; whether its figures are held back
    panel: Panel = FREE
    link: Mapping[str, str] = field(default_factory=dict)  # its own parameters of the address
    settle: Callable[[], list[str]] = _no_notes  # puts back what is fixed; a sentence for each thing that was not so


def of(case: Case) -> Companion:
    """The class that the visitor is in, else the rehearsal, which is empty where none runs."""
    if "class" in st.query_params or SEAT in st.session_state:
        from core.ui.classroom import seat  # the store is opened by those who use it

        companion = seat.companion(case)
        if companion is not None:
            return companion
    link = mock_interview_bar.in_link(case)
    return Companion(partial(mock_interview_bar.bar, case), mock_interview_bar.follow, link=link)
