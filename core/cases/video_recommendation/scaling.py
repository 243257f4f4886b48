"""What grows with the films, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from core.cases.video_recommendation.design import VideoRecommendation, has_vectors
from core.cases.video_recommendation.model.training import fit_source
from core.cases.video_recommendation.pipeline import stages
from core.cases.video_recommendation.serve.funnel import finder
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, Share, fixed, linear, vector_index

RECOUNTED = ("popularity", "item_knn")  # sources that are counts, so that a part of the films is counted in a moment


def scaling_parts(design: VideoRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Index, source and the ranker's facts grow with the films; how many are ranked does not."""
    store = fixed("store", "a row for each person, however many films there are")
    ranker = fixed("ranker", f"it ranks {design.candidates} candidates, however many films there are")
    if design.serving == "batch":
        return (store,)
    if design.serving == "hybrid":
        return _source_and_facts(measured), ranker, store
    if not has_vectors(design):
        over = partial(_source_over, design) if design.source in RECOUNTED else None
        return _source_and_facts(measured, part="find candidates", over=over), ranker
    width = design.dim + (design.source != "als")  # a film's bias is one more number
    index = dict(kind=design.index, dim=width, effort=design.effort, part="find candidates")
    return vector_index("index", measured.n_items, **index), _source_and_facts(measured), ranker


def _source_and_facts(
    measured: Measurement, part: str = "", over: Callable[[float, int], Share] | None = None
) -> ScalingPart:
    held_bytes = sum(measured.parts_bytes.get(name, 0) for name in ("source", "facts"))
    n, why = measured.n_items, "a row of factors, neighbours or facts for each film"
    return linear("source and facts", n, why, bytes_each=held_bytes / n, part=part, over=over)


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

    requests_kept = [(kept(liked), kept(seen)) for liked, seen in zip(requests.liked, requests.seen, strict=True)]
    # Without a like the most liked films are shown, at no work.
    requests_kept = [(liked, seen) for liked, seen in requests_kept if len(liked)]
    return Share(len(films), model.served_bytes, lambda i: find(*requests_kept[i]), len(requests_kept))


def _n_requests(design: VideoRecommendation) -> int:
    """People who ask, over all eras."""
    return sum(len(era.requests) for era in stages(design)["world"].value.eras)


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 48, "precision": "fp32"}),
    AblationStep("cut at N", {"candidates": 200}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=_n_requests, keys_are="people", rows=lambda design: stages(design)["store"].value.rows,
    note="Somebody without a liked film at the refresh is no key, and gets the list of a stranger.",
)  # fmt: skip
