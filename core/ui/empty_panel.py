"""The side panel of a page that has none: hidden, where the page before it had one."""

from __future__ import annotations

import streamlit as st

# Streamlit keeps the panel of the page before, without its content, until another page is opened.
STYLE = "<style>section[data-testid=stSidebar]:not(:has(.stElementContainer)){display:none}</style>"


def hide() -> None:
    """Hide a side panel without any element in it, once per page."""
    st.html(STYLE)
