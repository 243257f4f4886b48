"""What grows with the number of digits, how quality does, and what each saving loses."""

from __future__ import annotations

from core.cases.skeleton.design import Skeleton
from core.cases.skeleton.pipeline import stages
from core.contract.case import Estimate, Measurement
from core.contract.scaling_spec import AblationStep, LawBasis, QualityGrowth, ScalingPart, vector_index


def scaling_parts(design: Skeleton, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The index grows with the digits that are searched."""
    index = dict(kind=design.index, dim=design.dim, effort=design.effort, built_by=("index corpus",))
    return (vector_index("index", measured.n_items, **index, part="search"),)


def quality_growth(design: Skeleton) -> QualityGrowth:
    """precision@5 over a share of the digits; each kind of digit keeps its share of them."""
    return QualityGrowth("a share of the digits is searched, every kind in proportion", _among_some, like=design.index)


def _among_some(design: Skeleton, times: float, seed: int) -> Estimate:
    return stages(design, seed, times)["quality"].value["precision@5"]


LAW_BASIS = LawBasis(designs=(Skeleton(), Skeleton(dim=64), Skeleton(index="hnsw")))  # one of each likeness, or more
ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 64}),
)
