"""One replica under rising load, the closed-loop view of it, and the loss of a replica."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from core.contract.case import SEED, Measurement
from core.serving.cost import Assessment, batch_curve_s, largest_batch, saturation_per_s
from core.serving.queueing import max_rate, simulate, simulate_batched
from core.serving.scenario import Load

UTILISATIONS = (0.05, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
N_REQUESTS = 50_000  # p99 within about 12 % at utilisation .8


@dataclass(frozen=True)
class LoadPoint:
    """One replica at one load: response times in ms from the arrival of a request."""

    utilisation: float
    rate_per_s: float
    p50_ms: float
    p99_ms: float


def curve(measured: Measurement, load: Load, seed: int = SEED) -> list[LoadPoint]:
    """Response times of one replica at rising load, open loop: arrivals do not wait for earlier responses."""
    return [_point(measured, share, load, seed) for share in UTILISATIONS]


def _point(measured: Measurement, share: float, load: Load, seed: int) -> LoadPoint:
    rate = share * saturation_per_s(measured)
    p50, p99 = 1e3 * np.quantile(_responses_s(measured, rate, 1, load, seed), (0.5, 0.99))
    return LoadPoint(share, rate, float(p50), float(p99))


def _responses_s(measured: Measurement, rate_per_s: float, replicas: int, load: Load, seed: int) -> np.ndarray:
    size, groups = largest_batch(measured), ceil(replicas / load.group)
    rate_per_s, replicas = rate_per_s / groups, ceil(replicas / groups)
    if size > 1:  # the load balancer deals requests out evenly
        share = rate_per_s / replicas
        return simulate_batched(batch_curve_s(measured), share, size, load.batch_wait_ms / 1e3, N_REQUESTS, seed)
    return simulate(measured.work_ms / 1e3, rate_per_s, replicas, N_REQUESTS, seed)


def closed_loop_p99_ms(measured: Measurement) -> float:
    """The p99 seen by a client that sends its next request after the last answer: the service time at any load.

    A stall delays one request instead of all that would have arrived meanwhile (coordinated omission: Tene, "How NOT to
    measure latency", 2013).
    """
    return measured.percentiles_ms["p99"].value


def most_per_s(measured: Measurement, load: Load, seed: int = SEED) -> float:
    """The largest rate of one replica whose p99 meets the load's bound; 0 when a single request misses it."""
    if largest_batch(measured) == 1:
        return max_rate(measured.work_ms / 1e3, 1, load.p99_ms / 1e3, seed)
    within = [point.rate_per_s for point in curve(measured, load, seed) if point.p99_ms <= load.p99_ms]
    return max(within, default=0.0)


def p99_after_a_loss_ms(measured: Measurement, assessed: Assessment, load: Load, seed: int = SEED) -> float:
    """The steady p99 of requests that reach the replicas after one replica fails at the peak; inf on overload."""
    left, rate_per_s = assessed.replicas - 1, missed_rps(load)
    if not rate_per_s:
        return measured.percentiles_ms["p99"].value
    if rate_per_s >= left * saturation_per_s(measured):  # with no replica left, any rate is too much
        return inf
    return 1e3 * float(np.quantile(_responses_s(measured, rate_per_s, left, load, seed), 0.99))


def missed_rps(load: Load) -> float:
    """The peak rate of cache misses, which reach the replicas."""
    return load.peak_rps * (1 - load.hits)


def mean_parts_ms(measured: Measurement, assessed: Assessment, load: Load, seed: int = SEED) -> dict[str, float]:
    """The mean response time at the peak load, split into waiting and the parts of the work."""
    own = measured.request_cpu_ms / float(measured.service_ms.mean())  # as the queue counts the work
    parts = {name: own * float(times.mean()) for name, times in measured.parts_ms.items()}
    rate_per_s = missed_rps(load)
    if not rate_per_s:
        return {"waiting": 0.0, **parts}
    mean_ms = 1e3 * float(_responses_s(measured, rate_per_s, assessed.replicas, load, seed).mean())
    return {"waiting": max(0.0, mean_ms - sum(parts.values())), **parts}
