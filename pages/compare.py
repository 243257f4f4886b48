"""Compare: the order of the page and its words."""

import streamlit as st

from core.ui.compare import comparison, contents

st.title("Compare designs", anchor=False)
st.markdown(
    "Designs of one case side by side: what differs in them, what differs in their figures, and whether that is more "
    "than noise. The address of this page holds the comparison, so it can be shared."
)
case = contents.opened()
compared, reference = contents.measured(case)
contents.write_link(case)
if compared:
    contents.chips(case, compared, reference)
if len(compared) < 2:
    contents.nothing_pinned(case)
else:
    comparison.findings(compared, reference)
    st.subheader("Side by side", anchor=False)
    comparison.side_by_side(case, compared, reference)
    st.subheader("Is the difference more than noise?", anchor=False)
    st.markdown("The same queries, answered by both designs: the mean difference query by query, and its interval.")
    comparison.tests(compared, reference)
    st.subheader("Where they stand", anchor=False)
    st.markdown("The pinned designs among all that was measured on the same data. Click a hollow point to pin it.")
    comparison.charts(case, compared, reference)
contents.attempts(case)
contents.from_file()
