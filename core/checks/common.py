"""The truth checks that every case shares: they follow from its record alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from core.contract.case import HOURS_A_MONTH, Case, Measurement
from core.contract.check import Check, Verdict
from core.contract.design import neighbours
from core.serving.cost import assess
from core.serving.prices import Prices
from core.serving.scenario import Scenario

TIGHTER = (32.0, 16.0, 8.0, 4.0, 2.0, 1.2)  # bounds as multiples of the p99 that a request alone takes


def checks_of(case: Case) -> tuple[Check, ...]:
    """A case's own checks, then the common ones that can be shown on it."""
    own = {check.id for check in case.checks}
    return (*case.checks, *(check for check in _common(case) if check.id not in own))


def _common(case: Case) -> list[Check]:
    found = [
        _check(case, "G10", "Halving the latency bound never lowers the cost.", "INV", tighter_never_cheaper),
        _check(case, "G16", "Another seed moves the quality no further than the intervals say.", "DIR", seeds_agree),
    ]
    if stored_design(case) is not None:
        sentence = "A batch job costs by refreshes, whatever the traffic; online cores cost by traffic."
        found.append(_check(case, "G11", sentence, "INV", batch_costs_by_refresh))
    return found


def _check(case: Case, id: str, sentence: str, kind: str, run: Callable[[Case, int], Verdict]) -> Check:
    return Check(id, sentence, kind, lambda seed: run(case, seed))


def tighter_never_cheaper(case: Case, seed: int) -> Verdict:
    """Cost at ever tighter bounds, as far as the design can meet them."""
    measured = case.run(case.Design(), seed=seed)
    alone_ms = measured.percentiles_ms["p99"].value
    taken = [assess(measured, Scenario(replace(case.requirements, p99_ms=t * alone_ms)), seed) for t in TIGHTER]
    costs = [each.total_usd for each in taken if each.meets_p99]
    if not costs:
        return Verdict(False, f"misses every bound up to {TIGHTER[0] * alone_ms:.3g} ms")
    told = f"${costs[0]:,.2f} at {TIGHTER[0] * alone_ms:.3g} ms, ${costs[-1]:,.2f} at the tightest it meets"
    return Verdict(costs == sorted(costs), told)


def seeds_agree(case: Case, seed: int) -> Verdict:
    """The first quality under two seeds: their difference against the two half-widths together."""
    key = case.qualities[0].key
    one, other = (case.run(case.Design(), seed=s).quality[key] for s in (seed, seed + 1))
    allowed = (one.high - one.low + other.high - other.low) / 2
    apart = abs(one.value - other.value)
    return Verdict(apart <= allowed, f"{key} {one.value:.4f} and {other.value:.4f}, apart {apart:.4f} of {allowed:.4f}")


def stored_design(case: Case) -> Any | None:
    """The default with batch serving; None where the case has no such choice."""
    return _stored(case.Design)


@cache
def _stored(Design: type) -> Any | None:
    near = (Design(), *(design for name, design in neighbours(Design()) if name == "serving"))
    return next((design for design in near if getattr(design, "serving", "") == "batch"), None)


def batch_costs_by_refresh(case: Case, seed: int) -> Verdict:
    """The batch job's price at ten times the traffic and at twice the refreshes, and the online cores' at ten times."""
    stored, online = case.run(stored_design(case), seed=seed), case.run(case.Design(), seed=seed)
    busy = replace(case.requirements, daily_users=10 * case.requirements.daily_users)
    job = [assess(stored, Scenario(needs), seed).usd_per_month["batch job"] for needs in (case.requirements, busy)]
    twice = replace(stored, refresh_every_h=stored.refresh_every_h / 2)
    doubled = assess(twice, Scenario(case.requirements), seed).usd_per_month["batch job"]
    cores = [cores_usd(online, rate) for rate in (case.requirements.peak_rps, busy.peak_rps)]
    holds = job[0] == job[1] and abs(doubled - 2 * job[0]) < 1e-9 and abs(cores[1] - 10 * cores[0]) < 1e-6
    return Verdict(holds, f"job ${job[0]:.6f} a month at either load, online work ${cores[0]:.2f} → ${cores[1]:.2f}")


def cores_usd(measured: Measurement, rate_per_s: float) -> float:
    """Dollars a month of the core-seconds that requests take, before rounding up to replicas."""
    prices = Prices()
    return rate_per_s * float(measured.service_ms.mean()) / 1e3 * HOURS_A_MONTH * prices.vcpu_hour.value
