"""The SLO verdict: requirements against a design's values, and the binding constraint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from core.contract.case import Measurement, QualityAxis
from core.metrics import Better
from core.serving.cost import Assessment
from core.serving.scenario import Scenario


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

    @property
    def met(self) -> bool:
        """True when the value meets the requirement."""
        return self.got <= self.asked if self.better == "lower" else self.got >= self.asked

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
    """Every stated constraint in the order of the form; an empty field states none."""
    requirements = scenario.requirements
    constraints = [Constraint("p99_ms", "p99 at the load", requirements.p99_ms, assessment.p99_ms, "ms", "lower")]
    if requirements.freshness_h is not None:
        oldest_h = measured.refresh_every_h + scenario.prices.cache_ttl_s.value / 3600
        constraints.append(
            Constraint("freshness_h", "age of results", requirements.freshness_h, oldest_h, "h", "lower")
        )
    if requirements.quality_floor is not None and axis.key in measured.quality:
        given = measured.quality[axis.key].value
        floor = Constraint("quality_floor", axis.label, requirements.quality_floor, given, "", axis.better, axis.badge)
        constraints.append(floor)
    if requirements.budget_usd is not None:
        usd = assessment.total_usd
        constraints.append(Constraint("budget_usd", "cost", requirements.budget_usd, usd, "$/month", "lower"))
    return tuple(constraints)


def binding(constraints: Sequence[Constraint]) -> Constraint:
    """The constraint with the highest strain."""
    return max(constraints, key=lambda constraint: constraint.strain)


def ruled_out_by(constraints: Sequence[Constraint]) -> str:
    """The missed constraints in words; empty when all are met."""
    return ", ".join(constraint.label for constraint in constraints if not constraint.met)
