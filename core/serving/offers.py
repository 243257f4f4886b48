"""What to take instead: the cheapest, the fastest and the best of the measured designs that can ship."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.serving.evaluate import Evaluated
from core.serving.slo import Constraint


@dataclass(frozen=True)
class Offer:
    """A design to take: what it is best at, and what it gives up where nothing meets everything."""

    title: str
    evaluated: Evaluated
    gives_up: tuple[Constraint, ...] = ()


def offers(measured: Iterable[Evaluated]) -> tuple[Offer, ...]:
    """The cheapest, the fastest and the best design that meet everything; where none does, the closest one alone.

    Closest is the one whose worst constraint is exceeded least. Empty when nothing was measured.
    """
    everything = list(measured)
    feasible = [evaluated for evaluated in everything if evaluated.feasible]
    if feasible:
        return (
            Offer("cheapest", min(feasible, key=lambda e: (_usd(e), -_quality(e)))),
            Offer("fastest", min(feasible, key=lambda e: (e.assessment.p99_ms, -_quality(e)))),
            Offer("best", max(feasible, key=lambda e: (_quality(e), -_usd(e)))),
        )
    if not everything:
        return ()
    closest = min(everything, key=lambda e: (e.binding.strain, _usd(e)))
    return (Offer("closest", closest, tuple(limit for limit in closest.constraints if not limit.met)),)


def _usd(evaluated: Evaluated) -> float:
    return evaluated.assessment.total_usd


def _quality(evaluated: Evaluated) -> float:
    """The case's first quality, larger is better; 0 where the design does not report it."""
    axis, quality = evaluated.case.qualities[0], evaluated.measured.quality
    value = quality[axis.key].value if axis.key in quality else 0.0
    return value if axis.better == "higher" else -value
