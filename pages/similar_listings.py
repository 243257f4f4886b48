"""Similar listings: the order of the page and its words."""

import streamlit as st

from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import filtered_search, listings_map

case = BY_SLUG["similar_listings"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "The homes are real: 2,203 rentals in Berlin or 21,436 houses in King County. The guests are simulated, because "
    "nobody publishes what guests click: they have a taste, look at homes that fit it, and some of them book. The "
    "models learn from 60 days of such visits, 24 clicks a home in Berlin and three in King County. Turn a knob and "
    "1,000 guests are served again. As we know what each of them would have liked best, we also know what an oracle "
    "would have shown: the regret says how much of that is lost."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)
    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, filtered_search.section):
        part(run)
    for part in (parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("What the guest is shown", anchor=False)
    st.markdown(
        "Pick a guest. The twelve homes are free on the dates asked for and in the same market. Two guests are on a "
        "home listed in the last 30 days, and two will book one."
    )
    listings_map.section(run)
    parts.drawing(run)

sections.notices(case, seed)
sections.fixed_settings()
sections.published(case)
sections.sources(case)
