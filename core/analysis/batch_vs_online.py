"""Batch, online or hybrid: the requests per key and refresh at which they cost the same, and where the load lies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

from core.contract.case import HOURS_A_MONTH, Case, Measurement, Requirements
from core.contract.design import Design, canonical
from core.contract.scaling_spec import Precompute
from core.serving.prices import Prices
from core.stages.serve import break_even_requests

RATES = tuple(10 ** (i / 4) for i in range(-12, 17))  # requests a key and refresh: a thousandth to ten thousand


@dataclass(frozen=True)
class Way:
    """One way to serve: CPU seconds of a request, and of one key in one run of the job; bytes stored a key."""

    request_s: float
    key_s: float = 0.0
    key_bytes: float = 0.0
    refresh_h: float = 0.0


@dataclass(frozen=True)
class BreakEven:
    """Requests an active key and refresh from which the batch job is the cheaper; inf when it never is.

    `without_look_up` is the plain quotient of what a key costs in the job and a request online, every key active.
    """

    requests: float
    without_look_up: float
    refresh_h: float
    inactive: float


def ways_of(case: Case, design: Design) -> dict[str, Design]:
    """The present design served in each way; a way that only repeats another one is left out."""
    ahead = case.precompute
    options = {"online": ahead.online, "batch": ahead.batch, "hybrid": ahead.hybrid}
    designs = {name: canonical(replace(design, **values)) for name, values in options.items() if values}
    distinct: dict[str, Any] = {}
    for name, served in designs.items():
        if served not in distinct.values():
            distinct[name] = served
    return distinct


def way(measured: Measurement, online: Measurement, keys: int, rows: int = 0) -> Way:
    """What a way costs, from what it measured; the job counts only what it does beyond what serving online repeats.

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
    """Mean seconds of a core that one request takes, batches shared out over their requests."""
    if measured.batches_ms:
        size = max(measured.batches_ms)
        return measured.batches_ms[size] / size / 1e3
    return float(measured.service_ms.mean()) / 1e3


def request_usd(mode: Way, prices: Prices) -> float:
    """Dollars of one request: its CPU on cores that run at the target utilisation."""
    return mode.request_s * prices.vcpu_hour.value / 3600 / prices.target_utilisation.value


def key_usd(mode: Way, prices: Prices) -> float:
    """Dollars of one key and refresh: its share of the job on full cores, and its row in the store until the next."""
    stored = mode.key_bytes / 1e9 * prices.stored_gb_month.value * mode.refresh_h / HOURS_A_MONTH
    return mode.key_s * prices.vcpu_hour.value / 3600 + stored


def break_even(online: Way, batch: Way, prices: Prices, inactive: float = 0.0) -> BreakEven:
    """Where the two cost the same, `inactive` being the share of keys that nobody asks for.

    Raises ValueError for a share that is not from 0 to below 1.
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
    """Dollars a month of CPU and storage for so many active keys with so many requests each in every `refresh_h`.

    Raises ValueError for a share out of bounds.
    """
    _check_share(inactive)
    refreshes, keys = HOURS_A_MONTH / refresh_h, active / (1 - inactive)
    job = keys * key_usd(mode, prices) * HOURS_A_MONTH / mode.refresh_h if mode.refresh_h else 0.0
    return active * requests * refreshes * request_usd(mode, prices) + job


def todays_requests(
    ahead: Precompute, requirements: Requirements, refresh_h: float, inactive: float
) -> tuple[float, float] | None:
    """(active keys, requests an active key and refresh) under the requirements; None where they do not say."""
    users, each_day = requirements.daily_users, requirements.requests_per_user
    if not users or not each_day or refresh_h <= 0:
        return None
    days = refresh_h / 24
    if ahead.per == "once":
        return users * each_day * days, 1.0
    if ahead.per == "user":
        return users, each_day * days
    if not requirements.items:
        return None
    active = requirements.items * (1 - inactive)
    return active, users * each_day * days / active
