"""What every export is made from: one measured design, what was asked of it and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core.analysis.compare import Contender, deltas, dominates
from core.analysis.deployment_drawing import as_built
from core.analysis.explain import beside
from core.contract.case import Case, Measurement, Requirements
from core.contract.design import to_query
from core.diagram import Drawing
from core.formatting import figure_text
from core.interview.decision import Decision
from core.serving.cost import Assessment
from core.serving.prices import Prices
from core.serving.slo import Constraint, judge

MOST_ALTERNATIVES = 12


@dataclass(frozen=True)
class Subject:
    """One design as it stands on a page."""

    case: Case
    design: Any
    seed: int
    needs: Requirements
    prices: Prices
    measured: Measurement
    assessed: Assessment
    alternatives: tuple[Contender, ...] = ()  # measured designs that were tried or offered, on the same data
    rows: tuple[Mapping[str, Any], ...] = ()  # of `tradeoff_rows`: everything measured on the same data
    link: str = ""
    made_on: str = ""  # the day, as ISO 8601 writes it
    decisions: tuple[Decision, ...] = ()  # the steps at which the visitor has said why

    @property
    def present(self) -> Contender:
        """The design as one side of a comparison."""
        return Contender("", self.design, self.seed, self.measured, self.assessed)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """What was asked beside what the design gives."""
        return judge(self.measured, self.assessed, self.needs, self.prices, self.case.qualities[0])

    @property
    def drawing(self) -> Drawing:
        """What would be built, with the load, the replicas and the bill on it."""
        drawn = self.case.draw(self.design, self.measured)
        return as_built(drawn, self.assessed, self.needs, self.prices)

    @property
    def file_name(self) -> str:
        """The stem of every file, without a suffix."""
        return f"kneepoint-{self.case.slug}"

    @property
    def address(self) -> str:
        """The link that opens the design; relative to the app where its address is not known."""
        return self.link or f"/{self.case.slug}?{urlencode(to_query(self.design, self.seed))}"


def rejected(subject: Subject) -> list[tuple[str, str]]:
    """(design, why not) of every alternative but the present one, in the order given, at most a dozen."""
    others = [each for each in subject.alternatives if each.design != subject.design]
    return [(beside(subject.design, each.design), why_not(subject, each)) for each in others[:MOST_ALTERNATIVES]]


def why_not(subject: Subject, other: Contender) -> str:
    """What speaks against a measured design: what was asked and is missed, being dominated, or what it is worse at."""
    asked = judge(other.measured, other.assessed, subject.needs, subject.prices, subject.case.qualities[0])
    missed = [
        f"{each.label} {figure_text(each.got, each.unit)} instead of {figure_text(each.asked, each.unit)}"
        for each in asked
        if not each.met
    ]
    if missed:
        return f"ruled out by {', '.join(missed)}"
    found = deltas(subject.case, subject.present, other)
    worse = [f"{each.fact.label} {each.text}" for each in found if each.side == "worse"]
    better = [f"{each.fact.label} {each.text}" for each in found if each.side == "better"]
    if dominates(deltas(subject.case, other, subject.present)):
        return f"dominated by this design: {', '.join(worse)}, and better at nothing"
    if not worse:
        return f"nothing measured speaks against it: {', '.join(better)}" if better else "not told apart from this one"
    return f"a trade: {', '.join(worse)}" + (f"; for {', '.join(better)}" if better else "")
