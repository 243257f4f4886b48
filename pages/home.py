"""Home: what this is, a frontier measured while you read, where to start, and the cases."""

import streamlit as st

from core.catalog import BROKEN, BY_SLUG, CASES
from core.ui.home import gallery, paths
from core.ui.home.paths import Path, Step

REHEARSE = "Rehearse a case against the clock"
PATHS = (
    Path(
        "The candidate",
        "You will be asked to design one of these.",
        (
            Step("Guess what a knob costs, then see", "visual_search", {"index": "hnsw", "predict": "on"}),
            Step(REHEARSE, "rehearsal"),
            Step("See which answers reverse", "truth", {"kind": "FLIP"}),
            Step("Look up the words", "glossary"),
        ),
    ),
    Path(
        "The interviewer",
        "You want questions whose answers can be checked.",
        (
            Step("Take a question with a hard budget", "harmful_content", {"reviewers": "5"}),
            Step("Draw curve-balls, see what breaks", "rehearsal"),
            Step("Run claims, and see which fail", "truth", {"kind": "DIR"}),
            Step("Agree on the words", "glossary"),
        ),
    ),
    Path(
        "The teacher",
        "You want to show a tradeoff, not to tell it.",
        (
            Step("Take chance and order apart, live", "ad_click", {"negatives": "0.1", "calibrator": "none"}),
            Step("Put two designs side by side", "compare"),
            Step("Hand out words with their sources", "glossary"),
            Step("Guess with the class, then run", "truth"),
        ),
    ),
    Path(
        "The engineer",
        "You have a real decision to make.",
        (
            Step("Put in your load, bound and budget", "visual_search", {"daily_users": "20000000", "p99_ms": "20"}),
            Step("Compare what is left", "compare"),
            Step("Run what must always hold", "truth", {"kind": "INV"}),
            Step("Look up the words", "glossary"),
        ),
    ),
)

st.title("Kneepoint", anchor=False)
st.markdown(
    "Machine-learning systems are designed by trading quality against latency against cost. "
    "Here you turn the knobs of small real systems, and every number you see was measured on this machine, "
    "or is marked as projected, modelled, recorded or published, with its source."
)
for message in BROKEN.values():
    st.warning(message)
if "visual_search" in BY_SLUG:
    st.subheader("Where is the knee?", anchor=False)
    st.markdown(
        "Each point below is one way to build visual search, trained, indexed and timed just now. "
        "The line joins the designs that nothing beats; past its knee, more time buys little."
    )
    gallery.live(BY_SLUG["visual_search"])
st.subheader("Start here", anchor=False)
paths.show(PATHS)
st.subheader("The cases", anchor=False)
gallery.cases(CASES)
