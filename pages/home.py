"""Home: what this is in a sentence, a chart to steer at once, the cases, and where to start."""

import streamlit as st

from core.catalog import BROKEN, BY_SLUG, CASES
from core.ui.home import example, gallery, paths, thumbnails
from core.ui.home.paths import Entrance
from core.ui.markup import plain

STEERED, KNOBS = "visual_search", ("encoder", "dim", "index", "effort")
ENTRANCES = (
    Entrance("Candidate", "A case against the clock, curve-balls, and a transcript to go through.", "rehearsal"),
    Entrance("Interviewer", "Lessons that reverse when the data changes: follow-up questions that can be run.", "truth",
             {"kind": "FLIP"}),
    Entrance("Teacher", "A class on one case: predictions first, everybody's designs on one wall.", "classroom"),
    Entrance("Engineer", "Your load, SLO and budget: fleet, monthly bill, and whether the design meets them.", STEERED,
             {"daily_users": "20000000", "p99_ms": "20"}),
)  # fmt: skip

st.title("Kneepoint", anchor=False)
st.markdown("Turn a knob of a real ML system and watch quality trade against latency.")
for message in BROKEN.values():
    st.warning(plain(message))
case = BY_SLUG.get(STEERED)
measure = gallery.steer(case, KNOBS, example.row) if case else None

st.subheader("Ten cases", anchor=False)
thumbnails.show(CASES)
st.caption(thumbnails.origins(CASES))
st.subheader("Start here", anchor=False)
paths.show(ENTRANCES)
if case and measure:
    gallery.table(case)
    measure()  # last, so that the page is there before anything is measured
