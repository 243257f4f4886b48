"""The truth checks that every case shares: they follow from its record alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from math import inf

import numpy as np

from core.checks.toolkit import SEEDS, Lab
from core.contract.case import HOURS_A_MONTH, Case, Estimate, Measurement, Requirements
from core.contract.check import DEF, DIR, Check, Verdict
from core.contract.design import Design, neighbours
from core.contract.missing_package import told
from core.formatting import ms_text
from core.serving.cost import assess
from core.serving.prices import Prices
from core.serving.scenario import Scenario

# Of normal values the scatter of five passes this once in twenty: the root of chi-square's .95 quantile, 9.488, over 4.
MOST_SPREAD = 1.54
SAME_KIND = 10.0  # beyond so many times the interval, worlds would have little in common but their dials
TIGHTER = (32.0, 16.0, 8.0, 4.0, 2.0, 1.2)  # bounds as multiples of the p99 that a request alone takes


def checks_of(case: Case) -> tuple[Check, ...]:
    """A case's own checks, then the common ones that can be shown on it."""
    own = {check.id for check in case.checks}
    return (*case.checks, *(check for check in _common(case) if check.id not in own))


def lab_of(case: Case) -> Lab:
    """The lab of the case's own checks, which grades without a clock; where it has none, one that only runs designs."""
    labs = (check.lab for check in case.checks if check.lab is not None and told(check.lab.pipeline) == case.run)
    return next(labs, Lab(case.Design, case.run, None))


def _common(case: Case) -> list[Check]:
    tighter = "Halving the latency bound never lowers the cost."
    sentence, kind, seeds_differ = SEEDS_SAY[case.seed_draws]
    common = [
        _check(case, "G10", tighter, DEF, tighter_never_cheaper),
        _check(case, "G16", sentence, kind, seeds_differ),
    ]
    if stored_design(case) is not None:
        refreshes = "A batch job costs by refreshes, whatever the traffic; online cores cost by traffic."
        common.append(_check(case, "G11", refreshes, DEF, batch_costs_by_refresh))
    return common


def _check(case: Case, id: str, sentence: str, kind: str, test: Callable[[Case, Lab], Verdict]) -> Check:
    lab = lab_of(case)
    return Check(id, sentence, kind, lambda seed: test(case, lab.at(seed)), "", partial(test, case), lab)


def tighter_never_cheaper(case: Case, lab: Lab) -> Verdict:
    """Cost at ever tighter bounds, as far as the design can meet them."""
    measured = lab.run(lab.default)
    alone_ms, way_ms = measured.percentiles_ms["p99"].value, Scenario(case.requirements).load.floor_ms
    bounds = [replace(case.requirements, p99_ms=way_ms + times * alone_ms) for times in TIGHTER]
    assessed = [assess(measured, Scenario(requirements), lab.seed) for requirements in bounds]
    costs = [assessment.total_usd for assessment in assessed if assessment.meets_p99]
    if not costs:
        return Verdict(False, f"misses every bound up to {ms_text(bounds[0].p99_ms)}")
    numbers = f"${costs[0]:,.2f} at {ms_text(bounds[0].p99_ms)}, ${costs[-1]:,.2f} at the tightest it meets"
    return Verdict(costs == sorted(costs), numbers)


def seeds_agree(case: Case, lab: Lab) -> Verdict:
    """The first quality under five seeds scatters no more than the interval of one says."""
    spread, numbers = between_seeds(case, lab)
    return Verdict(spread <= MOST_SPREAD, numbers)


def worlds_differ(case: Case, lab: Lab) -> Verdict:
    """It scatters more than that, as worlds of one kind do: what the interval of one world leaves out."""
    spread, numbers = between_seeds(case, lab)
    return Verdict(MOST_SPREAD < spread < SAME_KIND, numbers)


def seed_draws_nothing(case: Case, lab: Lab) -> Verdict:
    """It is the same under all of them."""
    values = [value.value for value in _by_seed(case, lab)]
    return Verdict(np.ptp(values) < 1e-9, f"{case.qualities[0].key} {values[0]:.4f} under {len(SEEDS)} seeds")


def between_seeds(case: Case, lab: Lab) -> tuple[float, str]:
    """The deviation of the first quality over SEEDS ÷ the standard error that its interval says, and both in words."""
    return scatter_of(_by_seed(case, lab), case.qualities[0].key)


def scatter_of(values: Sequence[Estimate], key: str) -> tuple[float, str]:
    """The deviation of a quality between seeds ÷ the standard error that its interval says, and both in words."""
    scatter = float(np.std([value.value for value in values], ddof=1))
    own = float(np.sqrt(np.mean([((value.high - value.low) / (2 * 1.96)) ** 2 for value in values])))
    spread = scatter / own if own else inf if scatter else 0.0
    said = f"{key} {', '.join(f'{value.value:.3f}' for value in values)}"
    return spread, f"{said}: deviation {scatter:.4f}, {own:.4f} by the interval of one seed, {spread:.1f} ×"


def _by_seed(case: Case, lab: Lab) -> list[Estimate]:
    return [lab.at(seed).estimate(case.qualities[0].key, lab.default) for seed in SEEDS]


# what the seed draws → the sentence of G16, its kind and its test
SEEDS_SAY = {
    "sample": ("Five seeds move the quality no further than the interval of one says.", DIR, seeds_agree),
    "world": ("Five worlds differ by more than the interval over the queries of one says.", DIR, worlds_differ),
    "nothing": ("The data is one corpus: five seeds say no more than one.", DEF, seed_draws_nothing),
}


def stored_design(case: Case) -> Design | None:
    """The default with batch serving; None where the case has no such choice."""
    return _stored(case.Design)


@cache
def _stored(Design: type) -> Design | None:
    near = (Design(), *(design for name, design in neighbours(Design()) if name == "serving"))
    return next((design for design in near if getattr(design, "serving", "") == "batch"), None)


def batch_costs_by_refresh(case: Case, lab: Lab) -> Verdict:
    """The batch job's price at ten times the traffic and at twice the refreshes, and the online cores' at ten times."""
    stored, online = lab.run(stored_design(case)), lab.run(lab.default)
    busy = replace(case.requirements, daily_users=10 * case.requirements.daily_users)
    job, busy_job = (_job_usd(stored, asked, lab.seed) for asked in (case.requirements, busy))
    doubled = _job_usd(replace(stored, refresh_every_h=stored.refresh_every_h / 2), case.requirements, lab.seed)
    cores, busy_cores = (cores_usd(online, asked.peak_rps) for asked in (case.requirements, busy))
    holds = job == busy_job and abs(doubled - 2 * job) < 1e-9 and abs(busy_cores - 10 * cores) < 1e-6
    return Verdict(holds, f"job ${job:.6f} a month at either load, online work ${cores:.2f} → ${busy_cores:.2f}")


def _job_usd(stored: Measurement, requirements: Requirements, seed: int) -> float:
    return assess(stored, Scenario(requirements), seed).usd_per_month["batch job"]


def cores_usd(measured: Measurement, rate_per_s: float) -> float:
    """Dollars a month of the core-seconds that requests take, before rounding up to replicas."""
    prices = Prices()
    return rate_per_s * measured.request_cpu_ms / 1e3 * HOURS_A_MONTH * prices.vcpu_hour.value
