"""Compare: the order of the page and its words."""

import streamlit as st

from core.ui.compare import comparison, contents

st.title("Compare designs", anchor=False)
case = contents.opened()
compared, reference = contents.measured(case)
contents.write_link(case)
if compared:
    contents.chips(case, compared, reference)
if len(compared) > 1:
    comparison.finding(compared)
    comparison.side_by_side(case, compared, reference)
    st.subheader("Paired tests", anchor=False)
    comparison.largest(compared, reference)
    comparison.tests(compared, reference)
    st.subheader("Quality vs latency vs cost", anchor=False)
    st.caption("These designs among all that were measured on the same data. Click a hollow point to save it.")
    comparison.charts(case, compared, reference)
contents.attempts(case)
contents.from_file()
