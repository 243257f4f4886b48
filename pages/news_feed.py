"""Personalised news feed: the order of the page and its words."""

import streamlit as st

from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import feed_panel

case = BY_SLUG["news_feed"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "Who follows whom is real: 500 readers and their links in a graph of 39,796 people. Posts and readers are "
    "simulated, because nobody publishes what people do with their feeds: about 80,000 posts in eleven days, and some "
    "70,000 impressions in eight, of which the rankers learn from four days or a sample of them. A reader looks at a "
    "post with a probability that falls with its place, then clicks, likes, comments, shares, hides, stays or skips. "
    "Turn a knob and 500 people open their feed again. As the simulator knows what each post was worth to each of "
    "them, so do we."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)
    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("One feed, in order", anchor=False)
    st.markdown(
        "The ranker foretells every action; the feed is ordered by a weighted sum. Change what a comment, a share, a "
        "hide or ten seconds are worth, in the panel under Model, and watch posts move: nothing is trained again."
    )
    feed_panel.feed(run)
    st.subheader("Bringing posts to followers", anchor=False)
    st.markdown(
        "Modelled by counting: every inbox written and every list read, by all 39,796 people who post more the more "
        "followers they have and visit twice a day."
    )
    feed_panel.fan_out(run)
    parts.drawing(run)

sections.notices(case, seed)
sections.published(case)
st.subheader("What tuning each ranker got", anchor=False)
st.markdown(
    "- All get the same 29 features and the same rows. Settings were chosen by AUC and distance from the true chances "
    "on the last day of seeds 0 and 1, never by the value of feeds.\n"
    "- Logistic regressions: features standardised, C of 0.001, 0.01, 0.1 and 1; ridge regression for dwell.\n"
    "- Boosted trees: LightGBM, 30 trees a task so that a move stays quick, 6 to 24 leaves, rates 0.08 to 0.25.\n"
    "- Networks: one recipe for all three, of six learning rates, three batch sizes, three to eight passes (three are "
    "made, so that a move stays quick) and four strengths of weight decay; a straight path from features to scores; "
    "gates that start with a liking for one expert. A sample gets three passes too: fewer impressions, fewer steps."
)
sections.sources(case)
