"""Compare: the order of the page and its words."""

import streamlit as st

from core.ui.compare import comparison, contents

st.title("Compare designs", anchor=False)
st.markdown(
    "Designs of one case side by side: what differs in them, what differs in their figures, and whether that is more "
    "than noise. The address of this page holds the comparison, so it can be shared."
)
case = contents.opened()
contenders, reference, asked = contents.measured(case)
contents.write_link(case, asked)
if contenders:
    contents.chips(case, contenders, reference)
if len(contenders) < 2:
    contents.nothing_pinned(case)
else:
    comparison.told(case, contenders, reference)
    st.subheader("Side by side", anchor=False)
    comparison.side_by_side(case, contenders, reference)
    st.subheader("Is the difference more than noise?", anchor=False)
    st.markdown("The same queries, answered by both designs: the mean difference query by query, and its interval.")
    comparison.tests(case, contenders, reference)
    st.subheader("Where they stand", anchor=False)
    st.markdown("The pinned designs among all that was measured on the same data. Click a hollow point to pin it.")
    comparison.charts(case, contenders, reference, asked)
contents.attempts(case, asked)
contents.from_file()
