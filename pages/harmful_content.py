"""Harmful content detection: the order of the page and its words."""

import streamlit as st

from core.cases.harmful_content.money import DIALS, monthly
from core.cases.harmful_content.walk import walk_typed
from core.catalog import BY_SLUG
from core.ui import controls, moderation, sections, study, tradeoff

case = BY_SLUG["harmful_content"]
sections.header(case)
design, seed, needs = controls.panel(case)
sections.data_badge(case, design)
st.markdown(
    "6,046 real e-mails of 2001 and 2002 stand in for posts. Models learn from the 1,800 newest before 14 August 2002 and "
    "judge the 3,465 that came after, 519 of them harmful: scams, adult offers, links that hide where they lead. Words, "
    "metadata, labels and times are real. Views, reviewers and prices are simulated, and weights make harm as rare as the "
    "prevalence dial says."
)

found = study.measure(case, design, seed, needs)
if found is not None:
    sections.headline(found)

    st.subheader("One message on its way", anchor=False)
    moderation.walks(found, walk_typed)
    tradeoff.section(found)
    sections.strip(found)

    st.subheader("Precision against recall", anchor=False)
    st.markdown(
        "How many finds are right, against how much harm is found. Turn the prevalence dial: the order of the posts stays "
        "the same, and the precision falls as harm gets rarer."
    )
    moderation.precision_recall(found)

    st.subheader("What mistakes cost", anchor=False)
    st.markdown("Missed harm, wrong removals and reviewers, at the load you set. The prices are yours to set as well.")
    moderation.bill(found, monthly, DIALS)
    sections.drawing(found)

sections.notices(case, seed)
sections.published(case)
sections.sources(case)
