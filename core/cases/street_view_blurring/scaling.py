"""What grows with the photos, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from dataclasses import replace

from core.cases.street_view_blurring.data.photos import N_TEST
from core.cases.street_view_blurring.design import SIZES, StreetViewBlurring, takes_too_long
from core.cases.street_view_blurring.features import DESCRIPTOR_PX
from core.contract.case import Measurement
from core.contract.scaling_spec import (
    AblationStep,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    vector_index,
)


def scaling_parts(design: StreetViewBlurring, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The store and the index of earlier photos grow with the photos; searching one of them does not."""
    n, parts, stored = measured.n_items, [], design.serving != "online"
    if design.skip != "off":
        timed = "compare" if "compare" in measured.parts_ms else ""
        index = dict(
            kind="flat", dim=DESCRIPTOR_PX**2, part=timed, in_job=stored, built_by=("describe", "index photos")
        )
        parts.append(vector_index("earlier photos", n, **index, why="each is compared with"))
    if stored:
        each, why = measured.parts_bytes["store"] / measured.n_keys, "a row of boxes for each photo"
        parts.append(keyed("store", why, bytes_each=each))
    parts.append(fixed("detectors", "a photo is searched by itself, whatever else was taken"))
    return tuple(parts)


def quality_growth(design: StreetViewBlurring) -> QualityGrowth | None:
    """A photo is searched by itself; None where it may take the boxes of another that only looks alike."""
    if design.skip != "off":
        return None
    return QualityGrowth("a photo is searched by itself; photos are assumed to be like these, however many are taken")


def _online(design: StreetViewBlurring) -> StreetViewBlurring:
    return replace(design, serving=_live(design))


def _live(design: StreetViewBlurring) -> str:
    """Detecting at the upload where the design's detectors can, else as it is."""
    return (
        design.serving
        if takes_too_long(design=replace(design, serving="online"), px=design.px, tiles=design.tiles)
        else "online"
    )


def _finest(design: StreetViewBlurring) -> int:
    """The largest reading size that the design's detectors can have."""
    return max((px for px in SIZES if not takes_too_long(_online(design), px, design.tiles)), default=design.px)


ABLATION_STEPS = (
    AblationStep("approximate", {"skip": "off"}),
    AblationStep("compressed", {"px": _finest, "precision": "fp32"}),
    AblationStep("rejected by the verifier", {"verify": "off"}),
    AblationStep("stale", {"serving": _live, "refresh_h": 6}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_TEST, keys_are="photos", per="item",
    note="A photo is blurred when it is asked for, or once for all who will ask. One newer than the backlog run is "
    "shown as it is.",
)  # fmt: skip
