"""What grows with the events, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.cases.event_recommendation.data.places import N_PEOPLE
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.features.shelf import only, shelf_bytes
from core.cases.event_recommendation.pipeline import stages
from core.cases.event_recommendation.serve.candidates import finder
from core.contract.case import Measurement
from core.contract.scaling_spec import (
    AblationStep,
    Precompute,
    QualityGrowth,
    ScalingPart,
    Share,
    fixed,
    keyed,
    linear,
)


def scaling_parts(design: EventRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The features of the events and the filter over all of them grow with the events; a person's radius does not."""
    n, stored, held = measured.n_items, design.serving != "online", measured.parts_bytes
    lists = ()
    if stored:
        why = "a list of the same length for each person, however many events there are"
        lists = (keyed("store", why, bytes_each=held["store"] / measured.n_keys),)
    if design.serving == "batch":
        return lists
    why = "counts and numbers of each event, and of each person who may go to it"
    each = (held["features"] + held.get("event vectors", 0)) / n
    features = linear("features", n, why, bytes_each=each, built_by=("fill shelf",))
    if stored:
        return (features, fixed("order", "as many stored events as before are put in order"), *lists)
    part, why = "find candidates", "every open event is measured against the radius"
    scanned = linear(part, n, why, part=part, over=partial(_finder_over, design))
    return (features, scanned, fixed("ranker", f"{SAME_RADIUS}, and each is read and scored"))


SAME_RADIUS = "a person's radius is assumed to hold as many events as here: more events are in more cities"


def _finder_over(design: EventRecommendation, share: float, seed: int) -> Share:
    """The filter over a share of the open events, drawn at random."""
    whole, world = (stages(design, seed)[name].value for name in ("shelf", "world"))
    n = len(whole.open)
    drawn = np.sort(np.random.default_rng(seed).permutation(n)[: round(share * n)])
    shelf = only(whole, drawn)
    ask = finder(shelf, world, design.radius, design.horizon)
    return Share(len(drawn), shelf_bytes(shelf), ask, len(world.people.city))


def quality_growth(design: EventRecommendation) -> QualityGrowth:
    """The events of a person's radius are ranked among themselves."""
    return QualityGrowth(SAME_RADIUS)


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
