"""Scaling laws of memory, work and time: fitted on small sizes, tested on a larger one, then used to extrapolate."""

from core.analysis.extrapolation.extrapolate import (
    MOST_ITEMS,
    Extrapolated,
    checked_items,
    extrapolate,
    index_parts,
    linear_parts,
    shards_needed,
)
from core.analysis.extrapolation.fit import (
    SHARES,
    Cancelled,
    Progress,
    Sample,
    ScalingFit,
    cached_index_fit,
    cached_linear_fit,
    index_fit,
    linear_fit,
    sizes_for,
    time_law_words,
)
from core.analysis.extrapolation.fleet import ScaledFleet, fleet_at_scale
from core.analysis.extrapolation.scaling_laws import Law, LinearLaw, band_factor, count_words, formula, index_bytes

__all__ = [
    "MOST_ITEMS",
    "SHARES",
    "Cancelled",
    "Extrapolated",
    "Law",
    "LinearLaw",
    "Progress",
    "Sample",
    "ScaledFleet",
    "ScalingFit",
    "band_factor",
    "cached_index_fit",
    "cached_linear_fit",
    "checked_items",
    "count_words",
    "extrapolate",
    "fleet_at_scale",
    "formula",
    "index_bytes",
    "index_fit",
    "index_parts",
    "linear_fit",
    "linear_parts",
    "shards_needed",
    "sizes_for",
    "time_law_words",
]
