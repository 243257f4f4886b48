"""Who goes along with a case page now: the class that the visitor is in, else the rehearsal."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.contract.case import Case
from core.ui.case.companion import SEAT, Companion
from core.ui.interview import mock_interview_bar


def of(case: Case) -> Companion:
    """The class that the visitor is in, else the rehearsal, which is empty where none runs."""
    if "class" in st.query_params or SEAT in st.session_state:
        from core.ui.classroom import seat  # the store is opened by those who use it

        companion = seat.companion(case)
        if companion is not None:
            return companion
    link = mock_interview_bar.in_link(case)
    return Companion(partial(mock_interview_bar.bar, case), mock_interview_bar.follow, link=link)
