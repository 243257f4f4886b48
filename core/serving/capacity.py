"""One replica under rising load, the closed-loop view of it, and the loss of a replica.

Every figure is None where the machine was too busy while timing to say it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from core.contract.case import SEED, Measurement
from core.serving.cost import Assessment, batch_curve_s, largest_batch, saturation_per_s
from core.serving.queueing import one_server, quantile, simulate, simulate_batched
from core.serving.scenario import Load
from core.serving.slo import too_noisy

UTILISATIONS = (0.05, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
FEWEST, MOST = 20_000, 200_000  # requests that are simulated: a queue forgets over some 1 / (1 - utilisation)² of them
RATE_STEPS = 1_000  # the largest rate is found to this fraction of saturation


@dataclass(frozen=True)
class LoadPoint:
    """One replica at one load: response times in ms from the arrival of a request, and the share within the bound."""

    utilisation: float
    rate_per_s: float
    p50_ms: float
    p99_ms: float
    goodput: float


def curve(measured: Measurement, load: Load, seed: int = SEED) -> list[LoadPoint] | None:
    """Response times of one replica at rising load, open loop: arrivals do not wait for earlier responses.

    Replicas that serve singly follow the formula of Pollaczek and Khinchine, batches are simulated.
    """
    if too_noisy(measured):
        return None
    point = _simulated_point if largest_batch(measured) > 1 else _exact_point
    return [point(measured, share, load, seed) for share in UTILISATIONS]


def _exact_point(measured: Measurement, share: float, load: Load, seed: int) -> LoadPoint:
    rate = share * saturation_per_s(measured)
    times = one_server(measured.work_ms / 1e3, rate)
    p50, p99 = (load.floor_ms + 1e3 * times.quantile_s(q) for q in (0.5, 0.99))
    return LoadPoint(share, rate, p50, p99, times.share_within(load.replica_bound_ms / 1e3))


def _simulated_point(measured: Measurement, share: float, load: Load, seed: int) -> LoadPoint:
    rate = share * saturation_per_s(measured)
    times_ms = load.floor_ms + 1e3 * _responses_s(measured, rate, 1, load, seed)
    p50, p99 = np.quantile(times_ms, (0.5, 0.99))
    return LoadPoint(share, rate, float(p50), float(p99), float((times_ms <= load.p99_ms).mean()))


def _responses_s(measured: Measurement, rate_per_s: float, replicas: int, load: Load, seed: int) -> np.ndarray:
    """Simulated response times of a fleet below saturation, so many that a start with an empty queue does not count."""
    busy = rate_per_s / replicas / saturation_per_s(measured)
    n = int(min(MOST, max(FEWEST, 1_000 / (1 - busy) ** 2)))
    size, groups = largest_batch(measured), ceil(replicas / load.group)
    rate_per_s, replicas = rate_per_s / groups, ceil(replicas / groups)
    if size > 1:  # the load balancer deals requests out evenly
        share, wait_s = rate_per_s / replicas, load.batch_wait_ms / 1e3
        return simulate_batched(batch_curve_s(measured), share, size, wait_s, n, seed)
    return simulate(measured.work_ms / 1e3, rate_per_s, replicas, n, seed)


def closed_loop_p99_ms(measured: Measurement, load: Load) -> float:
    """The p99 seen by a client that sends its next request after the last answer: that of an idle replica at any load.

    A stall delays one request instead of all that would have arrived meanwhile (coordinated omission: Tene, "How NOT to
    measure latency", 2013).
    """
    return measured.percentiles_ms["p99"].value + load.floor_ms


def most_per_s(measured: Measurement, load: Load, seed: int = SEED) -> float | None:
    """The largest rate of one replica whose p99 meets the load's bound; 0 when a single request misses it."""
    if too_noisy(measured):
        return None
    if largest_batch(measured) > 1:
        within = [point.rate_per_s for point in curve(measured, load, seed) if point.p99_ms <= load.p99_ms]
        return max(within, default=0.0)
    service_s, bound_s, full = measured.work_ms / 1e3, load.replica_bound_ms / 1e3, saturation_per_s(measured)
    if quantile(service_s, 0.99) > bound_s:
        return 0.0
    steps = range(1, RATE_STEPS)
    missed = bisect_left(
        steps, True, key=lambda k: one_server(service_s, k / RATE_STEPS * full).quantile_s(0.99) > bound_s
    )
    return missed / RATE_STEPS * full


def p99_after_a_loss_ms(measured: Measurement, assessed: Assessment, load: Load, seed: int = SEED) -> float | None:
    """The steady p99 of requests that reach the replicas after one replica fails at the peak; inf on overload."""
    if too_noisy(measured):
        return None
    left, rate_per_s = assessed.replicas - 1, load.missed_rps
    if not rate_per_s:
        return measured.percentiles_ms["p99"].value + load.floor_ms
    if rate_per_s >= left * saturation_per_s(measured):  # with no replica left, any rate is too much
        return inf
    return load.floor_ms + 1e3 * quantile(_responses_s(measured, rate_per_s, left, load, seed), 0.99)


def mean_parts_ms(
    measured: Measurement, assessed: Assessment, load: Load, seed: int = SEED
) -> dict[str, float] | None:  # fmt: skip
    """The mean response time at the peak load, split into the way there and back, waiting and the parts of the work."""
    if too_noisy(measured):
        return None
    own = measured.request_cpu_ms / float(measured.service_ms.mean())  # as the queue counts the work
    parts = {name: own * float(times.mean()) for name, times in measured.parts_ms.items()}
    waiting_ms = 0.0
    if load.missed_rps:
        mean_ms = 1e3 * float(_responses_s(measured, load.missed_rps, assessed.replicas, load, seed).mean())
        waiting_ms = max(0.0, mean_ms - sum(parts.values()))
    return {"network": load.floor_ms, "waiting": waiting_ms, **parts}
