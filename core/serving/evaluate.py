"""A measured design under a scenario: fleet, bill and constraints in one record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from core.contract.case import SEED, Case, Measurement
from core.contract.design import Design, data_dials
from core.runtime.identity import ById
from core.runtime.worlds import WORLDS
from core.scaling.extrapolate import Projected
from core.scaling.fit import fits_made
from core.scaling.quality import Carried
from core.serving.cost import Assessment, Fleet, fleet, priced
from core.serving.projection import projected, quality_at
from core.serving.scenario import Load, Scenario
from core.serving.slo import Constraint, binding, judge, verdict
from core.serving.worlds import of_worlds, within_world

MOST_KEPT = 4_000  # evaluated designs; some twenty scenarios over two hundred designs each
MOST_WHOLE = 100  # of those with their pictures, which take up to a megabyte and more


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A measured design of a case under a scenario; derived figures are computed once, on demand.

    Fleet, bill and constraints are about the items of the requirements, not about those that were measured. The fleet
    is cached per measurement and load: changing a price does not re-run the queue simulation.
    """

    case: Case
    design: Design
    seed: int
    measured: Measurement
    scenario: Scenario
    at_measured: bool = False  # every figure is then of the items and keys that were measured
    one_world: bool = False  # qualities are then of this seed's data alone, as a comparison of designs needs them

    @property
    def load(self) -> Load:
        """The load at the peak."""
        return self.scenario.load

    @cached_property
    def projected(self) -> Projected:
        """The measurement at the size that was asked."""
        if self.at_measured:
            return Projected(self.measured, self.measured.n_items, self.measured.n_items)
        return projected(self.case, self.design, self.seed, self.measured, self.scenario)

    @property
    def sized(self) -> Measurement:
        """The measurement as it would be at the size that was asked."""
        return self.projected.measured

    def quality(self, key: str) -> Carried:
        """A quality over worlds with its interval at the size that was asked; only the first one has a law of its own.

        Raises KeyError for a quality that the design does not report.
        """
        graded = () if self.one_world else WORLDS.known(self.case, self.design, self.seed)
        of, carried = self._carried.get(key, (None, None))
        if carried is None or of is not graded:  # worlds were graded since
            carried = self._carry(key)
            self._carried[key] = graded, carried
        return carried

    def _carry(self, key: str) -> Carried:
        estimate = self.measured.quality[key]
        over = within_world(estimate) if self.one_world else of_worlds(self.case, self.design, self.seed, key, estimate)
        return quality_at(self.case, self.design, over, self.projected, first=key == self.case.qualities[0].key)

    @cached_property
    def _carried(self) -> dict[str, tuple[Any, Carried]]:
        """The qualities worked out so far, each with the worlds that it rests on."""
        return {}

    @cached_property
    def within_world(self) -> Evaluated:
        """The design with the qualities of this seed's world: only within one world can designs be compared."""
        return replace(self, one_world=True)

    @cached_property
    def as_measured(self) -> Evaluated:
        """The design under the same scenario at the items that were measured."""
        items = float(self.measured.n_items) or None
        requirements = replace(self.scenario.requirements, items=items)
        return replace(self, scenario=replace(self.scenario, requirements=requirements), at_measured=True)

    @property
    def fleet(self) -> Fleet:
        """The replicas for the load."""
        return _fleet(ById(self.sized), self.load, self.seed)

    @cached_property
    def assessment(self) -> Assessment:
        """The fleet with its bill."""
        return priced(self.sized, self.fleet, self.scenario)

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every stated requirement and the design's value."""
        axis = self.case.qualities[0]
        quality = self.quality(axis.key) if axis.key in self.measured.quality else None
        return judge(self.projected, self.assessment, self.scenario, axis, quality)

    @property
    def feasible(self) -> bool:
        """True when every constraint is known to be met."""
        return self.verdict == "meets"

    @property
    def verdict(self) -> str:
        """ "meets", "misses" or, where noise, a missing law or an interval leaves it open, "cannot say"."""
        return verdict(self.constraints)

    @property
    def binding(self) -> Constraint:
        """The constraint with the highest strain among those that the verdict rests on."""
        return binding(self.constraints)

    def same_world(self, reference: Evaluated) -> bool:
        """True when both designs ran on the same seed and data conditions, so that queries can be paired."""
        return self.seed == reference.seed and data_dials(self.design) == data_dials(reference.design)

    def beside(self, design: Design, measured: Measurement) -> Evaluated:
        """Another design of the case on the same seed and under the same scenario."""
        return _kept(replace(self, design=design, measured=measured))


def evaluate(case: Case, design: Design, measured: Measurement, scenario: Scenario, seed: int = SEED) -> Evaluated:
    """The design under the scenario; its figures raise ValueError where the scenario's load does."""
    return _kept(Evaluated(case, design, seed, measured, _same(scenario)))


def _kept(evaluated: Evaluated) -> Evaluated:
    """The record of the same measurement under the same scenario that was made before, with all it has worked out.

    Worlds that were graded since, and laws that were fitted, make another record.
    """
    case, design, seed = evaluated.case, evaluated.design, evaluated.seed
    rests_on = ById(evaluated.measured), ById(WORLDS.known(case, design, seed)), fits_made()
    asked = ById(evaluated.scenario), evaluated.at_measured, evaluated.one_world
    made = _made if evaluated.measured.shown is None else _made_whole
    return made(ById(case), design, seed, *rests_on, *asked)


def _make(
    case: ById, design: Design, seed: int, measured: ById, graded: ById, fits: int,
    scenario: ById, at_measured: bool, one_world: bool,
) -> Evaluated:  # fmt: skip
    return Evaluated(case.value, design, seed, measured.value, scenario.value, at_measured, one_world)


_made, _made_whole = (lru_cache(maxsize=most)(_make) for most in (MOST_KEPT, MOST_WHOLE))


@lru_cache(maxsize=256)
def _same(scenario: Scenario) -> Scenario:
    """The one object of all equal scenarios: every move makes a new one, and comparing them by value takes long."""
    return scenario


@lru_cache(maxsize=8_000)
def _fleet(measured: ById, load: Load, seed: int) -> Fleet:
    return fleet(measured.value, load, seed)
