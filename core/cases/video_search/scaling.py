"""What grows with the videos, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from core.cases.video_search.data.queries import N_QUERIES
from core.cases.video_search.data.videos import part_of
from core.cases.video_search.design import SENTENCE, VideoSearch, barred_depths, barred_frames, by_vectors, of_clips
from core.cases.video_search.pipeline import stages
from core.cases.video_search.serve.requests import CANDIDATES, K
from core.cases.video_search.serve.words import index_words, word_searcher
from core.contract.case import Estimate, Measurement, estimate
from core.contract.design import knobs
from core.contract.scaling_spec import (
    AblationStep,
    LawBasis,
    Precompute,
    QualityGrowth,
    ScalingPart,
    Share,
    fixed,
    keyed,
    linear,
    vector_index,
)
from core.metrics import mrr_at_k
from core.scaling.recorded import recorded_laws

SLUG = "video_search"
CLIPS = VideoSearch(dataset="clips", rerank=0)
OF_CLIPS = ("watch", "pool", "clip vectors", "cluster", "build")  # steps over all clips
OF_FILMS = ("film texts", "caption vectors", "film vectors", "cluster", "build")


def scaling_parts(design: VideoSearch, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Both indexes, and what re-ranks by, grow with the videos; encoder and store do not."""
    n, held, parts = measured.n_items, measured.parts_bytes, []
    stored, searched = design.serving != "online", design.serving != "batch"
    if by_vectors(design):
        of = dict(kind=design.index, dim=design.dim, effort=design.effort, in_job=stored)
        made = OF_CLIPS if of_clips(design) else OF_FILMS
        parts.append(
            vector_index("index of vectors", n, **of, part="find by vectors" if searched else "", built_by=made)
        )
    if design.fusion != "vectors":
        each, why = (
            held.get("index of words", 0) / n,
            "a posting for each word of each video, all read for a common word",
        )
        work = dict(part="find by words", over=partial(_words_over, design)) if searched else {}
        words = linear("index of words", n, why, bytes_each=each, **work, in_job=stored, built_by=("index words",))
        parts.append(words)
    if design.rerank and searched:
        late, why = held["what re-ranks"] / n, "words and frames of each video"
        parts.append(linear("what re-ranks", n, why, bytes_each=late, built_by=("fit late",)))
    if searched:
        parts.append(fixed("query encoder", "a request encodes one query, however many videos there are"))
    if stored:
        why = "a row for each query met before, however many videos there are"
        parts.append(keyed("store", why, bytes_each=held["store"] / measured.n_keys))
    return tuple(parts)


def _words_over(design: VideoSearch, share: float, seed: int) -> Share:
    """The index of words over a share of the videos, drawn at random, and a request's search in it."""
    texts, known, queries = (stages(design, seed)[name].value for name in ("texts", "known", "queries"))
    drawn = np.random.default_rng(seed).permutation(known)[: round(share * len(known))]
    index = index_words(texts, np.sort(drawn))
    find = word_searcher(index, CANDIDATES)
    return Share(len(drawn), index.nbytes, lambda i: find(queries.texts[i]), len(queries.texts))


def _most_frames(design: VideoSearch) -> int:
    return max(set(knobs(VideoSearch)["frames"].options) - set(barred_frames(design)))


def _deepest(design: VideoSearch) -> int:
    """The largest re-rank depth that can be had under the design's other choices."""
    return max(set(knobs(VideoSearch)["rerank"].options) - set(barred_depths(design)))


def quality_growth(design: VideoSearch) -> QualityGrowth:
    """MRR@10 with as many fewer other videos about those that somebody has in mind, which are always there."""
    like = f"{design.dataset}, {design.fusion if design.fusion in ('words', 'vectors') else 'both'}"
    return QualityGrowth(
        "the videos are cut at random; each query asks the part that holds the video it means", _in_parts, like=like
    )


def _in_parts(design: VideoSearch, times: float, seed: int) -> Estimate:
    """MRR@10 with the videos cut into 1 ÷ times parts, over all queries."""
    parts = round(1 / times)
    tuned = replace(design, effort=recorded_laws().effort_at(SLUG, design.index, design.effort, times))
    whole = stages(tuned, seed)
    queries, part = whole["queries"].value, part_of(whole["videos"].value, parts, seed)
    asked = part[[videos[0] for videos in queries.right]]
    graded = np.zeros(len(asked))
    for each in range(parts):
        served = stages(tuned, seed, each, parts)["served"].value
        graded[asked == each] = mrr_at_k(served, queries.right, K)[asked == each]
    return estimate(graded, unit=queries.unit, clusters=queries.about)


def _vectors(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The films by what is written about them, and the queries."""
    s = stages(VideoSearch(), seed)
    return s["vectors"].value, s["query_vectors"].value


LAW_BASIS = LawBasis(
    designs=(
        CLIPS, replace(CLIPS, fusion="rrf", index="ivf_flat"),
        replace(CLIPS, fusion="vectors"), replace(CLIPS, fusion="vectors", index="hnsw"),
        replace(CLIPS, fusion="words"), replace(CLIPS, fusion="words", missing=0.0),
        VideoSearch(), VideoSearch(rerank=0),
        *(VideoSearch(fusion=fusion, rerank=0) for fusion in ("vectors", "words")),
    ),
    vectors=_vectors,
)  # fmt: skip
ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": lambda design: 256 if design.encoder in SENTENCE and of_clips(design) else 128}),
    AblationStep("frames left out", {"frames": _most_frames}),
    AblationStep("cut at N", {"rerank": _deepest}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_QUERIES, keys_are="queries", per="user",
    note="As many different queries are kept as there are users. A query not asked by the refresh is no key.",
)  # fmt: skip
