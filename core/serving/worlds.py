"""What a quality of a design is over worlds: the headline's figure and what its interval covers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from core.contract.case import Case, Estimate
from core.contract.design import Design
from core.metrics.worlds import Span, agree_too_well, over_worlds
from core.runtime.worlds import WORLDS, World, spread_of

ENOUGH = 3  # worlds with which their interval is the headline's


@dataclass(frozen=True)
class Covered:
    """A quality with its 95 % interval, and in a few words what the interval covers."""

    value: float
    low: float
    high: float
    covers: str


def within_world(estimate: Estimate) -> Covered:
    """The quality of one world, its interval over the units alone: what designs of one world are compared by."""
    return Covered(estimate.value, estimate.low, estimate.high, f"95 % over {_units(estimate)} of one world")


def of_worlds(case: Case, design: Design, seed: int, key: str, estimate: Estimate) -> Covered:
    """The mean over the worlds that were graded, else the one world's with the recorded spread between worlds."""
    worlds = WORLDS.known(case, design, seed)
    if len(worlds) == 1:
        alone = within_world(estimate)
        return Covered(alone.value, alone.low, alone.high, f"95 % over {_units(estimate)}; no seed draws other data")
    graded = [world for world in worlds if key in world.quality]
    return _over(graded, key, estimate) if len(graded) >= ENOUGH else _recorded(case, design, key, estimate)


def _over(worlds: Sequence[World], key: str, estimate: Estimate) -> Covered:
    spans = [world.quality[key] for world in worlds]
    shared = any(key in world.shared for world in worlds) or agree_too_well(spans)
    span = over_worlds(spans, shared)
    drawn = f"{len(worlds)} seeds and the same {_units(estimate)}" if shared else (
        f"{len(worlds)} drawn worlds of {_units(estimate)}"
    )  # fmt: skip
    return _covered(span, estimate, f"95 % over {drawn}")


def _recorded(case: Case, design: Design, key: str, estimate: Estimate) -> Covered:
    spread, alone = spread_of(case, design, key), within_world(estimate)
    if spread is None:
        return alone
    half = spread.half_width(design)
    if not half:
        covers = f"95 % over {_units(estimate)}; recorded worlds stray no further"
        return Covered(alone.value, alone.low, alone.high, covers)
    span = Span(estimate.value, estimate.low, estimate.high).widened(half)
    return _covered(span, estimate, f"95 % over {_units(estimate)} of one world and the recorded spread of worlds")


def _units(estimate: Estimate) -> str:
    return f"{estimate.n_units:,} {estimate.unit}"


def _covered(span: Span, estimate: Estimate, covers: str) -> Covered:
    """No mean leaves the range of its values, as far as these are shares or counts."""
    values = estimate.per_query if estimate.per_query.size else np.array([estimate.value])  # a recorded one has none
    least = 0.0 if values.min() >= 0 else -inf
    most = 1.0 if values.max() <= 1 else inf
    return Covered(span.value, max(least, span.low), min(most, span.high), covers)
