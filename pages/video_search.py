"""Video search: the order of the page and its words."""

import streamlit as st

from core.catalog import BY_SLUG
from core.ui import controls, page_run, terms
from core.ui.case import parts, sections
from core.ui.panels import film_strips

case = BY_SLUG["video_search"]
sections.header(case)
design, seed, scenario = controls.panel(case)
sections.data_badge(case, design)
terms.write(
    "Each query looks for one video. Two channels search for it: an inverted index of **words** (title, tags, people) "
    "and an index of **vectors** (what the frames show, or what a film is about). Turn a knob in the panel and 1,000 "
    "queries are answered and timed again, over 2,000 clips or 17,472 films."
)

film_strips.note()
run = page_run.measure(case, design, seed, scenario)
if run is not None:
    for part in (parts.headline, parts.last_move, parts.comparison_bar, parts.prediction, parts.mock_interview):
        part(run)
    parts.seven_steps(run)

    st.subheader("Which queries it serves", anchor=False)
    film_strips.segments(run)

    st.subheader("What came back, and which channel found it", anchor=False)
    film_strips.questions(run)

    for part in (parts.tradeoff, parts.slo, parts.bill, parts.sensitivity, parts.load_curve):
        part(run)
    st.subheader("What follows from it", anchor=False)
    for part in (parts.ablation, parts.extrapolation, parts.crossover, parts.batch_vs_online, parts.export):
        part(run)
    parts.strip(run)

    st.subheader("Two channels, one after the other or side by side", anchor=False)
    film_strips.compositions(run)
    parts.drawing(run)

with st.expander("What the data are, and what was left out", icon=":material/info:"):
    st.markdown(
        """
- **Clips.** 2,000 clips of 8 to 16 frames in one to three shots. Each shot shows one of 968 emoji on a straight path,
  with crop and noise. Frames are recognised by what was learned from one artist's drawings; the clips show another
  artist's. About a fifth of the clips play another clip in reverse, so that order can be asked for.
- **Metadata.** Names of the things shown, in any order, and two tags each; the dials take them away or swap them.
- **Queries for clips.** *Exact*: the names. *Partial*: one word of each. *Paraphrased*: words kept back from the
  clip's metadata and from all training. *About order*: “this then that”.
- **Films.** Real records. *Exact*: title and a last name. *Partial*: one word of the title, a genre, a first name.
  *Paraphrased*: title, genre, country and decade in other words (WordNet), looser than a person would put it.
- **Left out.** MiniLM in 32 bits takes about 13 ms a query: 1,000 timed queries would take longer than this page allows
  a design. The 8-bit network used here agrees with it to a mean cosine of .992. No weights of a cross-encoder can be
  had, so the re-rank is late interaction over word pieces and frames. Queries are in English only.
"""
    )
sections.notices(case, seed)
sections.fixed_settings()
sections.published(case)
sections.sources(case)
