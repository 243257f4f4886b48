"""Video search: quality by kind of query, answers as film strips, and retrieval channels compared."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from core.contract.case import Estimate
from core.datasets.minilm import why_not_full_minilm, why_not_minilm
from core.formatting import markdown_text, ms_text
from core.metrics import percentile
from core.ui import cards, state
from core.ui.markup import html, slot
from core.ui.page_run import PageRun

KINDS = {
    "exact terms": "in the uploader's own words",
    "partial": "some of those words",
    "paraphrased": "none of those words",
    "about order": "what comes first, what later",
}
STYLE = (
    "<style>"
    + """
.kp-kinds{width:100%;border-collapse:collapse;font-size:.875rem;margin:0 0 .5rem}
.kp-kinds th,.kp-kinds td{border:0;padding:.3rem .6rem .3rem 0;text-align:left;vertical-align:middle;font-weight:400}
.kp-kinds th b{font-weight:600;display:block}.kp-kinds th span{color:var(--quiet);font-size:.8125rem}
.kp-kinds td.bars{width:60%}.kp-bar{position:relative;height:.8rem;margin:.15rem 0;background:var(--paper)}
.kp-bar i{position:absolute;left:0;top:0;bottom:0;background:var(--accent)}
.kp-bar.was i{background:none;border:1px solid var(--quiet)}
.kp-bar u{position:absolute;top:45%;height:1px;background:var(--ink)}
.kp-kinds td.numbers{white-space:nowrap;font-size:.8125rem;line-height:1.35}
.kp-one-query{margin:0 0 1.1rem}.kp-one-query p{margin:0 0 .35rem;font-size:.9375rem}
.kp-one-query p span{color:var(--quiet);font-size:.8125rem}
.kp-found{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.6rem}
.kp-video{border:1px solid var(--line);border-radius:.25rem;padding:.4rem .5rem;font-size:.75rem;line-height:1.35}
.kp-video img{width:100%;display:block;border-radius:.15rem;background:#fff;margin:0 0 .3rem}
.kp-video.right{border:2px solid var(--good)}.kp-video b{font-weight:600}
.kp-video .by{color:var(--quiet)}.kp-video .tick{color:var(--good);font-weight:600}
.kp-video.wanted{border-style:dashed}
.kp-video .said{display:block;overflow-wrap:anywhere}
""".replace("\n", "")
    + "</style>"
)


ONE_STYLE = (
    "<style>"
    + """
.kp-search p{margin:0 0 .5rem;font-size:.9375rem;font-weight:600;line-height:1.3}
.kp-search ol{list-style:none;margin:0;padding:0}
.kp-search li{display:grid;grid-template-columns:1rem minmax(0,1fr) auto;gap:0 .4rem;margin:0;padding:.25rem .35rem;
border-top:1px solid var(--line);font-size:.8125rem;line-height:1.35;align-items:center}
.kp-search li.clip{grid-template-columns:1rem 55% minmax(0,1fr) auto}
.kp-search li img{width:100%;display:block;background:#fff;image-rendering:pixelated}
.kp-search li.right{outline:2px solid var(--good);outline-offset:-2px;border-radius:.2rem}
.kp-search li b,.kp-search li small{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.kp-search li b{font-weight:600}
.kp-search li small,.kp-search li i{color:var(--quiet);font-size:.75rem;font-style:normal}
.kp-search li.clip b{white-space:normal;font-size:.6875rem;font-weight:400;max-height:2.7em}
.kp-search .tick{color:var(--good);font-weight:600}
.kp-search p.wanted{font-weight:400;font-size:.8125rem;margin:.5rem 0 0}
""".replace("\n", "")
    + "</style>"
)
_text = partial(markdown_text, in_html=True)
TOP, LINE = 5, 40  # answers on the first screen, and letters of what stands below a title
CHANNELS = {"words": "BM25", "vectors": "dense"}


def one_request(run: PageRun) -> None:
    """One query, the same under every design: its first five answers, and where each channel ranks the right one."""
    shown = run.present.measured.shown
    question = _same_query(shown.answers.questions)
    found = question.found[:TOP]
    strips = shown.strips.several([video.video for video in found]) or (None,) * len(found)
    lines = [_line(place, *pair) for place, pair in enumerate(zip(found, strips, strict=True), start=1)]
    items = "".join(lines) or "<li><i></i><b>Nothing came back.</b></li>"
    html(
        f'<div class="kp kp-search">{ONE_STYLE}<p>“{_text(question.text)}”</p><ol>{items}</ol>'
        f'<p class="wanted">{_wanted(question)}</p></div>'
    )


def _same_query(questions: Sequence[Any]) -> Any:
    """A query in some of the uploader's words, which no channel finds too easily: the last of those that are shown."""
    partial = [question for question in questions if question.segment == "partial"]
    return (partial or questions)[-1]


def _line(place: int, video: Any, strip: Any) -> str:
    title, _, rest = video.text.partition(" · ")
    if strip is None:  # a film, whose year stands last
        rest, _, year = rest.rpartition(", ")
        title = f"{title} ({year})"
    words = f"<b>{_text(title or 'no title, no tags')}</b>"
    picture, tick = _picture(video, strip), '<span class="tick">✓</span>' if video.right else "<i></i>"
    kind = ("right " if video.right else "") + ("clip" if picture else "film")
    text = words if picture else f"<div>{words}<small>{_text(_short(rest, LINE))}</small></div>"
    return f'<li class="{kind}"><i>{place}</i>{picture}{text}{tick}</li>'


def _wanted(question: Any) -> str:
    """Which video is right, and its rank in each channel and among the answers."""
    at = next((place for place, video in enumerate(question.found, start=1) if video.right), None)
    ranks = [f"{CHANNELS[channel]} {rank}" for channel, rank in question.wanted.ranks.items() if channel in CHANNELS]
    final = f"rank {at} here" if at else f"not in the first {TOP}"
    return f"Right: <b>{_text(question.wanted.text.partition(' · ')[0] or 'a clip without title')}</b>. " + " · ".join(
        [*ranks, final]
    )


def note() -> None:
    """Why a sentence encoder is not among the options, where it cannot run."""
    for why in filter(None, (why_not_minilm(), why_not_full_minilm())):
        st.info(why, icon=":material/info:")


def segments(run: PageRun) -> None:
    """A bar for each kind of query, this design above the baseline."""
    now, was = (measured.shown.answers.segments for measured in (run.present.measured, run.baseline.measured))
    rows = "".join(_kind(name, now[name], was.get(name)) for name in now)
    html(f'<div class="kp">{STYLE}<table class="kp-kinds"><tbody>{rows}</tbody></table></div>')
    st.caption(
        "MRR@10 by kind of query, filled: this design; outlined: the baseline, BM25 alone; thin line: 95 % interval. "
        + _difference_words(now, was)
    )


def _kind(name: str, now: Estimate, was: Estimate | None) -> str:
    beside = "" if was is None else _bar(was, "was")
    baseline = "" if was is None else f"<br>{was.value:.3f} baseline"
    return (
        f'<tr><th scope="row"><b>{escape(name)}</b><span>{escape(KINDS[name])}</span></th>'
        f'<td class="bars">{_bar(now, "now")}{beside}</td>'
        f'<td class="numbers"><b>{now.value:.3f}</b> ({now.low:.3f} to {now.high:.3f}){baseline}</td></tr>'
    )


def _bar(estimate: Estimate, kind: str) -> str:
    whisker = f"left:{100 * estimate.low:.1f}%;width:{100 * (estimate.high - estimate.low):.1f}%"
    return (
        f'<div class="kp-bar {kind}"><i style="width:{100 * estimate.value:.1f}%"></i><u style="{whisker}"></u></div>'
    )


def _difference_words(now: Mapping[str, Estimate], was: Mapping[str, Estimate]) -> str:
    moved = {name: now[name].value - was[name].value for name in now if name in was}
    most = max(moved, key=lambda name: abs(moved[name]), default="")
    if not most or abs(moved[most]) < 5e-4:
        return "The two do not differ."
    return (
        f"They differ most on queries {most if most.startswith('about') else f'that are {most}'}: {moved[most]:+.3f}."
    )


def questions(run: PageRun) -> None:
    """Queries of one kind with their first answers and the channel behind each."""
    shown = run.present.measured.shown
    names = list(shown.answers.segments)
    key = state.key(run.case, "kind")
    if st.session_state.get(key) not in names:
        st.session_state[key] = names[0]
    kind = st.segmented_control("Kind of query", names, key=key, required=True)
    of_kind = [question for question in shown.answers.questions if question.segment == kind]
    body = "".join(_question(question, shown.strips) for question in of_kind)
    html(f'<div class="kp">{STYLE}{body}</div>')
    st.caption(
        "✓ marks a right video. “BM25 3” means that BM25 had it in third place; "
        "a video without a channel was put there by the store. A dashed card is the right video, where it did not come "
        "back among the first five."
    )


def _question(question: Any, strips: Any) -> str:
    videos = "".join(_video(video, strips, "right" if video.right else "") for video in question.found)
    missed = "" if any(video.right for video in question.found) else _video(question.wanted, strips, "wanted")
    nothing = "" if question.found else "<span>Nothing came back.</span>"
    head = f"<p>“{escape(question.text)}” {nothing}</p>"
    return f'<div class="kp-one-query">{head}<div class="kp-found">{videos}{missed}</div></div>'


def _video(answer: Any, strips: Any, kind: str) -> str:
    title, _, rest = answer.text.partition(" · ")
    words = f"<b>{escape(title)}</b> {escape(_short(rest))}" if answer.text else "<i>no title, no tags</i>"
    picture = _picture(answer, strips.strip(answer.video))
    mark = {"right": '<span class="tick">✓ right</span> ', "wanted": "<b>was wanted</b> "}.get(kind, "")
    by = (
        " · ".join(f"{CHANNELS.get(channel, channel)} {rank}" for channel, rank in answer.ranks.items())
        or "by no channel"
    )
    text = f'{mark}<span class="by">{by}</span><span class="said">{words}</span>'
    return f'<div class="kp-video {kind}">{picture}{text}</div>'


def _picture(answer: Any, strip: Any) -> str:
    """The film strip of a clip; nothing for a film."""
    if strip is None:
        return ""
    source = b64encode(cards.png(strip)).decode()
    alt = f"four frames of a clip titled: {answer.text or 'nothing'}"
    return f'<img src="data:image/png;base64,{source}" alt="{escape(alt)}">'


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


def compositions(run: PageRun) -> None:
    """The p99 of a request with channels in sequence (measured) and in parallel (modelled)."""
    with slot():
        _compositions(run)


def _compositions(run: PageRun) -> None:
    composition = run.present.measured.shown.composition(run.present.measured.parts_ms)
    if len(composition.channels_ms) < 2:
        st.caption("A request of this design passes one channel or none, so there is nothing to put side by side.")
        return
    in_turn, side_by_side = (percentile(ms, 0.99) for ms in (composition.in_turn_ms, composition.side_by_side_ms))
    alone = {name: percentile(ms, 0.99) for name, ms in composition.channels_ms.items()}
    html(
        cards.figures(
            [
                *(
                    cards.Figure(f"p99 of {CHANNELS[name]} alone", ms_text(p99.value), "measured")
                    for name, p99 in alone.items()
                ),
                cards.Figure("p99 in sequence", ms_text(in_turn.value), "measured", "one core does both"),
                cards.Figure("p99 in parallel", ms_text(side_by_side.value), "modelled", "each channel has a core"),
            ]
        )
    )
    st.caption(
        "In parallel is modelled from the measured parts of the same requests: the slower channel, then fusion and "
        "re-rank. It saves waiting, not work: the cost per month is that of one core doing both."
    )
