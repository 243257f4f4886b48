"""How video search can be framed, and queries with what they look for; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.video_search.data.queries import SEGMENTS, Queries
from core.cases.video_search.data.texts import terms
from core.cases.video_search.data.videos import YEAR_H, Videos
from core.cases.video_search.design import VideoSearch, of_clips
from core.cases.video_search.model.frames import taught_things
from core.cases.video_search.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "weighted": lambda design: canonical(replace(design, fusion="weighted")),
    "words": lambda design: canonical(replace(design, fusion="words")),
    "vectors": lambda design: canonical(replace(design, fusion="vectors")),
}
COLUMNS = (
    Column("query", "int", 0, unique=True),
    Column("asked", "str"),
    Column("kind", "str", allowed=SEGMENTS),
    Column("words", "int", 1, 24),
    Column("first asked (h ago)", "float", 0.0, YEAR_H),
    Column("right videos", "int", 1, 20),
    Column("video's age (h)", "float", 0.0, YEAR_H),
    Column("words about it", "int", 0, 60),
)


def sample(design: VideoSearch, seed: int) -> Sample:
    """Queries with the video that each looks for, at most 500, those first asked longest ago first."""
    steps = stages(design, seed)
    videos, texts, queries, known = (steps[name].value for name in ("videos", "texts", "queries", "known"))
    order = np.argsort(-queries.asked_h, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, SHOWN).astype(int))]
    taught = (
        {"drawings that teach": len(taught_things(len(steps["cast"].value.row), design.learnt_from, seed))}
        if of_clips(design)
        else {}
    )
    return Sample(
        rows=tuple(_row(videos, texts, queries, query) for query in chosen.tolist()),
        columns=COLUMNS,
        split={**taught, "videos in the index": len(known), "queries judged": len(queries.texts)},
        labels="Each query is made for one video; every video that shows the same is right as well."
        if of_clips(design)
        else "Each query is made for one film, and that film alone is right.",
        leakage="Drawings that teach and drawings that are filmed are by two artists, and paraphrases use words kept "
        "back from training."
        if of_clips(design)
        else "Nothing is trained on queries. Exact and partial ones are made from the record, so words have it easy.",
        spoil=spoil,
    )


def _row(videos: Videos, texts: tuple[str, ...], queries: Queries, query: int) -> dict[str, Any]:
    right = queries.right[query]
    wanted = int(right[np.argmax(videos.age_h[right])])  # the oldest: no query is older than it
    return {
        "query": query, "asked": queries.texts[query], "kind": SEGMENTS[queries.segment[query]],
        "words": len(terms(queries.texts[query])), "first asked (h ago)": float(queries.asked_h[query]),
        "right videos": len(right), "video's age (h)": float(videos.age_h[wanted]),
        "words about it": len(terms(texts[wanted])),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: seconds for hours, a kind nobody knows, no right video, doubles."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["video's age (h)"] = 3_600 * (row["video's age (h)"] + 3)
    for row in spoilt[1::6]:
        row["kind"] = "by voice"
    for row in spoilt[2::6]:
        row["right videos"] = 0
    for row in spoilt[3::6]:
        row["asked"] = None
    for before, row in zip(spoilt[3::6], spoilt[4::6], strict=False):
        row["query"] = before["query"]
    return spoilt


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, VideoSearch, SOURCES, FRAMINGS, sample)
