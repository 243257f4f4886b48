"""The fleet of an extrapolated design: replicas of every shard for the stated load, and their cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.analysis.extrapolation.extrapolate import Extrapolated
from core.contract.case import Measurement
from core.serving.cost import Assessment, assess
from core.serving.scenario import Scenario


@dataclass(frozen=True)
class ScaledFleet:
    """The fleet of an extrapolated design. Modelled.

    `assessment` treats one copy of all shards as one machine, since each request queries all of them. `usd_per_month`
    covers cores and memory, which grow with shards and replicas.
    """

    shards: int
    assessment: Assessment
    usd_per_month: float

    @property
    def machines(self) -> int:
        """Replicas × shards."""
        return self.assessment.replicas * self.shards


def fleet_at_scale(extrapolated: Extrapolated, measured: Measurement, scenario: Scenario) -> ScaledFleet:
    """Replicas for the load when a request waits for the slowest shard, and the dollars of all machines.

    A batch is assumed to grow as a single request does. ValueError where the laws do not cover the size.
    """
    if not extrapolated.covered:
        raise ValueError("no fleet can be counted where the laws do not cover the time")
    own_ms, slowest_ms = extrapolated.drawn_ms
    service_ms = own_ms + slowest_ms
    times = float(service_ms.mean() / measured.service_ms.mean())
    batches_ms = {size: ms * times for size, ms in measured.batches_ms.items()}
    cpu_ms = {part: ms * times for part, ms in measured.cpu_ms.items()}
    shard_bytes = int(extrapolated.shard_bytes)
    sharded = replace(measured, service_ms=service_ms, cpu_ms=cpu_ms, batches_ms=batches_ms, memory_bytes=shard_bytes)
    assessment = assess(sharded, scenario)
    usd = extrapolated.shards * (assessment.usd_per_month["cores"] + assessment.usd_per_month["memory"])
    return ScaledFleet(extrapolated.shards, assessment, usd)
