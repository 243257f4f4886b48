"""What grows with the films, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.cases.video_recommendation.design import VideoRecommendation, has_vectors
from core.cases.video_recommendation.funnel import finder
from core.cases.video_recommendation.pipeline import fit_source
from core.cases.video_recommendation.run import stages
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, Share, fixed, linear, vector_index

FILMS, REQUESTS = 9_066, 358
RECOUNTED = ("popularity", "item_knn")  # sources that are counts, so that a part of the films is counted in a moment


def scaling_parts(design: VideoRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Index, source and the ranker's facts grow with the films; how many are ranked does not."""
    store = fixed("store", "a row for each person, however many films there are")
    ranker = fixed("ranker", f"it ranks {design.candidates} candidates, however many films there are")
    if design.serving == "batch":
        return (store,)
    found: list[ScalingPart] = []
    held, n = float(measured.memory_bytes - measured.store_bytes), FILMS
    if design.serving == "online" and has_vectors(design):
        width = design.dim + (design.source != "als")  # a film's bias is one more number
        n = _indexed(design, measured)
        index = dict(kind=design.index, dim=width, effort=design.effort)
        found.append(vector_index("index", n, **index, part="find candidates"))
        held -= _index_bytes(measured)
    part = "" if found or design.serving != "online" else "find candidates"
    why = "a row of factors, neighbours or facts for each film"
    over = partial(_source_over, design) if part and design.source in RECOUNTED else None
    found.append(linear("source and facts", n, why, bytes_each=max(0.0, held) / n, part=part, over=over))
    return (*found, ranker) if design.serving == "online" else (*found, ranker, store)


def _source_over(design: VideoRecommendation, share: float, seed: int) -> Share:
    """The source counted anew over a share of the films, drawn at random, and the first stage of a request with it."""
    world, tables = (stages(design, seed)[name].value for name in ("world", "tables"))
    n, requests = world.n_films, world.eras[-1].requests
    films = np.sort(np.random.default_rng(seed).permutation(n)[: round(share * n)])
    (model,) = fit_source((tables[-1][:, films],), design.source, 0, seed)
    find = finder(model, None, design.candidates, design.popular, 0)
    place = np.full(n, -1)
    place[films] = np.arange(len(films))

    def kept(some: np.ndarray) -> np.ndarray:
        return place[some][place[some] >= 0]

    asked = [(kept(liked), kept(seen)) for liked, seen in zip(requests.liked, requests.seen, strict=True)]
    asked = [each for each in asked if len(each[0])]  # without a like the most liked films are shown, at no work
    return Share(len(films), model.served_bytes, lambda i: find(*asked[i]), len(asked))


def _indexed(design: VideoRecommendation, measured: Measurement) -> int:
    """Films with a vector of their own: what a flat index compares with, else about half of all."""
    flat = design.index == "flat" and "films scored" in measured.counts
    return int(measured.counts["films scored"]) if flat else FILMS if design.source == "two_tower" else FILMS // 2


def _index_bytes(measured: Measurement) -> float:
    """Bytes of the last era's index: about two fifths of the three that are built."""
    return 0.42 * sum(record.nbytes for record in measured.steps if record.name == "build indexes")


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 48, "precision": "fp32"}),
    AblationStep("cut at N", {"candidates": 200}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: REQUESTS, keys_are="people", rows=lambda design: stages(design)["store"].value.rows,
)  # fmt: skip
