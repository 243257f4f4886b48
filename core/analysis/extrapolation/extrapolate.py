"""A design extrapolated to the required items: memory by formula, time with an error band, and machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf, isfinite

import numpy as np

from core.analysis.extrapolation.fit import ScalingFit
from core.analysis.extrapolation.scaling_laws import MOST_TIMES, band_factor, index_bytes
from core.contract.case import Measurement
from core.contract.scaling_spec import FixedPart, GrowingPart, IndexPart, LinearPart, ScalingPart

MOST_ITEMS = 1e15  # a sanity limit, since the laws accept any number
N_DRAWS = 10_000


def checked_items(items: float) -> int:
    """The number of items as an integer; ValueError unless it is from 1 to 10^15."""
    if not isfinite(items) or not 1 <= items <= MOST_ITEMS:
        raise ValueError(f"the number of items must be from 1 to 10^15, got {items:g}")
    return int(items)


def base_items(scaling_parts: Sequence[ScalingPart]) -> int:
    """Items in the measured design; 0 when no part grows with them."""
    return next((part.items for part in _growing(scaling_parts)), 0)


def _growing(scaling_parts: Sequence[ScalingPart]) -> tuple[GrowingPart, ...]:
    return tuple(part for part in scaling_parts if not isinstance(part, FixedPart))


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
    return sum(_bytes(part, items * part.items / base) for part in _growing(scaling_parts))


def _bytes(part: GrowingPart, n: float) -> float:
    return index_bytes(part.kind, n, part.dim) if isinstance(part, IndexPart) else part.bytes_each * n


def fixed_bytes(scaling_parts: Sequence[ScalingPart], measured: Measurement) -> float:
    """Bytes that every machine holds at any size: measured memory minus the modelled bytes of the growing parts."""
    base = base_items(scaling_parts)
    return max(0.0, measured.memory_bytes - (grown_bytes(scaling_parts, base) if base else 0.0))


def shards_needed(
    scaling_parts: Sequence[ScalingPart], measured: Measurement, items: float, machine: float, headroom: float
) -> float:
    """The number of machines whose memory holds the items with headroom; inf when the fixed bytes alone do not fit.

    `machine` is the bytes of one machine.
    """
    room = machine / headroom - fixed_bytes(scaling_parts, measured)
    grown = grown_bytes(scaling_parts, items) if base_items(scaling_parts) else 0.0
    if grown <= 0:
        return 1 if room >= 0 else inf
    return inf if room <= 0 else max(1, ceil(grown / room))


@dataclass(frozen=True)
class Extrapolated:
    """A design at another number of items, split over shards. Modelled: measured times plus the growth by the laws.

    `factor` is the error band of the grown time, either way. `covered` is False where a shard is larger than the laws
    cover or a fit is missing.
    """

    items: int
    shards: int
    shard_bytes: float
    fixed_ms: np.ndarray  # (n,) time of a request that does not grow
    grown_ms: np.ndarray  # (n,) time of one shard
    factor: float
    covered: bool

    @property
    def total_bytes(self) -> float:
        """Bytes of one replica of all shards."""
        return self.shards * self.shard_bytes

    @cached_property
    def drawn_ms(self) -> tuple[np.ndarray, np.ndarray]:
        """(fixed time, slowest shard's time) of N_DRAWS requests, from the same random numbers for any shard count."""
        rng = np.random.default_rng(0)
        own = rng.choice(self.fixed_ms, N_DRAWS)
        return own, np.quantile(self.grown_ms, rng.random(N_DRAWS) ** (1 / self.shards))

    def quantile_ms(self, q: float) -> tuple[float, float, float]:
        """(expected, low, high) of a quantile of the service time; the band applies to the grown time only."""
        own, slowest = self.drawn_ms
        return tuple(float(np.quantile(own + factor * slowest, q)) for factor in (1.0, 1 / self.factor, self.factor))


def extrapolate(
    scaling_parts: Sequence[ScalingPart], measured: Measurement, items: float, shards: int = 1,
    fits: Mapping[GrowingPart, ScalingFit] | None = None,
) -> Extrapolated:  # fmt: skip
    """The design extrapolated to a number of items over a number of shards; ValueError for impossible numbers.

    Without a fit, an index part keeps its time and the result is not `covered`; a linear part is scaled from the one
    measured size.
    """
    items, fits = checked_items(items), fits or {}
    if not 1 <= shards <= items:
        raise ValueError(f"shards must be from 1 to the number of items, got {shards}")
    base, n = base_items(scaling_parts), len(measured.service_ms)
    each_shard = items / shards
    grown_ms, factor, covered, moving = np.zeros(n), 1.0, True, set()
    for part in (part for part in _growing(scaling_parts) if part.part and part.part in measured.parts_ms):
        size, now = each_shard * part.items / base, measured.parts_ms[part.part]
        moving.add(part.part)
        grown, off, known = _grown(part, size, now, fits.get(part))
        grown_ms, factor, covered = grown_ms + grown, max(factor, off), covered and known
    rest = [times for name, times in measured.parts_ms.items() if name not in moving]
    shard_bytes = fixed_bytes(scaling_parts, measured) + (grown_bytes(scaling_parts, each_shard) if base else 0.0)
    fixed_ms = sum(rest) if rest else np.zeros(n)
    return Extrapolated(items, int(shards), shard_bytes, fixed_ms, grown_ms, factor, covered)


def _grown(part: GrowingPart, size: float, now: np.ndarray, fit: ScalingFit | None) -> tuple[np.ndarray, float, bool]:
    """Times of a part at a size, its band factor, and whether the law covers that size."""
    times, computed = size / part.items, now > 0  # answers from a store take no time in this part
    if not computed.any():
        return now, 1.0, True
    usual = float(np.median(now[computed]))
    if isinstance(part, LinearPart) and fit is None:
        return stretched(now, usual * (times - 1)), band_factor(size, part.items), times <= MOST_TIMES
    if fit is None:
        return now, 1.0, False
    law = fit.law
    added_ms = 1e-3 * (law.time_us(size) - law.time_us(part.items))
    return stretched(now, added_ms), band_factor(size, law.largest, fit.error), size / law.largest <= MOST_TIMES


def stretched(now: np.ndarray, added_ms: float) -> np.ndarray:
    """Times (n,) with the median moved by `added_ms`, in proportion to the work of a request.

    Times above the 95th percentile count as machine stalls: they grow no more than the 95th percentile does.
    """
    computed = now > 0
    low, middle, high = np.quantile(now[computed], (0.05, 0.5, 0.95))
    if added_ms < 0:
        return now * max(0.0, 1 + added_ms / middle)
    return now + added_ms * np.clip(now, low, high) / middle * computed
