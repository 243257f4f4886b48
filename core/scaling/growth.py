"""How the times of one part change with its items, by the law of its search or of its line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.contract.scaling_spec import GrowingPart, IndexPart, LinearPart
from core.runtime.identity import ById
from core.scaling.laws import MOST_TIMES, OTHER_MACHINE, Law, LinearLaw, band_factor

# part, effort → its law and the law's error, or None where none is known; 0 for the effort of the design
LawOf = Callable[[GrowingPart, int], tuple[Law | LinearLaw, float] | None]
Retune = Callable[[IndexPart, float], int | None]  # part, items of a shard → the effort that keeps the recall


@dataclass(frozen=True)
class Grown:
    """The times (n,) of one part on one shard, its factors of work and error, and whether its law covers the size."""

    ms: np.ndarray
    times: float = 1.0
    band: float = 1.0
    effort: int | None = 0  # None where no law says which one keeps the recall
    covered: bool = True
    moved: bool = False  # whether the times are others than the measured ones


@dataclass(frozen=True)
class _Times:
    """What measured times say however they grow: their median, and the 5th, 50th and 95th percentile."""

    usual: float
    quantiles: tuple[float, float, float]


@lru_cache(maxsize=8_000)
def _times(now: ById) -> _Times | None:
    """Of the times that were computed, those above 0; None without one. The array is never written to."""
    some = now.value[now.value > 0]
    return _Times(float(np.median(some)), tuple(np.quantile(some, (0.05, 0.5, 0.95)))) if some.size else None


NO_TIMES = np.zeros(0)  # of a part that no request waits for


def grow(part: GrowingPart, size: float, now: np.ndarray | None, law_of: LawOf, retune: Retune) -> Grown:
    """A part at `size` items of one shard; a part without a time of its own, or answered from a store, keeps it."""
    computed = now is not None and _times(ById(now)) is not None
    if (not computed and not part.in_job) or size == part.items:
        return Grown(NO_TIMES if now is None else now)
    grow = _index_times if isinstance(part, IndexPart) else _linear_times
    change = grow(part, size, law_of, retune)
    if not computed:  # the job's own time, which no request waits for, follows from counting its work
        return replace(change, covered=change.covered or isinstance(part, LinearPart))
    usual = _times(ById(now)).usual
    times = 1 + _own_share(part, usual, law_of) * (change.times - 1)
    return replace(change, ms=stretched(now, usual * (times - 1)), times=times, moved=True)


def _own_share(part: GrowingPart, usual_ms: float, law_of: LawOf) -> float:
    """The share of a part's time that grows: a search that takes longer than a law of its kind says does other work.

    That other work, such as keeping the best hundreds, is the same over more items. A part that is one line of items
    has its fixed time in that line.
    """
    known = law_of(part, 0)
    if not isinstance(part, IndexPart) or known is None:
        return 1.0
    return min(1.0, OTHER_MACHINE * known[0].time_us(part.items) / 1e3 / usual_ms)


def _index_times(part: IndexPart, size: float, law_of: LawOf, retune: Retune) -> Grown:
    """How the search of an index grows."""
    effort = retune(part, size)
    now, then = law_of(part, 0), law_of(part, effort or 0)
    if now is None or then is None:
        worst = size / part.items  # as slow as a scan
        return Grown(NO_TIMES, worst, band_factor(size, part.items), effort, covered=False)
    (before, _), (after, error) = now, then
    covered = effort is not None and size / after.largest <= MOST_TIMES
    times = after.time_us(size) / before.time_us(part.items)
    return Grown(NO_TIMES, times, band_factor(size, after.largest, error), effort, covered)


def _linear_times(part: LinearPart, size: float, law_of: LawOf, retune: Retune) -> Grown:
    """How work over every item grows, which has no effort to tune."""
    known = law_of(part, 0)
    if known is None:
        covered = size / part.items <= MOST_TIMES
        return Grown(NO_TIMES, size / part.items, band_factor(size, part.items), covered=covered)
    law, error = known
    times = law.time_us(size) / law.time_us(part.items)
    return Grown(NO_TIMES, times, band_factor(size, law.largest, error), covered=size / law.largest <= MOST_TIMES)


def stretched(now: np.ndarray, added_ms: float) -> np.ndarray:
    """Times (n,) with the median moved by `added_ms`, in proportion to the work of a request.

    Times above the 95th percentile count as machine stalls: they grow no more than the 95th percentile does.
    """
    computed, (low, middle, high) = now > 0, _times(ById(now)).quantiles
    if added_ms < 0:
        return now * max(0.0, 1 + added_ms / middle)
    return now + added_ms * np.clip(now, low, high) / middle * computed
