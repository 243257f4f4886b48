"""The scenario of an evaluation: requirements, prices, and the load that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf

from core.contract.case import Requirements
from core.serving.cache import hit_ratio
from core.serving.prices import Prices


@dataclass(frozen=True)
class Load:
    """The inputs of the replica count; other settings do not affect it."""

    peak_rps: float
    p99_ms: float
    hits: float
    cache_ms: float
    network_ms: float  # the round trip that every request makes, whatever answers it
    target_utilisation: float
    min_replicas: int
    batch_wait_ms: float  # the longest wait of a batch's first request
    group: int  # replicas behind one queue; a larger fleet is split into equal groups, one dispatcher each

    @property
    def floor_ms(self) -> float:
        """What a request spends outside its replica: the network and, where there is one, the look-up in the cache."""
        return self.network_ms + self.cache_ms

    @property
    def replica_bound_ms(self) -> float:
        """What the p99 bound leaves for a replica; a bound that is used up on the way leaves next to nothing."""
        return max(self.p99_ms - self.floor_ms, 1e-6)

    def p99_band_ms(self, p99_ms: float, factors: tuple[float, float]) -> tuple[float, float]:
        """The ends of a p99 whose replicas may be faster or slower by these factors; the way to them stays as it is."""
        low, high = (self.floor_ms + factor * (p99_ms - self.floor_ms) for factor in factors)
        return low, high

    @property
    def missed_rps(self) -> float:
        """The peak rate of cache misses, which reach the replicas."""
        return self.peak_rps * (1 - self.hits)


@dataclass(frozen=True)
class Scenario:
    """Requirements and machine prices."""

    requirements: Requirements
    prices: Prices = Prices()

    @cached_property
    def load(self) -> Load:
        """The load at the peak.

        Raises ValueError for a negative or infinite rate, a bound that is not positive, or a target utilisation outside
        (0, 1).
        """
        requirements, prices = self.requirements, self.prices
        if not 0 <= requirements.peak_rps < inf:
            raise ValueError(f"peak_rps must be finite and not below 0, got {requirements.peak_rps}")
        if not 0 < requirements.p99_ms < inf:
            raise ValueError(f"p99_ms must be finite and above 0, got {requirements.p99_ms}")
        limit = prices.target_utilisation.value
        if not 0 < limit < 1:
            raise ValueError(f"target_utilisation must be above 0 and below 1, got {limit}")
        hits = self._cache_hits
        return Load(
            requirements.peak_rps,
            requirements.p99_ms,
            hits,
            cache_ms=prices.cache_ms.value if hits else 0.0,
            network_ms=prices.network_ms.value,
            target_utilisation=limit,
            min_replicas=int(prices.min_replicas.value),
            batch_wait_ms=prices.batch_wait_ms.value,
            group=int(prices.group_replicas.value),
        )

    @property
    def _cache_hits(self) -> float:
        prices = self.prices
        if not prices.cache_ttl_s.value:
            return 0.0
        rate_per_s = self.requirements.peak_rps
        return hit_ratio(rate_per_s, prices.cache_keys.value, prices.cache_zipf.value, prices.cache_ttl_s.value)
