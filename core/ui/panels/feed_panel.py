"""One reader's feed now and at the reference value weights, and the cost of each fan-out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ui import state
from core.ui.figures import listed
from core.ui.page_run import PageRun

HEADS = ("click", "like", "comment", "share", "hide", "skip")
KINDS = {
    **{f"{name} %": "measured" for name in HEADS[:5]},
    "dwell s": "measured",
    "true clicks %": "modelled",
    "true dwell s": "modelled",
}


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
            "Chances are in percent and dwell in seconds, as the ranker foretells them for a post that stands first. "
            "“True clicks” and “true dwell” are what the simulator knows. Moves are against the order at the company's "
            "own values: like 2, comment 6, share 8, hide −10, ten seconds 1."
        )
    else:
        st.caption("Newest first has no predictions: “true clicks” and “true dwell” are what the simulator knows.")


def rows(reader: Any, knows: bool = True) -> list[dict[str, Any]]:
    """One row per served post, best first."""
    plain = {int(at): place for place, at in enumerate(reader.plain, start=1)}
    table_rows = []
    for place, at in enumerate(reader.served.tolist(), start=1):
        author, topic, kind, age = reader.posts[at]
        row = {
            "place": place,
            "move": move(place, plain.get(at)),
            "post": f"{kind} on {topic}",
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
        f"{moved} stand elsewhere than at the company's own values."
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
