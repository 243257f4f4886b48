"""Home: what this is, a frontier measured while you read, and the cases."""

import streamlit as st

from core.catalog import BY_SLUG, CASES
from core.ui import gallery

st.title("Kneepoint", anchor=False)
st.markdown(
    "Machine-learning systems are designed by trading quality against latency against cost. "
    "Here you turn the knobs of small real systems, and every number you see was measured on this machine, "
    "or is marked as modelled or published, with its source."
)
st.subheader("Where is the knee?", anchor=False)
st.markdown(
    "Each point below is one way to build visual search, trained, indexed and timed just now. "
    "The line joins the designs that nothing beats; past its knee, more time buys little."
)
gallery.live(BY_SLUG["visual_search"])
st.subheader("The cases", anchor=False)
gallery.cases(CASES)
