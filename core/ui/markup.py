"""Custom markup on a page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.formatting import markdown_text

prose = partial(markdown_text, ours=True)  # a sentence for Markdown whose dollars stay dollars
plain = markdown_text  # what holds a visitor's or an error's own words, shown as it stands
MOST_TOLD = 5  # sentences about one link or one file


def told(notes: Sequence[str]) -> list[str]:
    """Sentences that repeat what a visitor wrote, each shown as it stands; beyond a few only how many they are."""
    shown = [plain(note) for note in notes[:MOST_TOLD]]
    n_more = len(notes) - len(shown)
    return [*shown, f"And {n_more:,} more of the kind."] if n_more else shown


def html(markup: str) -> None:
    """Put markup on the page as one element; every text in it must be escaped.

    Through Markdown, because `st.html` drops SVG; Streamlit sanitises both.
    """
    if "\n" in markup:
        raise ValueError("markup for Markdown must not hold line breaks: it would end the element there")
    st.markdown(markup, unsafe_allow_html=True)


def slot() -> DeltaGenerator:
    """A container for content that is not always there.

    The browser identifies elements by position, so a new element would rebuild all that follow.
    """
    return st.container()
