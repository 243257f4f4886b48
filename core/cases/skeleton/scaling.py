"""What grows with the number of digits, and what each saving loses."""

from __future__ import annotations

from core.cases.skeleton.design import Skeleton
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, ScalingPart, vector_index


def scaling_parts(design: Skeleton, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The index grows with the digits that are searched."""
    return (
        vector_index("index", measured.n_items, kind=design.index, dim=design.dim, effort=design.effort, part="search"),
    )


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 64}),
)
