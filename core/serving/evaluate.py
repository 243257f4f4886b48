"""A measured design under a scenario: fleet, bill and constraints in one record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from core.contract.case import SEED, Case, Measurement
from core.contract.design import Design, data_dials
from core.runtime.identity import ById
from core.serving.cost import Assessment, Fleet, fleet, priced
from core.serving.scenario import Load, Scenario
from core.serving.slo import Constraint, binding, judge, verdict


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A measured design of a case under a scenario; derived figures are computed once, on demand.

    The fleet is cached per measurement and load: changing a price does not re-run the queue simulation.
    """

    case: Case
    design: Design
    seed: int
    measured: Measurement
    scenario: Scenario

    @property
    def load(self) -> Load:
        """The load at the peak."""
        return self.scenario.load

    @property
    def fleet(self) -> Fleet:
        """The replicas for the load."""
        return _fleet(ById(self.measured), self.load, self.seed)

    @cached_property
    def assessment(self) -> Assessment:
        """The fleet with its bill."""
        return priced(self.measured, self.fleet, self.scenario)

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every stated requirement and the design's value."""
        return judge(self.measured, self.assessment, self.scenario, self.case.qualities[0])

    @property
    def feasible(self) -> bool:
        """True when every constraint is known to be met."""
        return self.verdict == "meets"

    @property
    def verdict(self) -> str:
        """ "meets", "misses" or, where the machine was too busy while timing, "cannot say"."""
        return verdict(self.constraints)

    @property
    def binding(self) -> Constraint:
        """The constraint with the highest strain, among those that can be judged where there are any."""
        return binding(self.constraints)

    def same_world(self, reference: Evaluated) -> bool:
        """True when both designs ran on the same seed and data conditions, so that queries can be paired."""
        return self.seed == reference.seed and data_dials(self.design) == data_dials(reference.design)

    def beside(self, design: Design, measured: Measurement) -> Evaluated:
        """Another design of the case on the same seed and under the same scenario."""
        return replace(self, design=design, measured=measured)


def evaluate(case: Case, design: Design, measured: Measurement, scenario: Scenario, seed: int = SEED) -> Evaluated:
    """The design under the scenario; its figures raise ValueError where the scenario's load does."""
    return Evaluated(case, design, seed, measured, scenario)


@lru_cache(maxsize=8_000)
def _fleet(measured: ById, load: Load, seed: int) -> Fleet:
    return fleet(measured.value, load, seed)
