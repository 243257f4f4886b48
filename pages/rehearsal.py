"""Rehearsal: the order of the page and its words."""

import streamlit as st

from core.ui.interview import mock_interview, room_links

if not room_links.visited():
    st.title("Rehearse an interview", anchor=False)
    st.markdown(
        "Choose a case and start the clock: the case opens at a design that meets its SLO, with the steps of the "
        "interview above it. Say your answer aloud, note what you decide, turn the knobs. A curve-ball (**Alt+B**) "
        "changes the requirements or the data: see what broke, and mend it. **Alt+N** is the next step."
    )
    mock_interview.running()
    mock_interview.begin()
    mock_interview.result()
