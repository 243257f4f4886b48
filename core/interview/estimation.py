"""Back-of-envelope estimation: from users to cores and dollars."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from core.formatting import count_text, ms_text
from core.serving.bill import fleet_of_shard, machines_of
from core.serving.cost import saturation_per_s
from core.serving.evaluate import Evaluated


@dataclass(frozen=True)
class Sum:
    """One line of the estimate: the quantity, the formula, and the result in its unit. Modelled."""

    what: str
    how: str
    value: float
    unit: str


def arithmetic(evaluated: Evaluated) -> tuple[Sum, ...]:
    """From users to busy cores (Little's law: busy = rate × time), replicas, memory and dollars."""
    requirements, assessment, measured = evaluated.scenario.requirements, evaluated.assessment, evaluated.sized
    n, megabytes = assessment.replicas, measured.memory_bytes / 1e6
    prices = evaluated.scenario.prices
    rate, per_user = requirements.peak_rps * (1 - assessment.hits), requirements.requests_per_user
    request_ms, bound_ms = 1e3 / saturation_per_s(measured), requirements.p99_ms
    busy = rate * request_ms / 1e3
    cores = ceil(fleet_of_shard(measured, n, busy, int(prices.min_replicas.value)).cores - 1e-9)
    copies = machines_of(cores, int(prices.cores_per_machine.value), int(prices.zones.value))
    held_gb = copies * megabytes / 1e3
    users = f"{requirements.daily_users:,.0f} {requirements.users_are} × {count_text(per_user)} requests"
    peak = f"÷ 86,400 s × peak factor {requirements.peak_factor:g}"
    lines = [
        Sum("Requests per day", users, requirements.requests_a_day, "per day"),
        Sum("Peak requests per second", peak, requirements.peak_rps, "per second"),
        Sum("Busy cores", f"× {ms_text(request_ms)} of CPU per request", busy, "cores"),
        Sum("Replicas", f"enough for p99 ≤ {ms_text(bound_ms)} with one replica down", n, "replicas"),
        *_shards(measured.shards, cores),
        Sum("Total memory", f"{copies:,} copies × {megabytes:,.0f} MB, one per machine and zone", held_gb, "GB"),
        Sum("Cost", "at the prices in the panel, all parts", assessment.total_usd, "$ per month"),
    ]
    if assessment.requests_a_month:
        million = f"÷ {assessment.requests_a_month / 1e6:,.0f} million requests per month"
        lines.append(Sum("Cost per 1M requests", million, assessment.usd_per_million, "$"))
    return tuple(lines)


def _shards(shards: int, cores: int) -> tuple[Sum, ...]:
    """The cores of all shards, where one machine does not hold the items."""
    if shards == 1:
        return ()
    how = f"{shards:,} shards × {cores:,} cores, each for its share of a request"
    return (Sum("Cores of all shards", how, shards * cores, "cores"),)
