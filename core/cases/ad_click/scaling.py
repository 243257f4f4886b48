"""What grows with the ads, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from dataclasses import replace

from core.cases.ad_click.data.exposures import TEST_ROWS
from core.cases.ad_click.design import AdClick, takes
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.cases.ad_click.pipeline import stages
from core.contract.case import Estimate, Measurement
from core.contract.scaling_spec import (
    AblationStep,
    LawBasis,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    linear,
)


def scaling_parts(design: AdClick, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The counters grow with the ads; the model's table has a fixed number of rows, and so many ads are eligible."""
    eligible = fixed("auction", f"{ELIGIBLE} ads are eligible for a slot, however many are booked")
    if design.serving != "online":
        each = measured.parts_bytes["store"] / measured.n_keys
        return (keyed("store", f"scores of the {ELIGIBLE} eligible ads of each person", bytes_each=each), eligible)
    ads, why = measured.n_items, "counters of each ad, and of the people who met it"
    each = measured.parts_bytes["counters"] / ads
    filled = ("fill table",) if design.features_from == "table" else ()  # a stream keeps its counters up
    counters = linear("counters", ads, why, bytes_each=each, built_by=filled)
    hashed = fixed("model", f"values share {design.buckets:,} hash buckets: more ads collide, none takes more memory")
    return (counters, hashed, eligible)


def quality_growth(design: AdClick) -> QualityGrowth:
    """More ads share the same hash buckets; a model without a table of them judges an ad by its own counters."""
    if not takes("buckets")(design):
        return QualityGrowth("an ad is judged by its own counters; each ad is assumed to be shown as often as here")
    like = f"{design.data}, {design.buckets} buckets"
    return QualityGrowth("more ads share the same hash buckets, as these share fewer", _crowded, (1, 4, 16, 64), like)


def _crowded(design: AdClick, times: float, seed: int) -> Estimate:
    """The entropy with so many fewer buckets that each is shared by as many values as `times` the ads would bring."""
    return stages(replace(design, buckets=max(1, round(design.buckets / times))), seed)["quality"].value["ne"]


LAW_BASIS = LawBasis(
    designs=tuple(
        AdClick(data=data, model=model, buckets=buckets)
        for data, buckets in (("coupons", 4_096), ("coupons", 1_024), ("coupons", 16_384), ("generated", 4_096))
        for model in ("hybrid", "lr")
    )
)
ABLATION_STEPS = (
    AblationStep("approximate", {}, "ads are picked by rule, none is searched for in an index"),
    AblationStep("sampled", {"share": 1.0, "negatives": 1.0}),
    AblationStep("compressed", {"compression": "fp32", "buckets": 16_384, "dim": 16}),
    AblationStep("cut at N", {"candidates": 40}),
    AblationStep(
        "stale",
        {"serving": "online", "features_from": "streaming", "refresh_days": 1, "retrain_days": 1},
    ),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"},
    batch={"serving": "batch"},
    hybrid={"serving": "hybrid"},
    keys=lambda design: TEST_ROWS[design.data] // ELIGIBLE,
    keys_are="people",
)
