"""Rehearsal: the order of the page and its words."""

import streamlit as st

from core.ui.interview import mock_interview

st.title("Rehearse an interview", anchor=False)
st.markdown(
    "Pick a case and start the clock. The case opens with the seven steps above it: read the question, say your "
    "answer aloud, note what you decide, and turn the knobs to measure it. Throw yourself curve-balls (**Alt+B**): "
    "each changes what is asked or the data, runs your present design again, shows what broke, and times how long you "
    "take to mend it. **Alt+N** goes to the next step. At the end there is a transcript with every design and its "
    "figures."
)
mock_interview.running()
mock_interview.begin()
mock_interview.result()
