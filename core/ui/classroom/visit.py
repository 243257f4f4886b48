"""Which page of a class a link opens."""

from __future__ import annotations

import streamlit as st

from core.classroom.store import StoreError
from core.ui.classroom import join, links, presenter
from core.ui.markup import plain


def visited() -> bool:
    """Draw the page that the link names; False where the page is to be drawn as without a class."""
    try:
        return _drawn()
    except StoreError as error:
        st.title("Classroom", anchor=False)
        st.error(plain(str(error)), icon=":material/block:")
        return True


def _drawn() -> bool:
    text, secret = links.parameter(links.CLASS), links.parameter(links.PRESENTER)
    if not text:
        return False
    classroom = join.find(text)
    if classroom is None:
        st.title("Classroom", anchor=False)
        st.warning(join.UNKNOWN, icon=":material/school:")
        return False
    if secret and links.store().presents(classroom.code, secret):
        presenter.view(links.store(), classroom)
    else:
        if secret:
            st.error("This is not the presenter's secret of the class.", icon=":material/lock:")
        join.page(classroom)
    return True
