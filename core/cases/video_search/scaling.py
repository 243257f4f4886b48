"""What grows with the videos, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.cases.video_search.data.queries import N_QUERIES
from core.cases.video_search.design import SENTENCE, VideoSearch, barred_depths, barred_frames, by_vectors, of_clips
from core.cases.video_search.pipeline import stages
from core.cases.video_search.serve.requests import CANDIDATES
from core.cases.video_search.serve.words import index_words, word_searcher
from core.contract.case import Measurement
from core.contract.design import knobs
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, Share, fixed, linear, vector_index


def scaling_parts(design: VideoSearch, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Both indexes, and what re-ranks by, grow with the videos; encoder and store do not."""
    store = fixed("store", "a row for each query met before, however many videos there are")
    if design.serving == "batch":
        return (store,)
    n, held = measured.n_items, measured.parts_bytes
    parts = []
    if by_vectors(design):
        of = dict(kind=design.index, dim=design.dim, effort=design.effort)
        parts.append(vector_index("index of vectors", n, **of, part="find by vectors"))
    if design.fusion != "vectors":
        words, why = held["index of words"] / n, "a posting for each word of each video, all read for a common word"
        over = partial(_words_over, design) if words else None
        parts.append(linear("index of words", n, why, bytes_each=words, part="find by words", over=over))
    if design.rerank:
        late = held["what re-ranks"] / n
        parts.append(linear("what re-ranks", n, "words and frames of each video", bytes_each=late))
    parts.append(fixed("query encoder", "a request encodes one query, however many videos there are"))
    return (*parts, store) if design.serving == "hybrid" else tuple(parts)


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
