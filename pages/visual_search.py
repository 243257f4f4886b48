"""Visual search: the order of the page and its words."""

import streamlit as st

from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import answers, inserting

case = BY_SLUG["visual_search"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "Turn a knob in the panel and the pipeline runs again: 1,000 queries against a catalogue of 2,000 to 20,000 "
    "images, each answered and timed on this machine. Only the steps that the knob touches are run anew."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)
    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, inserting.section):
        part(run)
    for part in (parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("What came back", anchor=False)
    st.markdown(
        "Six queries, the exact neighbours by the encoder's full vectors, and what this design returned. "
        "A picture that is approximate but of the right kind still serves the shopper: compare the two rows."
    )
    answers.section(run)
    parts.drawing(run)

sections.notices(case, seed)
sections.fixed_settings()
sections.published(case)
sections.sources(case)
