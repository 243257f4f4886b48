"""The SLO verdict: requirements against a design's values, and the binding constraint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from core.contract.case import Measurement, QualityAxis
from core.metrics import Better
from core.runtime.timing import TOO_BUSY
from core.serving.cost import Assessment
from core.serving.scenario import Scenario

TOO_NOISY = "too noisy to say"


@dataclass(frozen=True)
class Constraint:
    """A requirement and the design's value, both in `unit`, and the better direction."""

    key: str
    label: str
    asked: float
    got: float
    unit: str
    better: Better
    badge: str = "modelled"
    noisy: bool = False  # the value rests on times of a machine that was too busy

    @property
    def met(self) -> bool:
        """True when the value is known to meet the requirement."""
        return self.verdict == "meets"

    @property
    def verdict(self) -> str:
        """ "meets", "misses" or "cannot say"."""
        if self.noisy:
            return "cannot say"
        within = self.got <= self.asked if self.better == "lower" else self.got >= self.asked
        return "meets" if within else "misses"

    @property
    def strain(self) -> float:
        """The used share of the bound: 1 just meets it, 2 is twice an upper bound or half a lower bound."""
        over, under = (self.got, self.asked) if self.better == "lower" else (self.asked, self.got)
        if under > 0:
            return over / under
        return inf if over > under else 1.0


def judge(
    measured: Measurement, assessment: Assessment, scenario: Scenario, axis: QualityAxis
) -> tuple[Constraint, ...]:
    """Every stated constraint in the order of the form; an empty field states none.

    What rests on times is not judged where the machine was too busy while timing.
    """
    requirements, noisy = scenario.requirements, too_noisy(measured)
    p99_ms = assessment.p99_ms
    constraints = [Constraint("p99_ms", "p99 at the load", requirements.p99_ms, p99_ms, "ms", "lower", noisy=noisy)]
    if requirements.freshness_h is not None:
        oldest_h = max(measured.refresh_every_h, measured.ingest_h) + scenario.prices.cache_ttl_s.value / 3600
        constraints.append(
            Constraint("freshness_h", "age of results", requirements.freshness_h, oldest_h, "h", "lower")
        )
    if requirements.quality_floor is not None and axis.key in measured.quality:
        given = measured.quality[axis.key].value
        floor = Constraint("quality_floor", axis.label, requirements.quality_floor, given, "", axis.better, axis.badge)
        constraints.append(floor)
    if requirements.budget_usd is not None:
        usd = assessment.total_usd
        budget = Constraint("budget_usd", "cost", requirements.budget_usd, usd, "$/month", "lower", noisy=noisy)
        constraints.append(budget)
    return tuple(constraints)


def too_noisy(measured: Measurement) -> bool:
    """True where the machine was too busy while timing for a p99, a number of replicas or a bill."""
    return measured.noise > TOO_BUSY


def verdict(constraints: Sequence[Constraint]) -> str:
    """ "misses" where one is known to be missed, else "cannot say" where one cannot be judged, else "meets"."""
    verdicts = {constraint.verdict for constraint in constraints}
    return next((worst for worst in ("misses", "cannot say") if worst in verdicts), "meets")


def binding(constraints: Sequence[Constraint]) -> Constraint:
    """The constraint with the highest strain, among those that can be judged where there are any."""
    judged = [constraint for constraint in constraints if not constraint.noisy]
    return max(judged or constraints, key=lambda constraint: constraint.strain)


def ruled_out_by(constraints: Sequence[Constraint]) -> str:
    """The constraints that are not known to be met, in words; empty when all are met."""
    return ", ".join(
        f"{constraint.label} ({TOO_NOISY})" if constraint.noisy else constraint.label
        for constraint in constraints
        if not constraint.met
    )
