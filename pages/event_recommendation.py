"""Event recommendation: the order of the page and its words."""

import streamlit as st

from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import contexts, evening_map

case = BY_SLUG["event_recommendation"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "The cities are real, and so is who knows whom. Hosts, events, tastes and registrations are simulated, because "
    "nobody publishes who attends what: 1,000 people, some 2,700 events in seven weeks, 100,000 rows of what an old "
    "feed showed and 8,000 registrations. On a Thursday at six everybody asks what to do; about 500 events are open. "
    "Turn a knob and all are served again. Every event is new, soon over, and full at some point: watch which "
    "features and how fresh a count that asks for."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    sections.remark(
        design.judged != "evening",
        "Judged on visits of the log, where the old feed had shown eight events: only their order counts, so "
        "figures are far higher than over all events of the evening.",
    )
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)
    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("One person's evening", anchor=False)
    st.markdown(
        "Pick a person. The simulator knows what each of them would go to, so a miss can be told from a lack of "
        "interest. Widen the radius, or let the counts come late, and watch the ten change."
    )
    evening_map.section(run)

    st.subheader("What each context is worth", anchor=False)
    st.markdown("Leave one group of features out, or keep one only, and train again.")
    contexts.ablation(run)

    st.subheader("Can the chances be believed?", anchor=False)
    st.markdown(
        "Candidates in ten equal groups by predicted chance. Take one negative a registration and do not correct: "
        "the order stays, the chances do not."
    )
    contexts.chances(run)

    st.subheader("What tuning each ranker received", anchor=False)
    st.markdown("Trials ran in two other worlds (seeds 100 and 101) and went by mAP; the figures here played no part.")
    contexts.tuning(run)
    parts.drawing(run)

sections.notices(case, seed)
sections.published(case)
sections.sources(case)
