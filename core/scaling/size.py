"""What a number of items takes in bytes and machines, by the formulas of the parts that grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite

from core.contract.case import Measurement
from core.contract.scaling_spec import FixedPart, GrowingPart, IndexPart, KeyedPart, LinearPart, ScalingPart
from core.scaling.laws import index_bytes

STAYING = (FixedPart, KeyedPart)  # however many items there are
MOST_ITEMS = 1e15  # a sanity limit, since the laws accept any number


def checked_items(items: float) -> int:
    """The number of items as an integer; ValueError unless it is from 1 to 10^15."""
    if not isfinite(items) or not 1 <= items <= MOST_ITEMS:
        raise ValueError(f"the number of items must be from 1 to 10^15, got {items:g}")
    return int(items)


def growing(scaling_parts: Sequence[ScalingPart]) -> tuple[GrowingPart, ...]:
    """The parts that grow with the items."""
    return tuple(part for part in scaling_parts if not isinstance(part, STAYING))


def base_items(scaling_parts: Sequence[ScalingPart]) -> int:
    """Items in the measured design; 0 when no part grows with them."""
    return next((part.items for part in growing(scaling_parts)), 0)


def index_parts(scaling_parts: Sequence[ScalingPart]) -> tuple[IndexPart, ...]:
    """The vector indexes of a design."""
    return tuple(part for part in scaling_parts if isinstance(part, IndexPart))


def linear_parts(scaling_parts: Sequence[ScalingPart], measured: Measurement) -> tuple[LinearPart, ...]:
    """The linear parts that take time in this measurement and can be built over a share of the items."""
    return tuple(
        part for part in scaling_parts if isinstance(part, LinearPart) and part.over and part.part in measured.parts_ms
    )


def grown_bytes(scaling_parts: Sequence[ScalingPart], items: float) -> float:
    """Bytes of the growing parts at a number of items."""
    base = base_items(scaling_parts)
    return sum(_bytes(part, items * part.items / base) for part in growing(scaling_parts))


def _bytes(part: GrowingPart, n: float) -> float:
    if isinstance(part, IndexPart):
        return index_bytes(part.kind, n, part.dim) if part.held else 0.0
    return part.bytes_each * n


def keyed_bytes(scaling_parts: Sequence[ScalingPart], keys: float) -> float:
    """Bytes of the stores at a number of keys."""
    return sum(part.bytes_each * keys for part in scaling_parts if isinstance(part, KeyedPart))


def fixed_bytes(scaling_parts: Sequence[ScalingPart], measured: Measurement) -> float:
    """Bytes that every machine holds at any size: measured memory minus the modelled bytes of what grows."""
    base = base_items(scaling_parts)
    grown = (grown_bytes(scaling_parts, base) if base else 0.0) + keyed_bytes(scaling_parts, measured.n_keys)
    return max(0.0, measured.memory_bytes - grown)


@dataclass(frozen=True)
class Size:
    """The size that was asked, and the machine that a shard has to fit."""

    items: float
    keys: float = 0.0  # of the batch job; 0 where none is stated
    machine_bytes: float = inf
    headroom: float = 1.0


def shards_needed(scaling_parts: Sequence[ScalingPart], measured: Measurement, size: Size) -> float:
    """Machines whose memory holds items and keys with headroom; inf when the fixed bytes alone do not fit."""
    room = size.machine_bytes / size.headroom - fixed_bytes(scaling_parts, measured)
    grown = grown_bytes(scaling_parts, size.items) if base_items(scaling_parts) else 0.0
    grown += keyed_bytes(scaling_parts, size.keys or measured.n_keys)
    if grown <= 0:
        return 1 if room >= 0 else inf
    return inf if room <= 0 else max(1, ceil(grown / room))
