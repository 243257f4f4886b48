"""What grows with the films, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.cases.video_recommendation.design import VideoRecommendation, has_vectors
from core.cases.video_recommendation.evaluate import hits, ndcg, truth_of
from core.cases.video_recommendation.features import unit_film_vectors
from core.cases.video_recommendation.model.queries import QUERIES
from core.cases.video_recommendation.model.training import fit_source
from core.cases.video_recommendation.pipeline import stages
from core.cases.video_recommendation.serve.answer import find_candidates, rank, show_ten, vary
from core.cases.video_recommendation.serve.funnel import Candidates, K, collected, finder
from core.contract.case import Estimate, Measurement, estimate
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
from core.runtime.memo import step

RECOUNTED = ("popularity", "item_knn")  # sources that are counts, so that a part of the films is counted in a moment


def scaling_parts(design: VideoRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Index, source and the ranker's facts grow with the films; how many are ranked does not."""
    ranker = fixed("ranker", f"it ranks {design.candidates} candidates, however many films there are")
    parts, stored = [], design.serving != "online"
    finding = "" if stored else "find candidates"
    if has_vectors(design):
        width = design.dim + (design.source != "als")  # a film's bias is one more number
        index = dict(kind=design.index, dim=width, effort=design.effort, part=finding, built_by=("build indexes",))
        parts.append(vector_index("index", measured.n_items, **index, in_job=stored))
    if design.serving != "batch" or not has_vectors(design):
        parts.append(_source_and_facts(design, measured, "" if has_vectors(design) else finding))
    if stored:  # of the people whom the job computes it keeps those of whom something is known
        each, why = measured.parts_bytes["store"] / measured.n_keys, "a row for each person whom the refresh knows"
        parts.append(keyed("store", why, bytes_each=each))
    return (*parts, ranker)


def _source_and_facts(design: VideoRecommendation, measured: Measurement, part: str) -> ScalingPart:
    held_bytes = sum(measured.parts_bytes.get(name, 0) for name in ("source", "facts"))
    n, why = measured.n_items, "a row of factors, neighbours or facts for each film"
    over = partial(_source_over, design) if part and design.source in RECOUNTED else None
    scored = design.serving != "online" and not has_vectors(design)  # the job scores every film
    grown = dict(in_job=scored, built_by=("describe films",))
    return linear("source and facts", n, why, bytes_each=held_bytes / n, part=part, over=over, **grown)


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


def quality_growth(design: VideoRecommendation) -> QualityGrowth:
    """nDCG@10 with fewer other films about those that a person goes on to like, which are always there."""
    like = "counts" if design.source in RECOUNTED else "taught"
    why = "a share of the films is drawn for each person, beside those that the person goes on to like"
    return QualityGrowth(why, _among_some, like=f"{design.popularity}, {like}")


def _among_some(design: VideoRecommendation, times: float, seed: int) -> Estimate:
    """nDCG@10 of the funnel over what is drawn, found exactly: an index that keeps its recall moves no slope."""
    s = stages(design, seed)
    world, facts, ranker = (s[name].value for name in ("world", "facts", "ranker"))
    every = step(find_candidates, s["model"], s["index"], s["world"], n=world.n_films, popular=0, effort=world.n_films)
    wanted, ids = truth_of(world).liked, every.value.ids
    kept = np.random.default_rng([seed, 7]).random((len(ids), world.n_films)) < times
    for row, films in zip(kept, wanted, strict=True):
        row[films] = True
    rows = [_of(every.value, i, kept[i], design.candidates) for i in range(len(ids))]
    ranked = rank(ranker, facts, collected(rows, design.candidates), world)
    shown = show_ten(vary(ranked, world, diversity=design.diversity, k=K))
    return estimate(ndcg(hits(shown, wanted), wanted), unit="persons")


def _of(every: Candidates, i: int, kept: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first n candidates of a request among the films that are kept, with their scores."""
    ids, scores = every.of(i)
    there = np.flatnonzero(kept[ids])[:n]
    return ids[there], scores[there]


def _vectors(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The films' factors, and those of the people who ask."""
    s = stages(VideoRecommendation(), seed)
    model, requests = s["model"].value[-1], s["world"].value.eras[-1].requests
    asked = np.array([QUERIES[model.kind](model, liked) for liked in requests.liked if len(liked)], np.float32)
    films = unit_film_vectors(model.items[model.rows])
    return films, np.column_stack([asked, np.zeros(len(asked), np.float32)])


LAW_BASIS = LawBasis(
    designs=(
        VideoRecommendation(), VideoRecommendation(index="hnsw"), VideoRecommendation(ranker="none"),
        VideoRecommendation(source="als"), VideoRecommendation(source="bpr"),
        VideoRecommendation(source="popularity", ranker="none"), VideoRecommendation(source="item_knn"),
        VideoRecommendation(popularity="even"), VideoRecommendation(popularity="even", source="item_knn"),
    ),
    vectors=_vectors,
)  # fmt: skip
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
