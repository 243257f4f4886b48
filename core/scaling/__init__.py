"""Scaling laws of memory, work, time and quality: fitted on small sizes, tested on a larger one, then projected."""

from core.scaling.extrapolate import Projected, project
from core.scaling.fit import (
    ScalingFit,
    cached_index_fit,
    cached_linear_fit,
    fit_of,
    index_fit,
    linear_fit,
    time_law_words,
)
from core.scaling.laws import Law, LinearLaw, band_factor, count_words, formula, index_bytes
from core.scaling.samples import SHARES, Cancelled, Progress, Sample, sizes_for
from core.scaling.size import MOST_ITEMS, Size, checked_items, index_parts, linear_parts, shards_needed

__all__ = [
    "MOST_ITEMS",
    "SHARES",
    "Cancelled",
    "Law",
    "LinearLaw",
    "Progress",
    "Projected",
    "Sample",
    "ScalingFit",
    "Size",
    "band_factor",
    "cached_index_fit",
    "cached_linear_fit",
    "checked_items",
    "count_words",
    "fit_of",
    "formula",
    "index_bytes",
    "index_fit",
    "index_parts",
    "linear_fit",
    "linear_parts",
    "project",
    "shards_needed",
    "sizes_for",
    "time_law_words",
]
