"""Can a design ship? What was asked against what it gives, which constraint binds, and what to take instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from core.contract.case import Measurement, QualityAxis, Requirements
from core.metrics import Better
from core.serving.cost import Assessment
from core.serving.prices import Prices


@dataclass(frozen=True)
class Constraint:
    """One thing that was asked, what the design gives, both in `unit`, and which way is better."""

    key: str
    label: str
    asked: float
    got: float
    unit: str
    better: Better
    badge: str = "modelled"

    @property
    def met(self) -> bool:
        """True when what was asked is given."""
        return self.got <= self.asked if self.better == "lower" else self.got >= self.asked

    @property
    def strain(self) -> float:
        """How much of the bound is used up: 1 is just met, 2 is twice what was allowed or half of what was asked."""
        over, under = (self.got, self.asked) if self.better == "lower" else (self.asked, self.got)
        if under > 0:
            return over / under
        return inf if over > under else 1.0


@dataclass(frozen=True)
class Candidate:
    """A measured design with what it takes to serve the load and how it stands to what was asked."""

    design: Any
    measured: Measurement
    assessed: Assessment
    constraints: tuple[Constraint, ...]

    @property
    def feasible(self) -> bool:
        """True when every constraint is met."""
        return all(each.met for each in self.constraints)


@dataclass(frozen=True)
class Offer:
    """A design to take: what it is best at, and what it gives up where nothing meets everything."""

    title: str
    candidate: Candidate
    gives_up: tuple[Constraint, ...] = ()


def judge(
    measured: Measurement, assessed: Assessment, needs: Requirements, prices: Prices, axis: QualityAxis
) -> tuple[Constraint, ...]:
    """Every constraint that was stated, in the order of the form; what was left empty asks for nothing."""
    found = [Constraint("p99_ms", "p99 at the load", needs.p99_ms, assessed.p99_ms, "ms", "lower")]
    if needs.freshness_h is not None:
        oldest_h = measured.refresh_every_h + prices.cache_ttl_s.value / 3600
        found.append(Constraint("freshness_h", "age of results", needs.freshness_h, oldest_h, "h", "lower"))
    if needs.quality_floor is not None and axis.key in measured.quality:
        value = measured.quality[axis.key].value
        found.append(Constraint("quality_floor", axis.label, needs.quality_floor, value, "", axis.better, axis.badge))
    if needs.budget_usd is not None:
        found.append(Constraint("budget_usd", "cost", needs.budget_usd, assessed.total_usd, "$/month", "lower"))
    return tuple(found)


def binding(constraints: Sequence[Constraint]) -> Constraint:
    """The constraint that would rule the design out first, or does so already."""
    return max(constraints, key=lambda each: each.strain)


def offers(candidates: Iterable[Candidate], axis: QualityAxis) -> tuple[Offer, ...]:
    """The cheapest, the fastest and the best design that meet everything; where none does, the closest one alone.

    Closest is the one whose worst constraint is exceeded least. Empty when nothing was measured.
    """
    every = list(candidates)
    fit = [each for each in every if each.feasible]
    if not fit:
        if not every:
            return ()
        closest = min(every, key=lambda each: (binding(each.constraints).strain, each.assessed.total_usd))
        return (Offer("closest", closest, tuple(each for each in closest.constraints if not each.met)),)

    def quality(each: Candidate) -> float:
        value = each.measured.quality[axis.key].value if axis.key in each.measured.quality else 0.0
        return value if axis.better == "higher" else -value

    def usd(each: Candidate) -> float:
        return each.assessed.total_usd

    def p99_ms(each: Candidate) -> float:
        return each.assessed.p99_ms

    return (
        Offer("cheapest", min(fit, key=lambda each: (usd(each), -quality(each)))),
        Offer("fastest", min(fit, key=lambda each: (p99_ms(each), -quality(each)))),
        Offer("best", max(fit, key=lambda each: (quality(each), -usd(each)))),
    )


def ruled_out_by(constraints: Sequence[Constraint]) -> str:
    """The constraints that are not met, in words; empty when all are."""
    return ", ".join(each.label for each in constraints if not each.met)
