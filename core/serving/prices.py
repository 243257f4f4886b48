"""Every assumed number: value, unit, source and date. The reader can edit each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.contract.case import Charge

_GCP = "Google Cloud general-purpose, us-central1 on demand, from two list prices in skypilot-catalog gcp/vms.csv"


@dataclass(frozen=True)
class Assumption:
    """A number with its source; ValueError without a source or below 0."""

    value: float
    unit: str
    source: str
    as_of: str

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError("an assumption needs a source; “illustrative” is an honest one")
        if not 0 <= self.value < float("inf"):
            raise ValueError(f"an assumption cannot be {self.value}")


def _priced(value: float, unit: str, source: str, as_of: str) -> Assumption:
    return field(default_factory=lambda: Assumption(value, unit, source, as_of))


@dataclass(frozen=True)
class Prices:
    """Machine prices and target utilisation."""

    vcpu_hour: Assumption = _priced(0.0316, "$ per vCPU-hour", _GCP, "2026-10")
    gib_hour: Assumption = _priced(0.004237, "$ per GiB-hour", _GCP, "2026-10")
    stored_gb_month: Assumption = _priced(
        0.023, "$ per GB-month", "S3 Standard, 2 to 2.5 cents, dev.to/markfreedman", "2020"
    )
    target_utilisation: Assumption = _priced(
        0.6, "share of a core", "Google Compute Engine autoscaler default, AutoscalingPolicyCpuUtilization", "2026-10"
    )
    headroom: Assumption = _priced(
        1.2, "× memory", "illustrative: room to load a new index beside the old one's tail", "2026-11"
    )
    machine_gib: Assumption = _priced(
        64, "GiB of a machine", "illustrative: more items than fit are split into shards", "2026-11"
    )
    min_replicas: Assumption = _priced(2, "replicas", "illustrative: one may fail while the other serves", "2026-11")
    rebuilds_month: Assumption = _priced(
        30, "builds a month", "illustrative: trained and indexed anew every day", "2026-11"
    )
    response_kb: Assumption = _priced(0.2, "kB an answer", "illustrative: ten numbers with their scores", "2026-11")
    network_gb: Assumption = _priced(
        0.01,
        "$ per GB",
        "between zones of one region, cloudcalcep.com egress guide; to the internet it is 0.085",
        "2026",
    )
    cache_ttl_s: Assumption = _priced(
        0, "s an answer is kept", "no cache in front; its answers would be this much older", "2026-11"
    )
    cache_keys: Assumption = _priced(1e6, "different requests", "illustrative", "2026-11")
    cache_zipf: Assumption = _priced(
        0.8,
        "exponent",
        "illustrative: web requests are Zipf-like, the exponent varies (Breslau et al., INFOCOM 1999)",
        "1999",
    )
    cache_ms: Assumption = _priced(
        0.5, "ms a look-up in the cache", "illustrative: a hop in one data centre", "2026-11"
    )
    network_ms: Assumption = _priced(
        0.5,
        "ms a request",
        "round trip in one data centre, “Numbers everyone should know”, J. Dean, LADIS 2009",
        "2009",
    )
    batch_wait_ms: Assumption = _priced(
        5, "ms the first request of a batch waits for company", "illustrative: where requests are batched", "2026-11"
    )
    group_replicas: Assumption = _priced(
        1000, "replicas behind one queue", "illustrative: a larger fleet is dealt out to equal groups", "2026-11"
    )


# name → (label, lower bound, upper bound)
EDITABLE = {
    "vcpu_hour": ("A core", 0.0, 100.0),
    "gib_hour": ("Memory", 0.0, 100.0),
    "stored_gb_month": ("Storage", 0.0, 100.0),
    "network_gb": ("Network", 0.0, 100.0),
    "response_kb": ("Size of an answer", 0.0, 1e6),
    "rebuilds_month": ("Builds", 0.0, 1e5),
    "target_utilisation": ("How full a core may run", 0.01, 0.99),
    "headroom": ("Room for memory", 1.0, 100.0),
    "machine_gib": ("Memory of a machine", 1.0, 1e5),
    "min_replicas": ("Fewest replicas", 1.0, 1e4),
    "cache_ttl_s": ("Cache: answers kept", 0.0, 1e7),
    "cache_keys": ("Cache: requests to keep", 1.0, 1e12),
    "cache_zipf": ("Cache: skew of requests (Zipf)", 0.0, 3.0),
    "cache_ms": ("Cache: look-up", 0.0, 1e4),
    "network_ms": ("Network round trip", 0.0, 1e4),
    "batch_wait_ms": ("Batching: longest wait", 0.0, 1e4),
    "group_replicas": ("Replicas behind one queue", 1.0, 1e4),
}
YOURS = "set by you"


@dataclass(frozen=True)
class Dial:
    """An assumption with its label and the bounds for edits."""

    label: str
    low: float
    high: float
    assumed: Assumption


MOST_USD = 1e6  # per unit of a charge


def dials(prices: Prices, charges: Iterable[Charge] = ()) -> dict[str, Dial]:
    """Every editable assumption by its name in a link: machine prices, then the case's charges."""
    machines = {name: Dial(*bounds, getattr(prices, name)) for name, bounds in EDITABLE.items()}
    return machines | {
        charge.name: Dial(charge.label, 0.0, MOST_USD, Assumption(charge.usd, charge.unit, charge.source, charge.as_of))
        for charge in charges
    }


def recharged(charges: tuple[Charge, ...], **usd: float) -> tuple[Charge, ...]:
    """The charges with some prices replaced; names of other assumptions are ignored.

    Raises ValueError for an impossible price.
    """
    return tuple(
        replace(charge, usd=usd[charge.name], source=YOURS, as_of="now") if charge.name in usd else charge
        for charge in charges
    )


def repriced(prices: Prices, **values: float) -> Prices:
    """The prices with some values replaced; ValueError for an unknown name or a value out of bounds."""
    changed = {}
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"there is no assumption “{name}”")
        label, low, high = EDITABLE[name]
        if not low <= value <= high:
            raise ValueError(f"{label} must be between {low:g} and {high:g}, got {value}")
        changed[name] = Assumption(value, getattr(prices, name).unit, YOURS, "now")
    return replace(prices, **changed)
