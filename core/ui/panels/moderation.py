"""Harmful content: messages on their way to a verdict, the review queue, precision and recall."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.formatting import markdown_text
from core.runtime.calls import by, there
from core.ui import cards, state, waiting
from core.ui.errors import READER_ERRORS
from core.ui.figures import chart
from core.ui.markup import html, plain, slot
from core.ui.page_run import PageRun

if TYPE_CHECKING:
    from core.cases.harmful_content.evaluate.walk import Scored, Told, Walk

    Typed = Callable[[Any, str, str, int], Walk]

STYLE = (
    "<style>"
    + """
.kp-post{border:1px solid var(--line);border-radius:.25rem;padding:.7rem .9rem;margin:0 0 .8rem;font-size:.9375rem;
line-height:1.45;overflow-wrap:anywhere}
.kp-post h4{font-size:.9375rem;font-weight:600;margin:0 0 .2rem;padding:0}.kp-post p{margin:0 0 .55rem}
.kp-post .said{color:var(--quiet)}
.kp-way{list-style:none;margin:0 0 .5rem;padding:0;display:grid;
grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.3rem}
.kp-way li{border-left:3px solid var(--accent);background:var(--paper);padding:.35rem .6rem;margin:0;
font-size:.8125rem;line-height:1.4}
.kp-way li.ended{border-left-style:double;border-left-width:6px}.kp-way b{display:block;font-weight:600}
.kp-post .truth{font-size:.875rem;margin:0}
.kp-rows{overflow-x:auto;margin:0 0 .6rem}.kp-rows table{border-collapse:collapse;width:100%;font-size:.875rem;margin:0}
.kp-rows th{text-align:left;font-weight:600;color:var(--quiet);border:0;border-bottom:1px solid var(--line);
padding:.3rem .8rem .3rem 0}
.kp-rows td{border:0;border-bottom:1px solid var(--line);padding:.35rem .8rem .35rem 0;vertical-align:top}
.kp-rows .n{text-align:right}.kp-rows td.n{white-space:nowrap}.kp-rows .n:last-child{padding-right:0}
.kp-rows td:first-child{overflow-wrap:anywhere;min-width:6.5rem}
@media(max-width:640px){.kp-rows table{font-size:.75rem}.kp-rows td.n{white-space:normal}
.kp-rows th,.kp-rows td{padding-right:.4rem}}
""".replace("\n", "")
    + "</style>"
)
ONE_STYLE = (
    "<style>"
    + """
.kp-judged h4{font-family:inherit;font-size:.875rem;font-weight:600;margin:0 0 .2rem;padding:0;overflow-wrap:anywhere}
.kp-judged p{margin:0 0 .5rem;font-size:.8125rem;line-height:1.4;overflow-wrap:anywhere}
.kp-judged p.said{font-weight:400;color:var(--quiet);display:-webkit-box;
-webkit-line-clamp:4;-webkit-box-orient:vertical;overflow:hidden}
.kp-score{position:relative;height:.9rem;margin:1.5rem 0 1.4rem;display:flex;border-radius:.15rem}
.kp-score span{height:100%;font-size:.6875rem;line-height:.9rem}
.kp-score .up{background:light-dark(#CFE6DA,#1F4433)}.kp-score .people{background:light-dark(#F3E3B5,#4D421B)}
.kp-score .off{background:light-dark(#F2CDBD,#5A2A17)}
.kp-score b{position:absolute;top:-1.35rem;font-size:.8125rem;transform:translateX(-50%);white-space:nowrap}
.kp-score i{position:absolute;top:-.2rem;bottom:-.2rem;width:.2rem;margin-left:-.1rem;background:var(--ink)}
.kp-score u{position:absolute;top:1rem;font-size:.75rem;text-decoration:none;color:var(--quiet);
transform:translateX(-50%);white-space:nowrap}
.kp-judged dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .6rem;margin:0;font-size:.8125rem;line-height:1.35}
.kp-judged dt{color:var(--quiet);font-weight:400}.kp-judged dd{margin:0;overflow-wrap:anywhere}
""".replace("\n", "")
    + "</style>"
)
KINDS_HEAD = (
    "harm category", "judged posts of it", "average precision (measured)",
    "recall at 90 % precision, oracle threshold (measured)",
)  # fmt: skip
QUEUE_HEAD = (
    "the first in the queue", "likely to harm (measured)", "views (modelled)", "in truth", "reached (modelled)",
)  # fmt: skip
MOST_SUBJECT, MOST_BODY = 300, 100_000  # characters of a typed message
_text = partial(markdown_text, in_html=True)


def one_request(run: PageRun) -> None:
    """The same message under every design: P(harm) between the thresholds, the decision, and that of the baseline."""
    one, beside = run.present.measured.shown.one, run.baseline.measured.shown.one
    if one is None:
        html("<p>No short message can be read whole under these data.</p>")
        return
    walk = one.walk
    rows = [("Decision", walk.told[-1].said), ("Baseline", beside.walk.told[-1].said), ("In truth", walk.truth)]
    rows = [*([] if one.probability is not None else [(s.stage, s.said) for s in walk.told[:-1]]), *rows]
    html(
        f'<div class="kp kp-judged">{ONE_STYLE}<h4>{_text(walk.subject)}</h4>'
        f'<p class="said">{_text(walk.excerpt)}</p>{_score_bar(one)}<dl>'
        + "".join(f"<dt>{_text(name)}</dt><dd>{_text(said)}</dd>" for name, said in rows)
        + "</dl></div>"
    )


def _score_bar(one: Scored) -> str:
    """P(harm) on a line from 0 to 1, which the thresholds part into stays up, people look, removed."""
    if one.probability is None:
        return ""
    review = one.remove_at if one.review_at is None else one.review_at
    zones = {"up": review, "people": one.remove_at - review, "off": 1 - one.remove_at}
    parts = "".join(f'<span class="{name}" style="width:{100 * width:.1f}%"></span>' for name, width in zones.items())
    marks = {"remove": one.remove_at} if one.review_at is None else {"review": one.review_at, "remove": one.remove_at}
    said = f"P(harm) {one.probability:.2f}; " + ", ".join(f"{name} from {at:g}" for name, at in marks.items())
    ticks = "".join(f'<u style="left:{_within(at)}">{name} {at:g}</u>' for name, at in marks.items())
    return (
        f'<div class="kp-score" role="img" aria-label="{said}">{parts}{ticks}'
        f'<i style="left:{100 * one.probability:.1f}%"></i>'
        f'<b style="left:{_within(one.probability)}">P(harm) {one.probability:.2f}</b></div>'
    )


def _within(share: float) -> str:
    """A place on the line whose centred label does not leave the column."""
    return f"{100 * min(max(share, 0.14), 0.86):.1f}%"


def walks(run: PageRun, typed: Typed) -> None:
    """One message per outcome with its stages in this design, and an input for the visitor's own message."""
    shown = run.present.measured.shown.walks
    titles = [walk.title for walk in shown]
    key = state.key(run.case, "fate")
    if st.session_state.get(key) not in titles:
        st.session_state[key] = titles[0]
    chosen = st.selectbox("A message that is", titles, key=key)
    html(_post(shown[titles.index(chosen)]))
    st.caption(
        "Real messages. Names, addresses and rare words are masked as [name], [email], [link] and [word]; explicit "
        "words are covered. Each stage shows what it said; the way ends where a verdict falls."
    )
    _box(run, typed)


def _box(run: PageRun, typed: Typed) -> None:
    with st.form(state.key(run.case, "typed"), border=True):
        subject = st.text_input("Subject", "Approved!", max_chars=MOST_SUBJECT, key=state.key(run.case, "subject"))
        body = st.text_area(
            "Message",
            "You have been approved for a loan of $250,000 at 3.9 %. Click now!",
            key=state.key(run.case, "body"),
            max_chars=MOST_BODY,
            help="It is judged by this design on this server and not kept. HTML is read, never run.",
        )
        sent = st.form_submit_button("Judge it", icon=":material/gavel:")
    if sent:
        try:
            with by(waiting.here("Judging it")):
                html(_post(there(typed, run.present.design, subject, body, run.present.seed)))
        except READER_ERRORS as error:
            st.warning(plain(str(error)), icon=":material/info:")


def _post(walk: Walk) -> str:
    way = "".join(_stage_item(stage) for stage in walk.told)
    return (
        f'<div class="kp">{STYLE}<div class="kp-post"><h4>{_text(walk.subject) or "(no subject)"}</h4>'
        f'<p class="said">{_text(walk.excerpt) or "(no text)"}</p><ol class="kp-way">{way}</ol>'
        f'<p class="truth"><b>In truth:</b> {_text(walk.truth)}</p></div></div>'
    )


def _stage_item(stage: Told) -> str:
    return f'<li class="{"ended" if stage.ended else "on"}"><b>{_text(stage.stage)}</b>{_text(stage.said)}</li>'


def precision_recall(run: PageRun) -> None:
    """Precision against recall at this prevalence, for this design and the baseline."""
    import pandas as pd

    from core.charts import Axis, line_with_band, line_with_band_summary

    rows = [
        {
            "design": name,
            "recall": recall,
            "precision": precision,
            "precision_low": precision,
            "precision_high": precision,
        }
        for name, measured in (("this design", run.present.measured), ("baseline", run.baseline.measured))
        for recall, precision in measured.shown.curve
    ]
    table = pd.DataFrame(rows).drop_duplicates()
    x, y = Axis("recall", "Recall", "", "higher"), Axis("precision", "Precision", "", "higher")
    words = line_with_band_summary(table, x, y, group="design")
    caption = f"Harm is {100 * run.present.measured.shown.prevalence:.3g} % of posts. {words}"
    chart(run.case, "recall", line_with_band(table, x, y, group="design"), words, table, caption)


def outcomes(run: PageRun) -> None:
    """Outcomes of a thousand posts and ten thousand views, for this design and the baseline."""
    now, was = run.present.measured.shown.rates, run.baseline.measured.shown.rates
    shown = [
        _outcome(label, getattr(now, name), getattr(was, name), unit, help)
        for label, name, unit, help in (
            ("harmful posts", "harmful", "of 1,000 posts", "The prevalence of harm."),
            ("known-content match", "matched", "of 1,000 posts", "Matched known harm; no model had to run."),
            ("judged by the main model", "passed", "of 1,000 posts", "The rest was known, or left alone before."),
            (
                "removed by the machine",
                "removed",
                "of 1,000 posts",
                "Known harm and posts above the auto-remove threshold.",
            ),
            ("false positives", "wrongly_removed", "of 1,000 posts", "Harmless: each is an appeal that would be won."),
            ("read by reviewers", "reviewed", "of 1,000 posts", "The queue, as far as there is time for it."),
            ("harmful views", "harmful_views", "of 10,000 views", "Views of harm that nothing stopped in time."),
        )
    ]
    html(cards.figures(shown))
    st.caption(
        "Each judged message stands for as many posts as make harm as rare as the dial says. Who sees what, and when, "
        "is simulated: a few posts have most of the views, and half of a post's views come within six hours."
    )


def _outcome(label: str, now: float, was: float, unit: str, help: str) -> cards.Figure:
    return cards.Figure(label, _share(now), "modelled", unit, (("for the baseline", _share(was), ""),), help)


def _share(value: float) -> str:
    return f"{value:.3g}" if value >= 0.01 or not value else "under 0.01"


def kinds(run: PageRun) -> None:
    """The quality for each harm category."""
    with slot():
        _kinds(run)


def _kinds(run: PageRun) -> None:
    if not run.present.measured.shown.kinds:
        st.caption("This design has no harm categories, so its queue cannot put the worst category first.")
        return
    rows = [
        (kind.name, f"{kind.n_posts:,}", f"{kind.precision:.3f}", f"{kind.recall:.0%}")
        for kind in run.present.measured.shown.kinds
    ]
    html(_rows(KINDS_HEAD, rows))
    st.caption(
        "Every message counts once here. Adult offers have 15 labels to learn from, the others all of theirs. The "
        "heads read only words, so the kind that hidden links and programs give away is told worst."
    )


def queue(run: PageRun) -> None:
    """The head of the review queue on its longest day."""
    with slot():
        _queue(run)


def _queue(run: PageRun) -> None:
    waiting_posts = run.present.measured.shown.queue
    if waiting_posts is None:
        st.caption("Nobody reviews in this design, or nothing waits: there is one threshold only.")
        return
    rows = [
        (post.start, f"{post.probability:.0%}", f"× {post.reach:.2g}", post.truth, f"{post.reached:.0%}")
        for post in waiting_posts.first
    ]
    html(_rows(QUEUE_HEAD, rows))
    st.caption(
        f"On the day with the longest queue {waiting_posts.waiting} judged posts wait, {waiting_posts.harmful} of them "
        "harmful. Views are against an average post, simulated. Reached: the share of the posts it stands for that "
        "there is time for."
    )


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table whose first column is text and whose others are short."""
    tops = "".join(f'<th class="{"n" if i else ""}">{_text(cell)}</th>' for i, cell in enumerate(head))
    body = "".join(
        "<tr>" + "".join(f'<td class="{"n" if i else ""}">{_text(cell)}</td>' for i, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="kp">{STYLE}<div class="kp-rows"><table><thead><tr>{tops}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></div>"
    )
