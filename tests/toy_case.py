"""The case that tests run where any case will do: the skeleton of a new one, without the parts that a case may lack."""

from __future__ import annotations

from dataclasses import replace

from core.cases import skeleton
from core.cases.skeleton.design import Skeleton as ToyDesign

CASE = replace(
    skeleton.CASE, slug="toy", interview=None, scaling_parts=None, quality_growth=None, law_basis=None,
    ablation_steps=(),
)  # fmt: skip

__all__ = ["CASE", "ToyDesign"]
