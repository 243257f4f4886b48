"""A recorded trace of arrivals at the peak load, beside arrivals at random: what an uneven stream does to a fleet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np

from core.contract.case import SECONDS_A_DAY, SEED, Measurement
from core.datasets.movielens import load_movielens
from core.serving.cost import Fleet, batch_curve_s, largest_batch, of_all_requests
from core.serving.queueing import replay, replay_batched
from core.serving.scenario import Load
from core.serving.slo import too_noisy

HOUR_S = 3_600
WARM = 0.1  # the share of the requests that is left out, since the queues start empty
RECORDED = (
    "the ratings of MovieLens (ml-latest-small, 1995 to 2016), all days laid over each other as one, of which the "
    "busiest hour is replayed at the peak rate; its rhythm is recorded, its rate is not"
)


@dataclass(frozen=True)
class Replayed:
    """A fleet under a stream of arrivals: the p99 in ms and the share of requests within the bound."""

    n_requests: int
    p99_ms: float
    goodput: float


@cache
def recorded_s() -> np.ndarray:
    """Arrivals (n,) of the busiest hour of the recorded day, at one a second on average from 0 on.

    The clock of the record has whole seconds, within which arrivals are spread at random.
    """
    of_day = load_movielens().second % SECONDS_A_DAY
    of_day = np.sort(of_day + np.random.default_rng(SEED).random(len(of_day)))
    busiest = int(np.bincount((of_day // HOUR_S).astype(int)).argmax())
    within = of_day[of_day // HOUR_S == busiest] - busiest * HOUR_S
    return within * (len(within) / HOUR_S)


def at_the_peak(measured: Measurement, sized: Fleet, load: Load, seed: int = SEED) -> tuple[Replayed, Replayed] | None:
    """(recorded, random) arrivals at the peak on the same fleet, with as many requests and the same service times.

    None without requests, or where the machine was too busy while timing.
    """
    if not load.missed_rps or too_noisy(measured):
        return None
    recorded, rng = recorded_s(), np.random.default_rng(seed)
    poisson = np.cumsum(rng.standard_exponential(len(recorded)))
    service_s = rng.choice(measured.work_ms / 1e3, len(recorded))
    return tuple(_replayed(arrivals, service_s, measured, sized, load) for arrivals in (recorded, poisson))


def _replayed(
    arrivals: np.ndarray, service_s: np.ndarray, measured: Measurement, sized: Fleet, load: Load
) -> Replayed:  # fmt: skip
    """One group of replicas, or one replica that serves batches, with its share of the peak rate."""
    groups, size = ceil(sized.replicas / load.group), largest_batch(measured)
    if size > 1:
        arrivals_s = arrivals * sized.replicas / load.missed_rps
        responses_s = replay_batched(arrivals_s, batch_curve_s(measured), size, load.batch_wait_ms / 1e3)
    else:
        responses_s = replay(arrivals * groups / load.missed_rps, service_s, ceil(sized.replicas / groups))
    settled = responses_s[int(WARM * len(responses_s)) :]
    return Replayed(len(arrivals), *of_all_requests(settled, load))
