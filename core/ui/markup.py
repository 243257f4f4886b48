"""Markup of our own on a page."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.formatting import markdown_text

prose = partial(markdown_text, ours=True)  # a sentence for Markdown whose dollars stay dollars


def html(markup: str) -> None:
    """Put markup on the page: one element, no line breaks, every text in it already escaped.

    By way of Markdown, because `st.html` drops drawings (SVG) whole; Streamlit sanitises this one as well.
    """
    if "\n" in markup:
        raise ValueError("markup for Markdown must not hold line breaks: it would end the element there")
    st.markdown(markup, unsafe_allow_html=True)


def slot() -> DeltaGenerator:
    """Room for what is not always there.

    The browser knows a part of the page by its place: if one came before it, all that follows would be made anew.
    """
    return st.container()
