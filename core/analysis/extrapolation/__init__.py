"""Scale with a receipt: laws of memory, work and time that first predict a larger size, and then carry a design."""

from core.analysis.extrapolation.extrapolate import (
    MOST_ITEMS,
    Extrapolated,
    checked_items,
    extrapolate,
    index_growths,
    linear_growths,
    shards_needed,
)
from core.analysis.extrapolation.fit import (
    SHARES,
    Cancelled,
    Progress,
    Sample,
    ScalingFit,
    cached_fit,
    fit_for,
    linear_fit_for,
    sizes_for,
    time_law_words,
)
from core.analysis.extrapolation.fleet import ScaledFleet, fleet_at_scale
from core.analysis.extrapolation.scaling_laws import Law, LinearLaw, band_factor, count_words, formula, index_bytes

__all__ = ["MOST_ITEMS", "Cancelled", "Carried", "Law", "Receipt", "Sample", "band_factor", "carry", "checked_items"]
__all__ += ["count_words", "formula", "index_bytes", "index_growths", "receipt_for", "shards_needed", "sizes_for"]
__all__ += ["LinearLaw", "ScaledFleet", "fleet_at_scale", "known_receipt", "linear_growths", "linear_receipt_for"]
__all__ += ["SHARES", "Progress", "time_law_words"]
