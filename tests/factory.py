"""Measurements and cases made by hand, for tests that need figures and no pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.contract.case import Case, Measurement, Requirements, estimate
from core.contract.design import knob
from core.serving.cost import Assessment
from core.serving.evaluate import Evaluated, evaluate
from core.serving.prices import Assumption, Prices
from core.serving.scenario import Scenario
from tests import toy_case

KEY = "precision@5"  # the one quality of the toy case


def asked(peak_rps: float = 100.0, p99_ms: float = 50.0, **more: Any) -> Requirements:
    """Requirements at a peak rate, from one request of each user a day without a busier time."""
    return Requirements(1.0, 1.0, 1.0, p99_ms, "Illustrative.", **more).at_rate(peak_rps)


NEEDS = asked()


@dataclass(frozen=True)
class Served:
    """A design with the serving choice that the toy case lacks."""

    drift: float = knob("Drift", (0.0, 0.5), 0.0, "data", "How fast the world changes.")
    serving: str = knob("Serving", ("online", "batch"), "online", "serving", "Compute now, or look up.")


def measurement(
    per_query: Sequence[float] = (0.0, 1.0) * 50, service_ms: float | np.ndarray = 10.0, **facts: Any
) -> Measurement:
    """A measurement of 1 GiB and one second to build; a single service time stands for a thousand equal requests."""
    times = np.full(1_000, service_ms) if np.isscalar(service_ms) else np.asarray(service_ms)
    made = Measurement({KEY: estimate(per_query)}, times, {"search": times}, 2**30, 1.0, ())
    return replace(made, **facts)


def evaluated(
    measured: Measurement | None = None,
    scenario: Scenario | None = None,
    design: Any = None,
    case: Case = toy_case.CASE,
    seed: int = 0,
    assessment: Assessment | None = None,
) -> Evaluated:
    """A design of the toy case under the requirements above, its fleet and bill made up where they are given."""
    measured, scenario = measured or measurement(), scenario or Scenario(NEEDS)
    made = evaluate(case, design or toy_case.ToyDesign(), measured, scenario, seed)
    if assessment is not None:
        vars(made)["assessment"] = assessment  # where the cached property keeps it
    return made


def case(run: Callable[..., Measurement], slug: str = "made", **parts: Any) -> Case:
    """The toy case with another run, and with other parts where these are given."""
    return replace(toy_case.CASE, slug=slug, run=run, **parts)


def round_prices(**other: float) -> Prices:
    """Prices to reckon with by head: 10 cents a core, 1 a GiB, 2 a stored GB, half full, the rest free and at once."""
    values = {
        "vcpu_hour": 0.1,
        "gib_hour": 0.01,
        "stored_gb_month": 0.02,
        "target_utilisation": 0.5,
        "headroom": 1.0,
        "min_replicas": 1.0,
        "rebuilds_month": 0.0,
        "network_gb": 0.0,
        "balancer_gb": 0.0,
        "log_gb": 0.0,
        "zones": 1.0,
        "cores_per_machine": 1.0,
        "index_versions": 0.0,
        "network_ms": 0.0,
    }
    return Prices(**{name: Assumption(value, "", "a test", "2026") for name, value in {**values, **other}.items()})
