"""Alternatives for a design that misses the SLO: the measured designs that meet it best, or that violate it least."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.contract.case import Estimate, estimate
from core.metrics.selection import halves
from core.serving.evaluate import Evaluated
from core.serving.slo import Constraint, too_noisy


@dataclass(frozen=True)
class Offer:
    """An alternative design: what it is best at, and what it gives up where no design meets everything.

    The best of several is chosen on half of the units, and `held_out` is its quality on the others: on those it was
    chosen on, it is the best by luck as well.
    """

    title: str
    evaluated: Evaluated
    gives_up: tuple[Constraint, ...] = ()
    held_out: Estimate | None = None


def offers(measured: Iterable[Evaluated]) -> tuple[Offer, ...]:
    """The cheapest, fastest and best design that meet everything; without one, up to three that violate least.

    Empty when nothing was measured.
    """
    everything = list(measured)
    feasible = [evaluated for evaluated in everything if evaluated.feasible]
    if feasible:
        return (
            Offer("cheapest", min(feasible, key=lambda e: (_usd(e), -_quality(e)))),
            Offer("fastest", min(feasible, key=lambda e: (e.assessment.p99_ms, -_quality(e)))),
            _best(feasible),
        )
    judged = [evaluated for evaluated in everything if not too_noisy(evaluated.measured)]
    return _least_violating(judged or everything)


def _least_violating(measured: list[Evaluated]) -> tuple[Offer, ...]:
    """By the excess of the worst constraint, by the number of those missed, and the cheapest that misses as few.

    A design that is first in several respects is offered for the first of them. Ties go to the smaller excess, then to
    the lower cost and the better quality.
    """
    if not measured:
        return ()
    least = min(map(_counted, measured))
    few = [evaluated for evaluated in measured if _counted(evaluated) == least]
    firsts = {
        "closest": min(measured, key=lambda e: (_surely(e) > 0, e.binding.strain, _counted(e), _usd(e), -_quality(e))),
        "fewest": min(few, key=lambda e: (e.binding.strain, _usd(e), -_quality(e))),
        "cheapest of few": min(few, key=lambda e: (_usd(e), e.binding.strain, -_quality(e))),
    }
    titles = {id(evaluated): title for title, evaluated in reversed(firsts.items())}
    return tuple(Offer(title, e, _missed(e)) for title, e in firsts.items() if titles[id(e)] == title)


def _surely(evaluated: Evaluated) -> int:
    """How many constraints are known to be missed."""
    return sum(limit.verdict == "misses" for limit in evaluated.constraints)


def _counted(evaluated: Evaluated) -> tuple[int, int]:
    """(constraints known to be missed, those not known to be met)."""
    return _surely(evaluated), len(_missed(evaluated))


def _missed(evaluated: Evaluated) -> tuple[Constraint, ...]:
    return tuple(limit for limit in evaluated.constraints if not limit.met)


def _best(feasible: list[Evaluated]) -> Offer:
    best = max(feasible, key=lambda e: (_chosen_on(e), -_usd(e)))
    quality = best.measured.quality.get(best.case.qualities[0].key)
    if quality is None or quality.per_query.size < 2 or len(feasible) == 1:  # no units, or nothing to choose
        return Offer("best", best)
    _, others = halves(quality.per_query.size, quality.clusters)
    clusters = None if quality.clusters is None else quality.clusters[others]
    held_out = estimate(quality.per_query[others], unit=quality.unit, clusters=clusters)
    moved = _by_size(best)
    ends = {name: getattr(held_out, name) + moved for name in ("value", "low", "high")}
    return Offer("best", best, held_out=replace(held_out, **ends))


def _chosen_on(evaluated: Evaluated) -> float:
    """The first quality on the units that designs are chosen on, its sign turned so that larger is better."""
    axis, quality = evaluated.case.qualities[0], evaluated.measured.quality
    if axis.key not in quality:
        return 0.0
    found = quality[axis.key]
    value = found.value
    if found.per_query.size > 1:  # a recorded design has none
        value = float(found.per_query[halves(found.per_query.size, found.clusters)[0]].mean())
    value += _by_size(evaluated)
    return value if axis.better == "higher" else -value


def _usd(evaluated: Evaluated) -> float:
    return evaluated.assessment.total_usd


def _quality(evaluated: Evaluated) -> float:
    """The case's first quality with its sign turned so that larger is better; 0 where it is missing."""
    axis = evaluated.case.qualities[0]
    value = evaluated.within_world.quality(axis.key).value if axis.key in evaluated.measured.quality else 0.0
    return value if axis.better == "higher" else -value


def _by_size(evaluated: Evaluated) -> float:
    """What the size that was asked takes from the first quality, as measured in one world."""
    key = evaluated.case.qualities[0].key
    return evaluated.within_world.quality(key).value - evaluated.measured.quality[key].value
