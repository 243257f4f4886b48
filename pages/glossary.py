"""Glossary: the terms of the field that the app uses."""

import streamlit as st

from core.ui.interview import glossary_list

st.title("Glossary", anchor=False)
st.markdown(
    "One sentence a term, with where it is from. Where a page says one of them with a dotted line below, "
    "point at it, tap it or reach it with the Tab key."
)
glossary_list.section()
