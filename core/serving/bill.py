"""The lines of a monthly bill: machines, storage, traffic, jobs and logging, then people and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from core.contract.case import HOURS_A_MONTH, SECONDS_A_DAY, Measurement, Requirements
from core.serving.scenario import Scenario

LOOK_UP = "look up"  # the timed part in which an answer that was made ahead is found

# part → what it counts
LINES = {
    "cores": "replicas that serve the peak, by CPU time, at the target utilisation",
    "zone redundancy": "replicas more, so that the rest can serve the peak when a zone is lost",
    "memory": "what a machine holds, once for all of its replicas and at least once in every zone",
    "encoder": "the encoder of a request at the asked size, where the measured one is smaller; not in the p99",
    "requests in": "what is sent with requests, through the load balancer",
    "answers out": "what is sent with answers, through the load balancer and to the internet",
    "logging": "a line of the log for every request",
    "items stored": "what is kept of every item beside the index, in object storage",
    "indexes stored": "copies of what a replica holds, in object storage",
    "store": "answers made ahead, in object storage",
    "new items": "CPU time of every new item: its share of a build, and its encoder",
    "builds": "training and indexing anew",
    "batch job": "answers made ahead",
    "cache": "a core and the memory of a cache in front",
}


def lines(measured: Measurement, replicas: int, busy: float, scenario: Scenario) -> dict[str, float]:
    """Dollars per month by part, for replicas of which the peak keeps `busy` at work (0 to `replicas`)."""
    machines = _serving(measured, replicas, busy, scenario)
    parts = machines | _traffic(scenario) | _stored(measured, scenario) | _jobs(measured, scenario)
    return {part: float(usd) for part, usd in parts.items()}


def spare_replicas(replicas: int, busy: float, zones: int) -> int:
    """Replicas to add so that a zone may be lost and no remaining replica is more than fully busy.

    Spread over z zones the fullest has ⌈n / z⌉ of n, so the fewest n have n - ⌈n / z⌉ ≥ ⌈busy⌉, which n = ⌈⌈busy⌉ z /
    (z - 1)⌉ is. With one zone nothing can be done about its loss.
    """
    if zones < 2:
        return 0
    return max(0, ceil(ceil(busy - 1e-9) * zones / (zones - 1)) - replicas)


def machines_of(replicas: int, per_machine: int, zones: int) -> int:
    """Copies of what a shard holds for its cores: one for those of a machine, and one in every zone."""
    return max(ceil(replicas / per_machine), min(replicas, zones))


def _serving(measured: Measurement, replicas: int, busy: float, scenario: Scenario) -> dict[str, float]:
    prices = scenario.prices
    core_month = HOURS_A_MONTH * prices.vcpu_hour.value
    zones, per_machine = int(prices.zones.value), int(prices.cores_per_machine.value)
    shard = fleet_of_shard(measured, replicas, busy, int(prices.min_replicas.value))
    cores, shards = ceil(shard.cores - 1e-9), measured.shards
    spare = spare_replicas(cores, shard.busy, zones)
    copy = measured.memory_bytes * prices.headroom.value / 2**30 * HOURS_A_MONTH * prices.gib_hour.value
    copies = machines_of(cores, per_machine, zones)
    more_copies = machines_of(cores + spare, per_machine, zones) - copies
    return {
        "cores": shards * shard.cores * core_month,
        "zone redundancy": shards * spare * core_month + more_copies * copy,
        "memory": copies * copy,
        "encoder": _encoder_cores(measured, scenario) * core_month,
    }


@dataclass(frozen=True)
class ShardFleet:
    """The cores of one shard, and how many of them the peak keeps busy."""

    cores: float
    busy: float


def fleet_of_shard(measured: Measurement, replicas: int, busy: float, min_replicas: int) -> ShardFleet:
    """Replicas are the cores of an only shard; of several, each is a fleet of its own, at most as large.

    A replica is as busy as its slowest shard makes it. The others do their share of the request and wait for nobody, so
    that a shard has the cores of its share in the work of all, not those of the slowest, and never fewer than the
    fewest replicas.
    """
    if measured.shards == 1:
        return ShardFleet(replicas, busy)
    share = 1.0
    if measured.cpu_ms:  # of the slowest shard's work in that of the mean one
        share = sum(measured.cpu_ms.values()) / measured.shards / measured.request_cpu_ms
    return ShardFleet(max(replicas * share, min(replicas, min_replicas)), busy * share)


def _encoder_cores(measured: Measurement, scenario: Scenario) -> float:
    """Cores for requests that reach the encoder, at the peak and the target utilisation.

    What is looked up instead was encoded by a job: once for each answer that is asked for, on full cores, at the mean.
    """
    requirements, load = scenario.requirements, scenario.load
    encoder_s = requirements.encoder_ms.value / 1e3 * (1 - load.hits)
    reached = _encoded(measured, requirements.encoder_parts)
    ahead = 1 - reached if LOOK_UP in measured.parts_ms else 0.0
    mean_rps = requirements.requests_a_day / SECONDS_A_DAY
    return encoder_s * (reached * load.peak_rps / load.target_utilisation + ahead * mean_rps)


def _encoded(measured: Measurement, parts: Sequence[str]) -> float:
    """The share of requests that go through one of the parts that the encoder stands for."""
    if not parts:
        return 1.0
    through = [measured.parts_ms[part] > 0 for part in parts if part in measured.parts_ms]
    return float(np.any(through, axis=0).mean()) if through else 0.0


def _traffic(scenario: Scenario) -> dict[str, float]:
    requirements, prices = scenario.requirements, scenario.prices
    gb = requirements.requests_a_month / 1e6  # of a kB of each request
    out_usd = prices.balancer_gb.value + prices.network_gb.value
    return {
        "requests in": gb * requirements.upload_kb.value * prices.balancer_gb.value,
        "answers out": gb * requirements.response_kb.value * out_usd,
        "logging": gb * prices.log_kb.value * prices.log_gb.value,
    }


def _stored(measured: Measurement, scenario: Scenario) -> dict[str, float]:
    """Storage, of the items that were asked for where the requirements say how many."""
    requirements, prices = scenario.requirements, scenario.prices
    items = measured.n_items if requirements.items is None else requirements.items
    gb_month = prices.stored_gb_month.value
    indexes_gb = measured.memory_bytes / 1e9 * prices.index_versions.value
    parts = {
        "items stored": items * requirements.stored_kb.value / 1e6 * gb_month,
        "indexes stored": indexes_gb * gb_month,
    }
    if measured.store_bytes:
        parts["store"] = measured.store_bytes / 1e9 * gb_month
    return parts


def _jobs(measured: Measurement, scenario: Scenario) -> dict[str, float]:
    """Work on full cores, and a cache where there is one. A new item takes its share of a build."""
    requirements, prices = scenario.requirements, scenario.prices
    core_s = prices.vcpu_hour.value / 3600
    by_job_s = sum(measured.refresh_once_s.values()) if measured.refresh_every_h else 0.0
    parts = {
        "new items": requirements.new_items_a_month
        * (measured.item_build_s + requirements.item_encoder_ms.value / 1e3)
        * core_s,
        "builds": prices.rebuilds_month.value * max(0.0, measured.build_s - by_job_s) * core_s,
    }
    if measured.refresh_every_h:
        parts["batch job"] = HOURS_A_MONTH / measured.refresh_every_h * measured.refresh_s * core_s
    if prices.cache_ttl_s.value:
        held_gib = prices.cache_keys.value * requirements.response_kb.value * 1e3 / 2**30
        parts["cache"] = HOURS_A_MONTH * (prices.vcpu_hour.value + held_gib * prices.gib_hour.value)
    return parts


def charged_usd(measured: Measurement, requirements: Requirements) -> dict[str, float]:
    """Dollars per month for people and errors; KeyError for a charge whose units the case does not count.

    Month = requests per month × units per request × price per unit.
    """
    return {
        charge.part: requirements.requests_a_month * measured.charged[charge.name] * charge.usd
        for charge in requirements.charges
    }


def charged_between(measured: Measurement, requirements: Requirements) -> dict[str, tuple[float, float]]:
    """The 95 % interval of those charges whose units are an estimated share."""
    between, month = measured.charged_between, requirements.requests_a_month
    return {
        charge.part: (month * between[charge.name][0] * charge.usd, month * between[charge.name][1] * charge.usd)
        for charge in requirements.charges
        if charge.name in between
    }
