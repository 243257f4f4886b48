"""A design carried to the items that are required: memory by formula, time with a band, and the machines it forces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf, isfinite

import numpy as np

from core.analysis.extrapolation.fit import ScalingFit
from core.analysis.extrapolation.scaling_laws import MOST_TIMES, band_factor, index_bytes
from core.contract.case import Measurement
from core.contract.scaling_spec import ScalingPart

MOST_ITEMS = 1e15  # more than anybody keeps; the laws are sums and products and would answer for any number
N_DRAWS = 10_000


def checked_items(items: float) -> int:
    """The number of items as a whole number. Raises ValueError for one that is not a number from 1 to 10^15."""
    if not isfinite(items) or not 1 <= items <= MOST_ITEMS:
        raise ValueError(f"the number of items must be from 1 to 10^15, got {items:g}")
    return int(items)


def base_items(scaling_parts: Sequence[ScalingPart]) -> int:
    """Items in the measured design; 0 when nothing of it grows with them."""
    return next((part.items for part in scaling_parts if part.law != "fixed"), 0)


def index_growths(scaling_parts: Sequence[ScalingPart]) -> tuple[ScalingPart, ...]:
    """The vector indexes among them."""
    return tuple(part for part in scaling_parts if part.law == "index")


def linear_growths(scaling_parts: Sequence[ScalingPart], measured: Measurement) -> tuple[ScalingPart, ...]:
    """The parts whose work grows in step and can be made over a share of the items."""
    return tuple(
        part for part in scaling_parts if part.law == "linear" and part.over and part.part in measured.parts_ms
    )


def grown_bytes(scaling_parts: Sequence[ScalingPart], items: float) -> float:
    """Bytes of everything that grows, at so many items."""
    base = base_items(scaling_parts)
    return sum(_bytes(part, items * part.items / base) for part in scaling_parts if part.law != "fixed")


def _bytes(part: ScalingPart, n: float) -> float:
    return index_bytes(part.kind, n, part.dim) if part.law == "index" else part.bytes_each * n


def fixed_bytes(scaling_parts: Sequence[ScalingPart], measured: Measurement) -> float:
    """What every machine holds beside: measured memory less what the laws say of what grows in it."""
    return max(
        0.0,
        measured.memory_bytes
        - (grown_bytes(scaling_parts, base_items(scaling_parts)) if base_items(scaling_parts) else 0.0),
    )


def shards_needed(
    scaling_parts: Sequence[ScalingPart], measured: Measurement, items: float, machine: float, headroom: float
) -> float:
    """Machines over which the items must be split for their memory, each with room; inf when none can hold its own.

    `machine` is the bytes of one.
    """
    room = machine / headroom - fixed_bytes(scaling_parts, measured)
    grown = grown_bytes(scaling_parts, items) if base_items(scaling_parts) else 0.0
    if grown <= 0:
        return 1 if room >= 0 else inf
    return inf if room <= 0 else max(1, ceil(grown / room))


@dataclass(frozen=True)
class Extrapolated:
    """A design at another number of items, split over shards. Modelled: measured times with what the laws add.

    `factor` is the band: the grown part of the time may be so many times shorter or longer. `covered` is False where a
    shard holds more than the laws are claimed for, or nothing says how its time grows.
    """

    items: int
    shards: int
    shard_bytes: float
    fixed_ms: np.ndarray  # (n,) of the request that does not grow
    grown_ms: np.ndarray  # (n,) of one shard's answer
    factor: float
    covered: bool

    @property
    def total_bytes(self) -> float:
        """Bytes of one copy of everything."""
        return self.shards * self.shard_bytes

    @cached_property
    def drawn_ms(self) -> tuple[np.ndarray, np.ndarray]:
        """(a request's own work, the slowest of the shards) of N_DRAWS requests; the same chances for any shards."""
        rng = np.random.default_rng(0)
        own = rng.choice(self.fixed_ms, N_DRAWS)
        return own, np.quantile(self.grown_ms, rng.random(N_DRAWS) ** (1 / self.shards))

    def quantile_ms(self, q: float) -> tuple[float, float, float]:
        """(expected, low, high) of a quantile of the service time, the band on the grown part alone."""
        own, slowest = self.drawn_ms
        return tuple(float(np.quantile(own + factor * slowest, q)) for factor in (1.0, 1 / self.factor, self.factor))


def extrapolate(
    scaling_parts: Sequence[ScalingPart], measured: Measurement, items: float, shards: int = 1,
    fits: Mapping[ScalingPart, ScalingFit] | None = None,
) -> Extrapolated:  # fmt: skip
    """The design at so many items over so many shards. ValueError for items or shards that are no such number.

    A part with an index whose receipt is missing keeps its time, and the result is not `covered`; one that grows in
    step is then carried from the one size that was measured.
    """
    items, fits = checked_items(items), fits or {}
    if not 1 <= shards <= items:
        raise ValueError(f"shards must be from 1 to the number of items, got {shards}")
    base, n = base_items(scaling_parts), len(measured.service_ms)
    each_shard = items / shards
    grown_ms, factor, covered, moving = np.zeros(n), 1.0, True, set()
    for part in (
        part for part in scaling_parts if part.part and part.law != "fixed" and part.part in measured.parts_ms
    ):
        size, now = each_shard * part.items / base, measured.parts_ms[part.part]
        moving.add(part.part)
        grown, off, known = _grown(part, size, now, fits.get(part))
        grown_ms, factor, covered = grown_ms + grown, max(factor, off), covered and known
    rest = [times for name, times in measured.parts_ms.items() if name not in moving]
    shard_bytes = fixed_bytes(scaling_parts, measured) + (grown_bytes(scaling_parts, each_shard) if base else 0.0)
    fixed_ms = sum(rest) if rest else np.zeros(n)
    return Extrapolated(items, int(shards), shard_bytes, fixed_ms, grown_ms, factor, covered)


def _grown(part: ScalingPart, size: float, now: np.ndarray, fit: ScalingFit | None) -> tuple[np.ndarray, float, bool]:
    """Times of a part at a size, the factor of its band, and whether the law is claimed there."""
    times, computed = size / part.items, now > 0  # what a store answers never comes here
    if not computed.any():
        return now, 1.0, True
    usual = float(np.median(now[computed]))
    if part.law == "linear" and fit is None:
        return stretched(now, usual * (times - 1)), band_factor(size, part.items), times <= MOST_TIMES
    if fit is None:
        return now, 1.0, False
    law = fit.law
    added_ms = 1e-3 * (law.time_us(size) - law.time_us(part.items))
    return stretched(now, added_ms), band_factor(size, law.largest, fit.error), size / law.largest <= MOST_TIMES


def stretched(now: np.ndarray, added_ms: float) -> np.ndarray:
    """Times of requests whose usual work takes so much longer, or shorter: those with more work grow by more.

    What lies beyond nine requests in ten is a stall of the machine and no work: it stays as it was measured.
    """
    computed = now > 0
    low, middle, high = np.quantile(now[computed], (0.05, 0.5, 0.95))
    if added_ms < 0:
        return now * max(0.0, 1 + added_ms / middle)
    return now + added_ms * np.clip(now, low, high) / middle * computed
