"""What grows with the events, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from core.cases.event_recommendation.data.places import N_PEOPLE
from core.cases.event_recommendation.data.world import World
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.evaluate.quality import relevant
from core.cases.event_recommendation.features.shelf import Shelf, only, read_shelf, shelf_bytes
from core.cases.event_recommendation.model.ranker import Ranker, scoring
from core.cases.event_recommendation.pipeline import stages
from core.cases.event_recommendation.serve.candidates import Candidates, finder, scan
from core.cases.event_recommendation.serve.lists import K, best_of_each
from core.cases.event_recommendation.serve.timing import best, pairs_of
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
)
from core.metrics import average_precision

Pairs = list[tuple[np.ndarray, np.ndarray]]  # people and columns of the shelf, person by person


def scaling_parts(design: EventRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The features of the events, the filter over them and, in a fixed radius, the candidates grow with the events."""
    n, stored, held = measured.n_items, design.serving != "online", measured.parts_bytes
    lists, job = (), ()
    if stored:
        why = "a list of the same length for each person, however many events there are"
        lists = (keyed("store", why, bytes_each=held["store"] / measured.n_keys),)
        job = (linear("ranking ahead", n, "the job scores every event in each person's radius", in_job=True),)
    if design.serving == "batch":
        return (*job, *lists)
    why = "counts and numbers of each event, and of each person who may go to it"
    each = (held["features"] + held.get("event vectors", 0)) / n
    features = linear("features", n, why, bytes_each=each, built_by=("fill shelf",))
    if stored:
        return (features, *job, fixed("order", "as many stored events as before are put in order"), *lists)
    work = [
        linear(part, n, why, part=part, over=partial(_part_over, design, part))
        for part, why in _WORK.items()
        if part in measured.parts_ms
    ]
    return (features, *work, fixed("ranker", "the same model, whatever it scores"))


_WORK = {
    "find candidates": "every open event is measured against the radius",
    "read features": "the same radius holds more events where more are announced",
    "score": "each event in the radius is scored",
}


def _part_over(design: EventRecommendation, part: str, share: float, seed: int) -> Share:
    """One part of a request over a share of the open events, drawn at random."""
    ranker, whole, world = (stages(design, seed)[name].value for name in ("ranker", "shelf", "world"))
    n = len(whole.open)
    drawn = np.sort(np.random.default_rng(seed).permutation(n)[: round(share * n)])
    shelf = only(whole, drawn)
    if part == "find candidates":
        ask, n_requests = finder(shelf, world, design.radius, design.horizon), len(world.people.city)
    else:
        pairs = pairs_of(scan(shelf, world, design.radius, design.horizon), world)
        ask, n_requests = _with_pairs(part, ranker, shelf, world, pairs), len(pairs)
    return Share(len(drawn), shelf_bytes(shelf), ask, n_requests)


def _with_pairs(part: str, ranker: Ranker, shelf: Shelf, world: World, pairs: Pairs) -> Callable[[int], object]:
    """Reading the features of a person's candidates, or scoring those that were read before."""
    if part == "read features":
        return lambda i: read_shelf(shelf, world, *pairs[i])
    if ranker.scorer is None:
        score = scoring(ranker, shelf, world)
        return lambda i: best(score(shelf, *pairs[i]))
    read = [read_shelf(shelf, world, *pair) for pair in pairs]
    return lambda i: best(ranker.scorer.score(read[i]))


def quality_growth(design: EventRecommendation) -> QualityGrowth | None:
    """MAP over a share of the open events; None where eight events at a time are judged, not all that are open."""
    if design.judged != "evening":
        return None
    like = f"{'rules' if design.model in RULES else 'taught'}, {'near' if design.radius < 50 else 'far'}"
    why = "a share of the open events is drawn for each person, beside those that the person would go to"
    return QualityGrowth(why, _among_some, like=like)


RULES = ("popular", "nearest", "rules")


def _among_some(design: EventRecommendation, times: float, seed: int) -> Estimate:
    """MAP of lists ranked at the request, among a share of the open events beside those that a person would go to."""
    lists, shelf, world = (stages(design, seed)[name].value for name in ("lists", "shelf", "world"))
    person, column = lists.candidates.person, lists.candidates.column
    would = np.zeros((len(world.people.city), len(world.events.host)), bool)
    would[:, world.requests.open] = world.requests.would
    drawn = np.random.default_rng([seed, 7]).random(would.shape) < times
    kept = np.flatnonzero((would | drawn)[person, shelf.open[column]])
    some = Candidates(person[kept], column[kept])
    who, wanted = relevant(world)
    ids = best_of_each(shelf, some, lists.scores[kept], len(world.people.city), K)
    return estimate(average_precision(ids[who], wanted), seed)


LAW_BASIS = LawBasis(
    designs=(
        *(EventRecommendation(model=model) for model in ("gbdt", "lr", "rules", "nearest")),
        *(EventRecommendation(radius=radius, model=model) for radius in (10, 25) for model in ("gbdt", "rules")),
    )
)  # fmt: skip
ABLATION_STEPS = (
    AblationStep("approximate", {}, "every event in the radius is compared; no index leaves any out"),
    AblationStep("sampled", {"learnt_from": 1.0}),
    AblationStep("compressed", {"compression": "fp32"}),
    AblationStep("cut by the filter", {"radius": 200, "horizon": 90}),
    AblationStep("stale", {"serving": "online", "refresh_h": 6, "lag_h": 0, "retrain_days": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"},
    batch={"serving": "batch"},
    hybrid={"serving": "hybrid"},
    keys=lambda design: N_PEOPLE,
    keys_are="people",
)
