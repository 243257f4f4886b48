"""Harmful content beyond figures: messages on their way to a verdict, precision against recall, and the month's bill."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.ui import cards, state
from core.ui.markup import html
from core.ui.study import TOLD, Study
from core.ui.words import usd_text

if TYPE_CHECKING:
    from core.cases.harmful_content.shown import Told, Walk

    Typed = Callable[[Any, str, str, int], Walk]

STYLE = (
    "<style>"
    + """
.kp-post{border:1px solid var(--line);border-radius:.25rem;padding:.7rem .9rem;margin:0 0 .8rem;font-size:.9375rem;
line-height:1.45;overflow-wrap:anywhere}
.kp-post h4{font-size:.9375rem;font-weight:600;margin:0 0 .2rem;padding:0}.kp-post p{margin:0 0 .55rem}
.kp-post .said{color:var(--quiet)}
.kp-way{list-style:none;margin:0 0 .5rem;padding:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));
gap:.3rem}.kp-way li{border-left:3px solid var(--accent);background:var(--paper);padding:.35rem .6rem;margin:0;
font-size:.8125rem;line-height:1.4}
.kp-way li.ended{border-left-style:double;border-left-width:6px}.kp-way b{display:block;font-weight:600}
.kp-post .truth{font-size:.875rem;margin:0}
""".replace("\n", "")
    + "</style>"
)
POSTS_A_MONTH_S = 30.4 * 24 * 3600


def walks(study: Study, typed: Typed) -> None:
    """One message of each fate on its way through this design, and a box for a message of the visitor's own."""
    shown = study.measured.shown.walks
    titles = [walk.title for walk in shown]
    key = state.key(study.case, "fate")
    if st.session_state.get(key) not in titles:
        st.session_state[key] = titles[0]
    chosen = st.selectbox("A message that is", titles, key=key)
    html(_post(shown[titles.index(chosen)]))
    st.caption(
        "Real messages. Names, addresses and rare words are masked as [name], [email], [link] and [word]; explicit words "
        "are covered. Each stage shows what it said; the way ends where a verdict falls."
    )
    _box(study, typed)


def _box(study: Study, typed: Typed) -> None:
    with st.form(state.key(study.case, "typed"), border=True):
        subject = st.text_input("Subject", "Approved!", key=state.key(study.case, "subject"))
        body = st.text_area(
            "Message",
            "You have been approved for a loan of $250,000 at 3.9 %. Click now!",
            key=state.key(study.case, "body"),
            help="It is judged by this design on this server and not kept. HTML is read, never run.",
        )
        sent = st.form_submit_button("Judge it", icon=":material/gavel:")
    if sent:
        try:
            html(_post(typed(study.design, subject, body, study.seed)))
        except TOLD as error:
            st.warning(str(error), icon=":material/info:")


def _post(walk: Walk) -> str:
    way = "".join(_told(each) for each in walk.told)
    return (
        f'<div class="kp">{cards.STYLE}{STYLE}<div class="kp-post"><h4>{_text(walk.subject) or "(no subject)"}</h4>'
        f'<p class="said">{_text(walk.excerpt) or "(no text)"}</p><ol class="kp-way">{way}</ol>'
        f'<p class="truth"><b>In truth:</b> {_text(walk.truth)}</p></div></div>'
    )


def _told(each: Told) -> str:
    return f'<li class="{"ended" if each.ended else "on"}"><b>{_text(each.stage)}</b>{_text(each.said)}</li>'


def _text(text: str) -> str:
    """Plain text for markup: escaped, on one line, and with nothing that Markdown would read."""
    plain = escape(" ".join(text.split()))
    for mark in "\\`*_[]$~:#|":
        plain = plain.replace(mark, f"&#{ord(mark)};") if mark != "#" else plain
    return plain


def precision_recall(study: Study) -> None:
    """Precision against recall at this prevalence, this design and the baseline."""
    import pandas as pd

    from core.charts import Axis, line_with_band, line_with_band_summary

    rows = [
        {"design": name, "recall": recall, "precision": precision, "precision_low": precision, "precision_high": precision}
        for name, measured in (("this design", study.measured), ("baseline", study.baseline_measured))
        for recall, precision in measured.shown.curve
    ]
    table = pd.DataFrame(rows).drop_duplicates()
    x, y = Axis("recall", "Recall", "", "higher"), Axis("precision", "Precision", "", "higher")
    words = line_with_band_summary(table, x, y, group="design")
    key = state.key(study.case, "curve")
    st.plotly_chart(line_with_band(table, x, y, group="design"), key=key, alt=words, config={"displaylogo": False})
    st.caption(f"Harm is {study.measured.shown.prevalence:.3g} of posts. {words}")


def bill(study: Study, monthly: Callable[..., dict[str, float]], dials: dict[str, tuple[str, float, str]]) -> None:
    """What this design's mistakes and reviewers cost a month, by prices the visitor sets."""
    columns = st.columns(len(dials))
    chosen = {}
    for column, (name, (label, value, help)) in zip(columns, dials.items(), strict=True):
        with column:
            key = state.key(study.case, f"price.{name}")
            chosen[name] = st.number_input(label, 0.0, 1e6, value, key=key, help=help)
    posts = study.needs.peak_rps * POSTS_A_MONTH_S
    now, was = (monthly(m.shown.rates, posts, **chosen) for m in (study.measured, study.baseline_measured))
    shown = [
        cards.Figure(what, usd_text(now[what]), "modelled", "a month", (("for the baseline", usd_text(was[what]), ""),))
        for what in now
    ]
    html(cards.figures(shown))
