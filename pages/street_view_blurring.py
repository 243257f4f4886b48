"""Street View blurring: the order of the page and its words."""

import streamlit as st

from core.cases.street_view_blurring.evaluate import best_threshold
from core.cases.street_view_blurring.serve.blur import blur
from core.cases.street_view_blurring.serve.upload import TYPES, PhotoRefused, try_photo
from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import sections, tradeoff
from core.ui.panels import blurring

case = BY_SLUG["street_view_blurring"]
sections.header(case)
design, seed, needs = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "Turn a knob in the panel and the pipeline runs again over 100 photos of 192 × 192 pixels. The faces are real, old "
    "portraits of 30 people; the places are real photos, more woods and rooms than streets; the licence plates are "
    "drawn. They were put together here, so every box is known, and all are grey, as the portraits are. One request is "
    "one such photo, from its pixels to its blurred copy; a thousand of them are timed."
)

found = page_run.measure(case, design, seed, needs)
if found is not None:
    st.subheader("What was found, what was missed", anchor=False)
    st.markdown(
        "A missed face is a breach of privacy, a false blur only a blemish. Lower **Blur from** in the panel to miss "
        "fewer and blur more for nothing, or raise **Read at** to see smaller things for more work."
    )
    blurring.photos(found, blur)
    sections.headline(found)
    st.subheader("Who is missed", anchor=False)
    blurring.sizes(found)
    tradeoff.section(found)
    sections.strip(found)

    st.subheader("What a miss may cost", anchor=False)
    st.markdown(
        "No threshold is right by itself. Say how many false blurs one miss is worth, and the best threshold follows "
        "from the errors measured above."
    )
    blurring.price(found, best_threshold)

    st.subheader("A million photos", anchor=False)
    st.markdown(
        "Nobody waits for a street photo, so what counts is the price of the backlog and the days until it is done."
    )
    blurring.million(found)
    sections.drawing(found)

    st.subheader("Try a photo of your own", anchor=False)
    blurring.own_photo(found, try_photo, [ending for endings in TYPES.values() for ending in endings], PhotoRefused)

sections.notices(case, seed)
sections.published(case)
sections.sources(case)
