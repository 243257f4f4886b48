"""Harmful content detection: the order of the page and its words."""

import streamlit as st

from core.cases.harmful_content.serve.typed import walk_typed
from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import moderation

case = BY_SLUG["harmful_content"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "A post meets up to four things: a list of **known harm**, a **model**, a threshold above which the machine "
    "**removes** it, and a lower one above which **people** look at it. Turn a knob in the panel and the pipeline "
    "learns from up to 1,800 real e-mails, judges the 3,465 that came after 14 August 2002, and is timed on "
    "1,000 of them."
)

run = page_run.measure(case, design, seed, scenario)
if run is not None:
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)

    st.subheader("One message on its way", anchor=False)
    moderation.walks(run, walk_typed)

    st.subheader("What becomes of a thousand posts", anchor=False)
    moderation.outcomes(run)

    st.subheader("Who waits for a reviewer", anchor=False)
    st.markdown(
        "What is neither surely harmful nor surely harmless is queued. Fewer reviewers, or another queue order, and "
        "other posts stay unread."
    )
    moderation.queue(run)

    for part in (parts.tradeoff, parts.slo, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("Precision against recall", anchor=False)
    st.markdown(
        "How many finds are right, against how much harm is found. Turn the prevalence dial: the order of the posts "
        "stays the same, and the precision falls as harm gets rarer."
    )
    moderation.precision_recall(run)
    st.markdown("**What kind of harm it is**")
    moderation.kinds(run)

    parts.bill(run)
    st.markdown(
        "Machines are the least of it: at the load and the prices that this page opens with, people who read posts "
        "and harm that is seen cost far more."
    )
    parts.drawing(run)

with st.expander("What the data are, and what is simulated", icon=":material/info:"):
    st.markdown(
        """
- **Real.** 6,046 e-mails of 2001 and 2002 that people sorted into wanted and unwanted: words, counts of links, markup
  and route, labels and times. Unwanted mail stands in for harm: scams, adult offers and tricks, not hate or violence.
  Of the judged messages 519 are harmful, and weights make them as rare as the prevalence dial says.
- **By rule.** The kinds of harm: a scam has four words of money or more, an adult offer two of its words, and what is
  like malware hides where a link leads, runs a script or brings a program.
- **Simulated.** Views of a post, reviewers (who are taken to be right), wrong labels from user reports, other teams'
  tasks, and the pictures of the dial: each is harmless, and so is the text, but half of the combinations are not.
- **Masked.** Names, addresses, numbers, hosts and words that fewer than three messages use were taken out before the
  data came here. What you type is judged on this server, shown to you alone and not kept.
- **Left out.** MiniLM before every post: it takes about 10 ms, so it stands behind a first pass or runs later. Images
  and video: no set of them was found that may be handed on.
"""
    )
sections.notices(case, seed)
sections.fixed_settings()
sections.published(case)
sections.sources(case)
