"""One reader's feed now and at the reference value weights, and the cost of each fan-out."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.formatting import markdown_text
from core.ui import state
from core.ui.figures import listed
from core.ui.markup import html
from core.ui.page_run import PageRun

HEADS = ("click", "like", "comment", "share", "hide", "skip")
KINDS = {
    **{f"{name} %": "measured" for name in HEADS[:5]},
    "dwell s": "measured",
    "true clicks %": "modelled",
    "true dwell s": "modelled",
}


ONE_STYLE = (
    "<style>"
    + """
.kp-reads ol{list-style:none;margin:0;padding:0}
.kp-reads li{display:grid;grid-template-columns:1rem minmax(0,1fr) auto 3rem;gap:0 .4rem;margin:0;padding:.3rem 0;
border-top:1px solid var(--line);font-size:.8125rem;line-height:1.35;align-items:center}
.kp-reads li b,.kp-reads li small{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.kp-reads li b,.kp-reads p b{font-weight:600}
.kp-reads small,.kp-reads li i{color:var(--quiet);font-size:.75rem;font-style:normal}
.kp-reads .worth{background:var(--paper);height:.6rem}
.kp-reads .worth u{display:block;height:100%;background:var(--accent)}
.kp-reads p{margin:.4rem 0 0;font-size:.8125rem;font-weight:400;line-height:1.35}
""".replace("\n", "")
    + "</style>"
)
TOP = 6  # posts on the first screen
_text = partial(markdown_text, in_html=True)


def one_request(run: PageRun) -> None:
    """The first posts of one reader's feed: what each is truly worth, and how the value weights moved it."""
    readers = run.present.measured.shown.readers
    if not readers:
        html("<p>No reader has ten posts under this design.</p>")
        return
    reader = readers[0]
    plain = {int(at): place for place, at in enumerate(reader.plain, start=1)}
    lines = "".join(
        _line(place, reader.posts[at], float(reader.worth[at] / reader.best[0]), move(place, plain.get(at)))
        for place, at in enumerate(reader.served.tolist()[:TOP], start=1)
    )
    html(
        f'<div class="kp kp-reads">{ONE_STYLE}<ol>{lines}</ol>'
        f"<p>Bars: true value. nDCG of this feed: <b>{reader.ndcg:.2f}</b>, ideal order 1</p></div>"
    )


def _line(place: int, post: tuple[str, ...], worth: float, moved: str) -> str:
    _, film, topic, kind, age = post
    said = f"true value {worth:.0%} of that of the best post"
    return (
        f"<li><i>{place}</i><div><b>{_text(film)}</b><small>{_text(f'{topic} {kind}, {age}')}</small></div>"
        f'<small>{_text(moved)}</small><span class="worth" role="img" aria-label="{said}" title="{said}">'
        f'<u style="width:{100 * min(worth, 1):.0f}%"></u></span></li>'
    )


def feed(run: PageRun) -> None:
    """A choice of reader, and their ten posts."""
    readers = run.present.measured.shown.readers
    if not readers:
        st.caption("No reader has ten posts under this design.")
        return
    key = state.key(run.case, "reader")
    chosen = st.selectbox("Reader", range(len(readers)), key=key, format_func=lambda i: readers[i].name)
    reader, knows = readers[chosen], run.present.measured.shown.knows
    words = summary(reader)
    listed(rows(reader, knows), words, KINDS)
    st.caption(words)
    if knows:
        st.caption(
            "Probabilities are in per cent and dwell in seconds, as predicted for a post at the first position. "
            "“True clicks” and “true dwell” are what the simulator knows. Moves are against the order at the "
            "reference value weights: like 2, comment 6, share 8, hide −10, ten seconds 1."
        )
    else:
        st.caption("Newest first has no predictions: “true clicks” and “true dwell” are what the simulator knows.")


def rows(reader: Any, knows: bool = True) -> list[dict[str, Any]]:
    """One row per served post, best first."""
    plain = {int(at): place for place, at in enumerate(reader.plain, start=1)}
    table_rows = []
    for place, at in enumerate(reader.served.tolist(), start=1):
        author, film, topic, kind, age = reader.posts[at]
        row = {
            "place": place,
            "move": move(place, plain.get(at)),
            "post": film,
            "topic": topic,
            "format": kind,
            "by": author,
            "age": age,
        }
        if knows:
            row |= {f"{name} %": percent(reader.predicted[at, i]) for i, name in enumerate(HEADS[:5])}
            row |= {"dwell s": round(float(reader.predicted[at, -1]), 1)}
        row |= {"true clicks %": percent(reader.true[at, 0]), "true dwell s": round(float(reader.true[at, -1]), 1)}
        table_rows.append(row)
    return table_rows


def percent(chance: float) -> float:
    """A probability in per cent with one decimal."""
    return round(100 * float(chance), 1)


def move(place: int, before: int | None) -> str:
    """The change of a post's rank against the reference weights."""
    if before is None:
        return "new"
    return "" if place == before else f"▲ {before - place}" if place < before else f"▼ {place - before}"


def summary(reader: Any) -> str:
    """The feed in a sentence."""
    served, plain = reader.served.tolist(), reader.plain.tolist()
    moved = sum(at not in plain or plain.index(at) != place for place, at in enumerate(served))
    authors = len({int(reader.author[at]) for at in served})
    return (
        f"{len(served)} of {len(reader.posts)} posts that reached the ranker, by {authors} authors; "
        f"{moved} stand elsewhere than at the reference value weights."
    )


def fan_out(run: PageRun) -> None:
    """Writes, reads and the largest burst of each fan-out."""
    costs = run.present.measured.shown.fan_out
    table_rows = [
        {
            "fan-out": name,
            "inbox writes per person and day": round(writes, 2),
            "lists read per person and day": round(reads, 2),
            "both": round(writes + reads, 2),
            "most inboxes one post writes": round(burst),
        }
        for name, writes, reads, burst in costs
    ]
    least = min(table_rows, key=lambda row: row["both"])
    words = f"Least work: {least['fan-out']}, {least['both']} operations per person and day."
    listed(table_rows, words, dict.fromkeys(list(table_rows[0])[1:], "modelled"))
    st.caption(words)
