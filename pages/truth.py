"""Truth: every check of every case, and published figures beside ours."""

import streamlit as st

from core.ui.checks import all_checks, filters

st.title("Truth", anchor=False)
st.markdown(
    "Every sentence that a case tells is a check over real runs, made so that it can fail. Run them here, on this "
    "machine: what one says is kept for everybody on this server, and what has not run here is not said to hold. "
    "What fails stays, with the reason where it is known."
)
for note in filters.open_link():
    st.warning(note, icon=":material/warning:")
all_checks.first()
selection = filters.filters()
all_checks.section(selection)

st.subheader("Published figures beside ours", anchor="published")
st.markdown(
    "Others measured on other data and other machines, so figures are not compared one to one. "
    "Where a check asks whether ours point the same way, it says so."
)
all_checks.published_figures(selection)
