"""Seven steps: the interview on any case, with the design that is open."""

import streamlit as st

from core.ui import controls, page_run
from core.ui.interview import walk

st.title("Seven steps", anchor=False)
st.markdown(
    "A design interview walks from the question to the running system. Each step asks, decides, and shows what this "
    "design really does; the panel changes the design, and every step follows."
)
case, page = walk.opened()
design, seed, scenario = controls.panel(case, page)
run = page_run.measure(case, design, seed, scenario)
if run is not None:
    walk.step(run, page["step"])
    walk.checklist(run)
