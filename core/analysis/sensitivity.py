"""Sensitivity, one knob at a time: the measured neighbours of a design and the largest move of each knob."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.analysis.explain import move
from core.contract.case import SEED, Case, Measurement, paired_change
from core.contract.design import Design, knobs, neighbours


@dataclass(frozen=True)
class Effect:
    """The effect of one move: on the first quality, with its interval, and on the p99 as a factor."""

    knob: str
    move: str
    gained: float
    low: float
    high: float
    p99_factor: float


def effects(case: Case, design: Design, known: Mapping[Design, Measurement], seed: int = SEED) -> list[Effect]:
    """For each knob, the measured move that changes the first quality most; largest first."""
    largest: dict[str, Effect] = {}
    for name, neighbour in neighbours(design):
        effect = _effect(case, design, neighbour, known, name, seed) if neighbour in known else None
        if effect is not None and abs(effect.gained) > abs(largest.get(name, _NOTHING).gained):
            largest[name] = effect
    return sorted(largest.values(), key=lambda effect: -abs(effect.gained))


_NOTHING = Effect("", "", 0.0, 0.0, 0.0, 1.0)


def _effect(
    case: Case, design: Design, neighbour: Design, known: Mapping[Design, Measurement], name: str, seed: int
) -> Effect | None:
    """The effect of one move; None where the two runs did not answer the same queries."""
    key, before, after = case.qualities[0].key, known[design], known[neighbour]
    if key not in before.quality or key not in after.quality:
        return None
    gained = paired_change(before.quality[key], after.quality[key], seed)
    if gained is None:
        return None
    factor = after.percentiles_ms["p99"].value / before.percentiles_ms["p99"].value
    return Effect(
        knobs(type(design))[name].label, move(design, neighbour), gained.mean, gained.low, gained.high, factor
    )
