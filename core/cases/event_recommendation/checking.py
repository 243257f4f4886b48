"""What the truth checks of event recommendation have in common: runs, stages and comparisons."""

from __future__ import annotations

from typing import Any

from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.pipeline import run, stages
from core.contract.case import Measurement
from core.contract.design import canonical
from core.metrics import PairedDifference, paired_difference


def measured(seed: int, **choices: object) -> Measurement:
    """The default design with some choices."""
    return run(canonical(EventRecommendation(**choices)), seed=seed)


def of_stage(name: str, seed: int, **choices: object) -> Any:
    """What a stage of the default design, with some choices, hands on."""
    return stages(canonical(EventRecommendation(**choices)), seed)[name].value


def quality(m: Measurement, key: str = "map") -> float:
    """A quality's mean."""
    return m.quality[key].value


def gain(key: str, one: Measurement, other: Measurement, seed: int) -> PairedDifference:
    """How much `one` has over `other` on the same people."""
    return paired_difference(one.quality[key].per_query, other.quality[key].per_query, seed)


def interval_of(difference: PairedDifference) -> str:
    """A difference with its interval."""
    return f"{difference.mean:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"
