"""What grows with the ads, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear

ADS = {"coupons": 782, "generated": 774}
REQUESTS = {"coupons": 650, "generated": 500}  # whose scores one run of the job makes


def scaling_parts(design: AdClick, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The counters grow with the ads; the model's table has a fixed number of rows, and so many ads are eligible."""
    eligible = fixed("auction", f"{ELIGIBLE} ads are eligible for a slot, however many are booked")
    if design.serving != "online":
        return (fixed("store", f"scores of the {ELIGIBLE} eligible ads of each request"), eligible)
    ads = ADS[design.data]
    model = sum(record.nbytes for record in measured.steps if record.name in ("train", "learn encoder"))
    each = max(0.0, measured.memory_bytes - model) / ads
    why = "counters of each ad, and of the people who met it"
    found = [linear("counters", ads, why, bytes_each=each)]
    hashed = fixed("model", f"values share {design.buckets:,} hash buckets: more ads collide, none takes more memory")
    return (*found, hashed, eligible)


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
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: REQUESTS[design.data], keys_are="people",
)  # fmt: skip
