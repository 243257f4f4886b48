"""Metrics: ranked lists, detection, intervals and paired tests, percentiles, and the Pareto front."""

from typing import Literal

from core.metrics.intervals import (
    MIN_PAIRS,
    NotEnoughSamples,
    PairedDifference,
    Percentile,
    area_interval,
    by_unit,
    effective_number,
    mean_difference,
    mean_interval,
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
__all__ += ["average_precision", "by_unit", "effective_number", "mean_interval", "mrr_at_k", "ndcg_at_k", "ndcg_of"]
__all__ += ["paired_difference", "percentile", "precision_at_k", "recall_at_k", "recall_with_ties", "share_interval"]
__all__ += ["mean_difference", "student_half_width"]
