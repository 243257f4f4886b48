"""Glossary: the terms of the field that the app uses."""

import streamlit as st

from core.ui.interview import glossary_list

st.title("Glossary", anchor=False)
st.markdown(
    "One sentence per term, with its source. On a page, a dotted line marks a term: point at it, tap it or reach it "
    "with the Tab key."
)
glossary_list.section()
