"""The styles that every page needs, as one element and once a page, so that no part of it carries them again."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

from core.ui import cards, terms

FILE = Path(__file__).parent / "static" / "app.css"
# Streamlit keeps the side panel of the page before, without its content, where a page has none of its own.
EMPTY_PANEL = "<style>section[data-testid=stSidebar]:not(:has(.stElementContainer)){display:none}</style>"


def every_page() -> None:
    """The app's own style, that of an empty side panel, of tooltips, of figures and of tiles."""
    st.html(_together())


@cache
def _together() -> str:
    return f"<style>{FILE.read_text(encoding='utf-8')}</style>{EMPTY_PANEL}{terms.STYLE}{cards.STYLE}"
