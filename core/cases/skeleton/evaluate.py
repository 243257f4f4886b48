"""The qualities of what was served."""

from __future__ import annotations

import numpy as np

from core.cases.skeleton.data import World
from core.contract.case import Estimate, estimate
from core.metrics import precision_at_k

K = 5


def grade(ids: np.ndarray, world: World) -> dict[str, Estimate]:
    """Share of the neighbours `ids` (n_queries, K) that are the same digit, query by query."""
    relevant = [np.flatnonzero(world.corpus_labels == label) for label in world.query_labels]
    return {"precision@5": estimate(precision_at_k(ids, relevant, K))}
