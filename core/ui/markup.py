"""Custom markup on a page."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


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


def prose(text: str) -> str:
    """A sentence for Markdown with escaped dollar signs, which would start a formula."""
    return text.replace("$", r"\$")
