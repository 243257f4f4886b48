"""What the requirements mean before anything is built: the arithmetic from users to cores and dollars."""

from __future__ import annotations

from dataclasses import dataclass

from core.contract.case import Measurement, Requirements
from core.serving.cost import Assessment, saturation_per_s


@dataclass(frozen=True)
class Sum:
    """One line of arithmetic: what is worked out, how, and the result in its unit; modelled, all of it."""

    what: str
    how: str
    value: float
    unit: str


def arithmetic(needs: Requirements, measured: Measurement, assessed: Assessment) -> tuple[Sum, ...]:
    """From users to busy cores (Little's law: busy = rate × time), replicas, memory and dollars, line by line."""
    n, megabytes = assessed.replicas, measured.memory_bytes / 1e6
    rate = needs.peak_rps * (1 - assessed.hits)
    each_ms = 1e3 / saturation_per_s(measured)
    users = f"{needs.daily_users:,.0f} {needs.users_are} × {needs.requests_per_user:g} requests"
    found = [
        Sum("Requests a day", users, needs.requests_a_day, "a day"),
        Sum("Requests at the peak", f"÷ 86,400 s × {needs.peak_factor:g} at the peak", needs.peak_rps, "a second"),
        Sum("Cores that are busy", f"× {each_ms:.3g} ms of a core for one request", rate * each_ms / 1e3, "cores"),
        Sum("Replicas", f"so many that the p99 keeps {needs.p99_ms:g} ms and one may die", n, "replicas"),
        Sum("Memory of all", f"{n:,} × {megabytes:.3g} MB of a replica", n * megabytes / 1e3, "GB"),
        Sum("Cost", "at the prices in the panel, all parts", assessed.total_usd, "$ a month"),
    ]
    if assessed.requests_a_month:
        million = f"÷ {assessed.requests_a_month / 1e6:,.0f} million requests a month"
        found.append(Sum("Cost of a million requests", million, assessed.usd_per_million, "$"))
    return tuple(found)
