"""A measured design at the size of its requirements: what the verdict, the bill and the headline are about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from core.contract.case import Case, Measurement, Requirements
from core.contract.design import Design
from core.contract.scaling_spec import GrowingPart, IndexPart, Precompute
from core.runtime.identity import ById
from core.scaling.extrapolate import Projected, project
from core.scaling.fit import fit_of, fits_made
from core.scaling.laws import Law, LinearLaw
from core.scaling.quality import Carried, carry
from core.scaling.recorded import recorded_laws
from core.scaling.size import Size
from core.serving.scenario import Scenario
from core.serving.worlds import Covered

GIB = 2**30


@dataclass(frozen=True)
class _Of:
    """What a projection depends on beside the measurement."""

    slug: str
    design: Design
    seed: int
    size: Size
    fits: int  # made in this process so far


def projected(case: Case, design: Design, seed: int, measured: Measurement, scenario: Scenario) -> Projected:
    """The measurement at the items and keys of the requirements; as it is where none are stated or nothing is known."""
    items = scenario.requirements.items
    if not items or case.scaling_parts is None or not measured.n_items:
        return Projected(measured, measured.n_items, measured.n_items)
    size = size_asked(case, measured, scenario)
    return _projected(ById(case), ById(measured), _Of(case.slug, design, seed, size, fits_made()))


def size_asked(case: Case, measured: Measurement, scenario: Scenario) -> Size:
    """Items and keys of the requirements, and the machine that a shard has to fit."""
    requirements, prices = scenario.requirements, scenario.prices
    keys = keys_asked(case.precompute, requirements, measured.refresh_every_h) if measured.n_keys else 0.0
    return Size(max(1.0, requirements.items or 0.0), keys, prices.machine_gib.value * GIB, prices.headroom.value)


def keys_asked(precompute: Precompute | None, requirements: Requirements, refresh_h: float) -> float:
    """Keys that one run of the batch job has to serve: users, items, or the requests between two runs."""
    if precompute is None:
        return 0.0
    if precompute.per == "once":
        return requirements.requests_a_day * refresh_h / 24
    return requirements.daily_users if precompute.per == "user" else requirements.items or 0.0


@lru_cache(maxsize=8_000)
def _projected(case: ById, measured: ById, of: _Of) -> Projected:
    laws = recorded_laws()

    def law_of(part: GrowingPart, effort: int) -> tuple[Law | LinearLaw, float] | None:
        if isinstance(part, IndexPart):  # both times of a ratio from the same machine
            return laws.index_law(part.kind, part.dim, effort or part.effort)
        fit = fit_of(of.slug, of.design, of.seed, part)
        return None if fit is None else (fit.law, fit.error)

    def retune(part: IndexPart, size: float) -> int | None:
        return laws.retuned(of.slug, part.kind, part.effort, part.items, size)

    parts = case.value.scaling_parts(of.design, measured.value)
    return project(parts, measured.value, of.size, law_of, retune)


def quality_at(
    case: Case, design: Design, estimate: Covered, projection: Projected, first: bool = True
) -> Carried:  # fmt: skip
    """A quality at the size of a projection; others than the case's `first` are judged only where nothing grows."""
    growth = case.quality_growth(design) if case.quality_growth else None
    if growth is not None and growth.at is not None and not first:
        growth = None
    law = recorded_laws().quality.get((case.slug, growth.like)) if growth else None
    ends = (estimate.value, estimate.low, estimate.high)
    carried = carry(ends, case.qualities[0].better, growth, law, projection.base, projection.items)
    if carried.judged and projection.untuned:
        carried = Carried(*ends, False, f"no law says which effort keeps the recall of the {projection.untuned[0]}")
    return replace(carried, covers=estimate.covers)
