"""Checks: every check of every case with its verdict, and published figures beside ours."""

import streamlit as st

from core.ui.checks import all_checks, filters
from core.ui.markup import told

st.title("Checks", anchor=False)
st.markdown("Every claim is an executable test. Run it here; failures stay visible.")
for note in told(filters.open_link()):
    st.warning(note, icon=":material/warning:")
all_checks.first()
selection = filters.filters()
all_checks.section(selection)

st.subheader("Published figures beside ours", anchor="published")
st.markdown("Other data, other machines: only the direction is compared, and only where a check asks for it.")
all_checks.published_figures(selection)
