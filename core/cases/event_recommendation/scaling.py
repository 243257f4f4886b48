"""What grows with the events, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.event_recommendation.data.places import N_PEOPLE
from core.cases.event_recommendation.design import EventRecommendation
from core.contract.case import Measurement
from core.contract.scaling_spec import (
    AblationStep,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    linear,
)


def scaling_parts(design: EventRecommendation, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The features of the events grow with them; what a person's radius holds does not, nor the time to find it."""
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
    # Ten thousand times the events in as many more cities took a person's look-up 1.45 times as long, 24 µs for 16.
    found = fixed("find candidates", f"{SAME_RADIUS}, and a k-d tree of places leads to them past the others")
    return (features, found, fixed("ranker", f"{SAME_RADIUS}, and each is read and scored"))


SAME_RADIUS = "a person's radius is assumed to hold as many events as here: more events are in more cities"


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
