"""The knobs of finding digits, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from core.contract.design import knob


@dataclass(frozen=True)
class Skeleton:
    """One way to find digits. The defaults are a design that a sensible team would start with."""

    noise: float = knob("Noise", (0.0, 0.5), 0.0, "data", "Noise added to every picture.")
    dim: int = knob("Embedding size", (4, 16, 64), 16, "representation", "Pixels kept: quality for memory.")
    index: str = knob("Index", ("flat", "hnsw"), "flat", "lookup", "Compare with all, or walk a graph.")
    effort: int = knob(
        "Effort", (4, 16, 64), 16, "lookup", "How wide the walk is: recall for time.",
        active=lambda design: design.index == "hnsw",
    )  # fmt: skip
