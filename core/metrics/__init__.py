"""Metrics: ranked lists, detection, intervals and paired tests, percentiles, and the Pareto front."""

from typing import Literal

from core.metrics.intervals import (
    MIN_PAIRS,
    NotEnoughSamples,
    PairedDifference,
    Percentile,
    area_interval,
    bootstrap_interval,
    mean_difference,
    paired_difference,
    percentile,
    share_interval,
    student_half_width,
)
from core.metrics.ranking import (
    average_precision,
    mrr_at_k,
    ndcg_at_k,
    ndcg_of,
    precision_at_k,
    recall_at_k,
    recall_with_ties,
)

Better = Literal["higher", "lower"]
__all__ = ["MIN_PAIRS", "Better", "NotEnoughSamples", "PairedDifference", "Percentile", "area_interval"]
__all__ += [
    "average_precision",
    "bootstrap_interval",
    "mean_difference",
    "mrr_at_k",
    "ndcg_at_k",
    "ndcg_of",
    "paired_difference",
]
__all__ += ["percentile", "precision_at_k", "recall_at_k", "recall_with_ties", "share_interval"]
__all__ += ["student_half_width"]
