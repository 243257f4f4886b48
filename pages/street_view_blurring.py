"""Street View blurring: the order of the page and its words."""

import streamlit as st

from core.cases.street_view_blurring.evaluate import best_threshold
from core.cases.street_view_blurring.serve.blur import blur
from core.cases.street_view_blurring.serve.upload import TYPES, PhotoRefused, try_photo
from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import blurring

case = BY_SLUG["street_view_blurring"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "Turn a knob in the panel and the pipeline runs again over 100 photos of 192 × 192 pixels. The faces are real, old "
    "portraits of 30 people; the places are real photos, more woods and rooms than streets; the licence plates are "
    "drawn. They were put together here, so every box is known, and all are grey, as the portraits are. One request is "
    "one such photo, from its pixels to its blurred copy; a thousand of them are timed."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    st.subheader("What was found, what was missed", anchor=False)
    st.markdown(
        "A missed face is a breach of privacy, a false blur only a blemish. Lower **Blur from** in the panel to miss "
        "fewer and blur more for nothing, or raise **Read at** to see smaller things for more work."
    )
    blurring.photos(run, blur)
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)
    st.subheader("Who is missed", anchor=False)
    blurring.sizes(run)
    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("What a miss may cost", anchor=False)
    st.markdown(
        "No threshold is right by itself. Say how many false blurs one miss is worth, and the best threshold follows "
        "from the errors measured above."
    )
    blurring.price(run, best_threshold)

    st.subheader("A million photos", anchor=False)
    st.markdown(
        "Nobody waits for a street photo, so what counts is the price of the backlog and the days until it is done."
    )
    blurring.million(run)
    parts.drawing(run)

    st.subheader("Try a photo of your own", anchor=False)
    blurring.own_photo(run, try_photo, [ending for endings in TYPES.values() for ending in endings], PhotoRefused)

sections.notices(case, seed)
sections.fixed_settings()
sections.published(case)
sections.sources(case)
