"""Batch vs online break-even: the requests per key and refresh at which both cost the same, and today's load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

from core.contract.case import HOURS_A_MONTH, Case, Measurement, Requirements
from core.contract.design import Design, canonical
from core.contract.scaling_spec import Precompute
from core.serving.prices import Prices
from core.stages.serve import break_even_requests

RATES = tuple(10 ** (i / 4) for i in range(-12, 17))  # requests per key and refresh: 0.001 to 10,000


@dataclass(frozen=True)
class Way:
    """The cost of a serving mode: CPU seconds per request, CPU seconds and stored bytes per key and batch run."""

    request_s: float
    key_s: float = 0.0
    key_bytes: float = 0.0
    refresh_h: float = 0.0


@dataclass(frozen=True)
class BreakEven:
    """Requests per active key and refresh above which batch is cheaper; inf when it never is.

    `without_look_up` ignores the cost of a look-up and assumes that every key is active.
    """

    requests: float
    without_look_up: float
    refresh_h: float
    inactive: float


def ways_of(case: Case, design: Design) -> dict[str, Design]:
    """The present design in each serving mode, without duplicates."""
    precompute = case.precompute
    options = {"online": precompute.online, "batch": precompute.batch, "hybrid": precompute.hybrid}
    designs = {name: canonical(replace(design, **values)) for name, values in options.items() if values}
    distinct: dict[str, Any] = {}
    for name, served in designs.items():
        if served not in distinct.values():
            distinct[name] = served
    return distinct


def way(measured: Measurement, online: Measurement, keys: int, rows: int = 0) -> Way:
    """The cost of a serving mode from its measurement; batch cost is net of the refresh work that online needs anyway.

    Raises ValueError without keys.
    """
    if keys < 1:
        raise ValueError(f"the job must serve at least one key, got {keys}")
    request_s = request_cpu_s(measured)
    if measured is online:
        return Way(request_s)
    every_h = measured.refresh_every_h
    online_s = online.refresh_s * every_h / online.refresh_every_h if online.refresh_every_h else 0.0
    return Way(
        request_s, max(0.0, measured.refresh_s - online_s) / keys, measured.store_bytes / (rows or keys), every_h
    )


def request_cpu_s(measured: Measurement) -> float:
    """Mean core-seconds per request; a batch is divided by its requests."""
    if measured.batches_ms:
        size = max(measured.batches_ms)
        return measured.batches_ms[size] / size / 1e3
    return measured.request_cpu_ms / 1e3


def request_usd(mode: Way, prices: Prices) -> float:
    """Dollars per request: its CPU on cores at the target utilisation."""
    return mode.request_s * prices.vcpu_hour.value / 3600 / prices.target_utilisation.value


def key_usd(mode: Way, prices: Prices) -> float:
    """Dollars per key and refresh: CPU of the job on full cores, and storage until the next refresh."""
    stored = mode.key_bytes / 1e9 * prices.stored_gb_month.value * mode.refresh_h / HOURS_A_MONTH
    return mode.key_s * prices.vcpu_hour.value / 3600 + stored


def break_even(online: Way, batch: Way, prices: Prices, inactive: float = 0.0) -> BreakEven:
    """The break-even where a share `inactive` of the keys gets no requests.

    Raises ValueError unless the share is at least 0 and below 1.
    """
    _check_share(inactive)
    plain = break_even_requests(batch.key_s, online.request_s) if batch.key_s and online.request_s else 0.0
    key, saved = key_usd(batch, prices) / (1 - inactive), request_usd(online, prices) - request_usd(batch, prices)
    if saved <= 0:
        return BreakEven(inf, plain, batch.refresh_h, inactive)
    return BreakEven(break_even_requests(key, saved) if key else 0.0, plain, batch.refresh_h, inactive)


def _check_share(inactive: float) -> None:
    if not (isfinite(inactive) and 0 <= inactive < 1):
        raise ValueError(f"the share of inactive keys must be from 0 to below 1, got {inactive}")


def monthly_usd(mode: Way, requests: float, active: float, refresh_h: float, prices: Prices, inactive: float) -> float:
    """Dollars per month of CPU and storage, for `requests` per active key and `refresh_h`.

    Raises ValueError unless `inactive` is at least 0 and below 1.
    """
    _check_share(inactive)
    refreshes, keys = HOURS_A_MONTH / refresh_h, active / (1 - inactive)
    job = keys * key_usd(mode, prices) * HOURS_A_MONTH / mode.refresh_h if mode.refresh_h else 0.0
    return active * requests * refreshes * request_usd(mode, prices) + job


def todays_requests(
    precompute: Precompute, requirements: Requirements, refresh_h: float, inactive: float
) -> tuple[float, float] | None:
    """(active keys, requests per active key and refresh) by the requirements; None where they do not say."""
    users, each_day = requirements.daily_users, requirements.requests_per_user
    if not users or not each_day or refresh_h <= 0:
        return None
    days = refresh_h / 24
    if precompute.per == "once":
        return users * each_day * days, 1.0
    if precompute.per == "user":
        return users, each_day * days
    if not requirements.items:
        return None
    active = requirements.items * (1 - inactive)
    return active, users * each_day * days / active
