"""A measurement under requirements and prices: replicas, p99 under load, dollars per month. No pipeline runs here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import ceil, inf

import numpy as np

from core.contract.case import SEED, Measurement
from core.serving.bill import charged_between, charged_usd, lines
from core.serving.queueing import batch_capacity, quantile, served_by_fewest, simulate, simulate_batched
from core.serving.scenario import Load, Scenario

MORE_REPLICAS = 4  # times those for the load: further ones shorten no wait that is left
N_REQUESTS = 20_000  # simulated: p99 within about 17 % at utilisation .6, and a sweep of 200 designs stays instant


@dataclass(frozen=True)
class Assessment:
    """The fleet and the cost of a design at the stated load. Modelled from measured times and prices."""

    replicas: int
    utilisation: float
    p99_ms: float  # response time under load, queueing and the cache included
    meets_p99: bool
    usd_per_month: Mapping[str, float]  # by part
    hits: float = 0.0  # hit ratio of the cache
    requests_a_month: float = 0.0
    beside_machines: tuple[str, ...] = ()  # the parts that are people and errors
    harm: tuple[str, ...] = ()  # those of them that are wrong decisions and what nobody stopped
    between: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # the 95 % interval of a part, where known

    @property
    def paid(self) -> dict[str, float]:
        """Dollars per month of the parts that cost anything."""
        return {part: usd for part, usd in self.usd_per_month.items() if usd}

    @cached_property
    def total_usd(self) -> float:
        """Dollars per month, all parts."""
        return float(sum(self.usd_per_month.values()))

    @property
    def machines_usd(self) -> float:
        """Dollars per month without people and errors."""
        return float(sum(usd for part, usd in self.usd_per_month.items() if part not in self.beside_machines))

    @property
    def people_usd(self) -> float:
        """Dollars per month for people."""
        return float(sum(self.usd_per_month[part] for part in self.beside_machines if part not in self.harm))

    @property
    def harm_usd(self) -> float:
        """Dollars per month for wrong decisions and for what nobody stopped."""
        return float(sum(self.usd_per_month[part] for part in self.harm))

    @property
    def harm_between(self) -> tuple[float, float] | None:
        """The dollars for harm as `total_between` has those of all parts."""
        return self._between(self.harm)

    @property
    def total_between(self) -> tuple[float, float] | None:
        """The total with every part at the low and at the high end of its interval; None where no part has one.

        All ends at once are wider than 95 % where several parts have an interval.
        """
        return self._between(self.usd_per_month)

    def _between(self, parts: Iterable[str]) -> tuple[float, float] | None:
        ends = [self.between.get(part, (self.usd_per_month[part],) * 2) for part in parts]
        return (sum(low for low, _ in ends), sum(high for _, high in ends)) if self.between and ends else None

    @property
    def usd_per_million(self) -> float:
        """Dollars per million requests; inf without requests."""
        return 1e6 * self.total_usd / self.requests_a_month if self.requests_a_month else inf


@dataclass(frozen=True)
class Fleet:
    """Replicas for a load, the utilisation of each, the p99 of all requests, and the share of them within its bound."""

    replicas: int
    utilisation: float
    p99_ms: float
    goodput: float = 1.0


def assess(measured: Measurement, scenario: Scenario, seed: int = SEED) -> Assessment:
    """Replicas for the load within the p99 bound and the target utilisation, the resulting p99 and the cost.

    Without a load, the fewest replicas are idle. Raises ValueError where the scenario's load does.
    """
    return priced(measured, fleet(measured, scenario.load, seed), scenario)


def fleet(measured: Measurement, load: Load, seed: int = SEED) -> Fleet:
    """Replicas within the target utilisation and, where any number can, within the p99 bound."""
    rate = load.missed_rps
    if rate == 0:
        alone_ms = measured.service_ms + load.floor_ms
        idle_ms = measured.percentiles_ms["p99"].value + load.floor_ms
        return Fleet(load.min_replicas, 0.0, idle_ms, float((alone_ms <= load.p99_ms).mean()))
    full_per_s = saturation_per_s(measured)
    groups = max(1, ceil(rate / full_per_s / load.target_utilisation / load.group))
    search = _Search(rate / groups, load.replica_bound_ms / 1e3, _quantile_of_misses(load), load, seed)
    per_group, responses_s = (_batched if largest_batch(measured) > 1 else _one_by_one)(measured, search)
    busy = rate / groups / full_per_s / per_group
    return Fleet(groups * per_group, busy, *of_all_requests(responses_s, load))


def of_all_requests(misses_s: np.ndarray, load: Load) -> tuple[float, float]:
    """The p99 in ms and the goodput of all requests, from the response times (n,) in s of those no cache answers."""
    p99_ms = 1e3 * quantile(misses_s, _quantile_of_misses(load)) * (load.hits < 0.99) + load.floor_ms
    within = float((misses_s <= load.replica_bound_ms / 1e3).mean())
    return p99_ms, load.hits * (load.floor_ms <= load.p99_ms) + (1 - load.hits) * within


def _quantile_of_misses(load: Load) -> float:
    """The quantile among misses that is the p99 of all, since hits are faster."""
    return max(0.0, (0.99 - load.hits) / (1 - load.hits))


def priced(measured: Measurement, sized: Fleet, scenario: Scenario) -> Assessment:
    """The bill of a fleet: machines, then people and errors."""
    requirements, load = scenario.requirements, scenario.load
    charged = charged_usd(measured, requirements)
    return Assessment(
        sized.replicas,
        sized.utilisation,
        sized.p99_ms,
        sized.p99_ms <= load.p99_ms,
        usd_per_month=monthly_usd(measured, sized.replicas, scenario) | charged,
        hits=load.hits,
        requests_a_month=requirements.requests_a_month,
        beside_machines=tuple(charged),
        harm=tuple(charge.part for charge in requirements.charges if charge.kind == "harm"),
        between=charged_between(measured, requirements),
    )


@dataclass(frozen=True)
class _Search:
    """The rate of one replica group, and the bound on the quantile q of its response time."""

    rate_per_s: float
    bound_s: float
    q: float
    load: Load
    seed: int


def _one_by_one(measured: Measurement, search: _Search) -> tuple[int, np.ndarray]:
    """Replicas of a group and the response times in seconds that they give."""
    service_s = measured.work_ms / 1e3
    limit = search.load.target_utilisation
    found = served_by_fewest(
        service_s, search.rate_per_s, search.bound_s, limit, search.seed, N_REQUESTS, search.q, search.load.min_replicas
    )
    if found is not None:
        return found
    # Where no number of replicas meets the bound, serve the load and report the miss.
    replicas = max(ceil(search.rate_per_s * service_s.mean() / limit), search.load.min_replicas)
    return replicas, simulate(service_s, search.rate_per_s, replicas, N_REQUESTS, search.seed)


def _batched(measured: Measurement, search: _Search) -> tuple[int, np.ndarray]:
    """Replicas of a group and the response times in seconds that they give."""
    size, curve_s = largest_batch(measured), batch_curve_s(measured)
    by_load = search.rate_per_s / batch_capacity(curve_s, size) / search.load.target_utilisation

    @cache
    def responses_s(replicas: int) -> np.ndarray:
        share = search.rate_per_s / replicas  # the load balancer deals requests out evenly
        return simulate_batched(curve_s, share, size, search.load.batch_wait_ms / 1e3, N_REQUESTS, search.seed)

    @cache
    def tail_s(replicas: int) -> float:
        return quantile(responses_s(replicas), search.q)

    replicas = max(ceil(by_load), search.load.min_replicas)
    most = MORE_REPLICAS * replicas
    if tail_s(replicas) <= search.bound_s or tail_s(most) > search.bound_s:  # the load is served, and a miss is told
        return replicas, responses_s(replicas)
    enough = bisect_left(range(replicas, most), True, key=lambda n: tail_s(n) <= search.bound_s)
    return replicas + enough, responses_s(replicas + enough)


def monthly_usd(measured: Measurement, replicas: int, scenario: Scenario) -> dict[str, float]:
    """Dollars per month by part, machines alone; `core.serving.bill.LINES` says what each part counts."""
    busy = scenario.load.peak_rps * (1 - scenario.load.hits) / saturation_per_s(measured)
    return lines(measured, replicas, busy, scenario)


def largest_batch(measured: Measurement) -> int:
    """The largest batch size; 1 where requests are served singly."""
    return max(measured.batches_ms, default=1)


def saturation_per_s(measured: Measurement) -> float:
    """The rate at which one replica has utilisation 1, by CPU time: the wall time of a stall is no work."""
    size = largest_batch(measured)
    if size > 1:
        return batch_capacity(batch_curve_s(measured), size)
    return 1e3 / measured.request_cpu_ms


def batch_curve_s(measured: Measurement) -> np.ndarray:
    """Seconds to serve a batch of 1 … the largest size, interpolated linearly between measured sizes."""
    sizes = sorted(measured.batches_ms)
    medians = np.maximum.accumulate([measured.batches_ms[size] for size in sizes])  # a larger batch is never quicker
    return np.interp(np.arange(1, sizes[-1] + 1), sizes, medians) / 1e3
