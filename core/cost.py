"""A measurement under requirements and prices: replicas, p99 at the load, dollars a month. No pipeline runs here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf

import numpy as np

from core.case import SEED, Measurement, Requirements
from core.load import batch_capacity, servers_needed, simulate, simulate_batched
from core.prices import HOURS_A_MONTH, Prices

N_REQUESTS = (
    20_000  # a simulated run: p99 within about 17 % at utilisation .6, and a sweep of 200 designs stays instant
)
BATCH_WAIT_S = 0.005  # how long the first request of a batch waits for company, a usual setting of serving systems
MOST_REPLICAS = 100_000


@dataclass(frozen=True)
class Assessment:
    """What a design takes to serve the stated load. Modelled: every figure follows from measured times and prices."""

    replicas: int
    utilisation: float
    p99_ms: float  # response time under load, queueing included
    meets_p99: bool
    usd_per_month: Mapping[str, float]  # by part

    @cached_property
    def total_usd(self) -> float:
        """Dollars a month, all parts."""
        return float(sum(self.usd_per_month.values()))


def assess(measured: Measurement, needs: Requirements, prices: Prices = Prices(), seed: int = SEED) -> Assessment:  # noqa: B008
    """Replicas for the load with the p99 bound and headroom, the p99 they give, and what they cost.

    Raises ValueError when the load or the bound is not a positive number.
    """
    for name, value in (("peak_rps", needs.peak_rps), ("p99_ms", needs.p99_ms)):
        if not 0 < value < inf:
            raise ValueError(f"{name} must be finite and above 0, got {value}")
    if not 0 < prices.target_utilisation.value < 1:
        raise ValueError(f"target_utilisation must be above 0 and below 1, got {prices.target_utilisation.value}")
    respond = _batched if _batch_size(measured) > 1 else _one_by_one
    replicas, busy, p99_s = respond(measured, needs, prices, seed)
    within = 1e3 * p99_s <= needs.p99_ms
    return Assessment(replicas, busy, 1e3 * p99_s, within, monthly_usd(measured, replicas, prices))


def monthly_usd(measured: Measurement, replicas: int, prices: Prices) -> dict[str, float]:
    """Dollars a month by part: one core and the memory of each replica, the runs of the batch job, what is stored."""
    gib = measured.memory_bytes * prices.headroom.value / 2**30
    parts = {
        "cores": replicas * HOURS_A_MONTH * prices.vcpu_hour.value,
        "memory": replicas * gib * HOURS_A_MONTH * prices.gib_hour.value,
    }
    if measured.refresh_every_h:
        runs = HOURS_A_MONTH / measured.refresh_every_h
        parts["batch job"] = runs * measured.refresh_s / 3600 * prices.vcpu_hour.value
        parts["store"] = measured.store_bytes / 1e9 * prices.stored_gb_month.value
    return parts


def _one_by_one(measured: Measurement, needs: Requirements, prices: Prices, seed: int) -> tuple[int, float, float]:
    service_s = measured.service_ms / 1e3
    limit = prices.target_utilisation.value
    asked = servers_needed(service_s, needs.peak_rps, needs.p99_ms / 1e3, limit, seed, N_REQUESTS)
    # With a bound that no number of replicas can meet, serve the load all the same and show by how much it misses.
    by_load = ceil(needs.peak_rps * service_s.mean() / limit)
    replicas = max(asked or by_load, int(prices.min_replicas.value))
    p99_s = np.quantile(simulate(service_s, needs.peak_rps, replicas, N_REQUESTS, seed), 0.99)
    return replicas, float(needs.peak_rps * service_s.mean() / replicas), float(p99_s)


def _batched(measured: Measurement, needs: Requirements, prices: Prices, seed: int) -> tuple[int, float, float]:
    size, curve_s = _batch_size(measured), batch_curve_s(measured)
    capacity = batch_capacity(curve_s, size)

    def p99_s(replicas: int) -> float:
        share = needs.peak_rps / replicas  # the load balancer deals requests out evenly
        return float(np.quantile(simulate_batched(curve_s, share, size, BATCH_WAIT_S, N_REQUESTS, seed), 0.99))

    replicas = max(ceil(needs.peak_rps / capacity / prices.target_utilisation.value), int(prices.min_replicas.value))
    most, tried = min(MOST_REPLICAS, 4 * replicas), replicas - 1
    while 1e3 * p99_s(replicas) > needs.p99_ms and replicas < most:  # beyond that only the wait is left
        tried, replicas = replicas, ceil(1.25 * replicas)
    stepped_over = range(tried + 1, replicas)
    replicas = next((r for r in stepped_over if 1e3 * p99_s(r) <= needs.p99_ms), replicas)
    return replicas, needs.peak_rps / capacity / replicas, p99_s(replicas)


def batch_curve_s(measured: Measurement) -> np.ndarray:
    """Seconds to serve a batch of 1 … the largest size, straight lines between the sizes that were measured."""
    sizes = sorted(measured.batches_ms)
    medians = np.maximum.accumulate([measured.batches_ms[size] for size in sizes])  # a larger batch is never quicker
    return np.interp(np.arange(1, sizes[-1] + 1), sizes, medians) / 1e3


def _batch_size(measured: Measurement) -> int:
    return max(measured.batches_ms, default=1)
