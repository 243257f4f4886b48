"""Scale with a receipt: laws of memory, work and time that first predict a larger size, and then carry a design."""

from core.beyond.scale.carry import MOST_ITEMS, Carried, carry, checked_items, index_growths, shards_needed
from core.beyond.scale.fleet import ScaledFleet, fleet_at_scale
from core.beyond.scale.laws import Law, band_factor, count_words, formula, index_bytes
from core.beyond.scale.receipt import Cancelled, Receipt, Sample, receipt_for, sizes_for, time_law_words

__all__ = ["MOST_ITEMS", "Cancelled", "Carried", "Law", "Receipt", "Sample", "band_factor", "carry", "checked_items"]
__all__ += ["count_words", "formula", "index_bytes", "index_growths", "receipt_for", "shards_needed", "sizes_for"]
__all__ += ["ScaledFleet", "fleet_at_scale", "time_law_words"]
