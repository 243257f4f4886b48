"""Interview walkthrough: the seven steps on any case, with the design that is open."""

import streamlit as st

from core.ui import controls, page_run
from core.ui.interview import walk

st.title("Interview walkthrough", anchor=False)
case, page = walk.opened()
design, seed, scenario = controls.panel(case, page)
run = page_run.measure(case, design, seed, scenario)
if run is not None:
    walk.step(run, page["step"])
    walk.checklist(run)
