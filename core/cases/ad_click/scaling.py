"""What grows with the ads, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.ad_click.data.exposures import TEST_ROWS
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear


def scaling_parts(design: AdClick, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The counters grow with the ads; the model's table has a fixed number of rows, and so many ads are eligible."""
    eligible = fixed("auction", f"{ELIGIBLE} ads are eligible for a slot, however many are booked")
    if design.serving != "online":
        return (fixed("store", f"scores of the {ELIGIBLE} eligible ads of each request"), eligible)
    ads, why = measured.n_items, "counters of each ad, and of the people who met it"
    counters = linear("counters", ads, why, bytes_each=measured.parts_bytes["counters"] / ads)
    hashed = fixed("model", f"values share {design.buckets:,} hash buckets: more ads collide, none takes more memory")
    return (counters, hashed, eligible)


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
