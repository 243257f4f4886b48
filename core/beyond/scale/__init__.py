"""Scale with a receipt: laws of memory, work and time that first predict a larger size, and then carry a design."""

from core.beyond.scale.carry import (
    MOST_ITEMS,
    Carried,
    carry,
    checked_items,
    index_growths,
    linear_growths,
    shards_needed,
)
from core.beyond.scale.fleet import ScaledFleet, fleet_at_scale
from core.beyond.scale.laws import Law, LinearLaw, band_factor, count_words, formula, index_bytes
from core.beyond.scale.receipt import (
    SHARES,
    Cancelled,
    Progress,
    Receipt,
    Sample,
    known_receipt,
    linear_receipt_for,
    receipt_for,
    sizes_for,
    time_law_words,
)

__all__ = ["MOST_ITEMS", "Cancelled", "Carried", "Law", "Receipt", "Sample", "band_factor", "carry", "checked_items"]
__all__ += ["count_words", "formula", "index_bytes", "index_growths", "receipt_for", "shards_needed", "sizes_for"]
__all__ += ["LinearLaw", "ScaledFleet", "fleet_at_scale", "known_receipt", "linear_growths", "linear_receipt_for"]
__all__ += ["SHARES", "Progress", "time_law_words"]
