"""Every number nobody here measured: value, unit, source and date. The reader can edit each of them."""

from __future__ import annotations

from dataclasses import dataclass, field

_GCP = "Google Cloud general-purpose, us-central1 on demand, from two list prices in skypilot-catalog gcp/vms.csv"


@dataclass(frozen=True)
class Assumption:
    """A number with where it comes from. Raises ValueError without a source or when it is negative."""

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
    """What machines cost and how full they may run."""

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
    min_replicas: Assumption = _priced(2, "replicas", "illustrative: one may fail while the other serves", "2026-11")


HOURS_A_MONTH = 730.0  # 8,760 hours a year ÷ 12, as the cloud price lists count
