"""Exact vs ANN crossover: the size from which an approximate index is faster, by runs, and what fits in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

import cachetools
import numpy as np

from core.metrics import recall_with_ties
from core.runtime.calls import there
from core.scaling.laws import index_bytes
from core.scaling.samples import Cancelled, K, Progress, clustered, time_in_turns
from core.stages.index import EFFORTS, INDEXES, BuiltIndex, build_index, exact_neighbours, inner_products, search

LEAST, MOST = 128, 32_768  # sizes: doubled until the index wins, then bisected
HALVINGS = 3
N_QUERIES = 100
FLOOR = 0.95


@dataclass(frozen=True)
class Point:
    """Both indexes at one size: median µs and comparisons per search, the effort that meets the recall floor.

    `effort` is 0 and the approximate figures are infinite where no effort meets the floor.
    """

    n: int
    flat_us: float
    approximate_us: float
    flat_distances: float
    approximate_distances: float
    effort: int
    recall: float

    @property
    def flat_wins(self) -> bool:
        """True where exact search is at least as fast."""
        return self.flat_us <= self.approximate_us


@dataclass(frozen=True)
class Crossover:
    """Every size that was run, in increasing order, and the sizes where the winner changes."""

    kind: str
    dim: int
    floor: float
    points: tuple[Point, ...]

    @property
    def last_flat(self) -> int:
        """The largest size, below the index's first win, at which exact search wins; 0 if there is none."""
        before = [point.n for point in self.points if self.first_index == 0 or point.n < self.first_index]
        return max((n for n in before if self._at(n).flat_wins), default=0)

    @property
    def first_index(self) -> int:
        """The smallest size from which the index wins at every size run; 0 if it loses at the last."""
        losing = [point.n for point in self.points if point.flat_wins]
        winning = [point.n for point in self.points if point.n > max(losing, default=0)]
        return min(winning, default=0)

    def _at(self, n: int) -> Point:
        return next(point for point in self.points if point.n == n)


def find_crossover(
    kind: str, dim: int, seed: int, floor: float = FLOOR, *,
    progress: Progress = lambda share, text: None, cancelled: Callable[[], bool] = lambda: False,
    most: int = MOST,
) -> Crossover:  # fmt: skip
    """Run exact search and the index at doubling sizes until the index wins, then bisect the gap.

    Raises ValueError for a flat kind or a floor outside (0, 1], Cancelled on a cancel.
    """
    if kind not in INDEXES or kind == "flat":
        raise ValueError(f"{kind!r} is not an approximate index")
    if not (isfinite(floor) and 0 < floor <= 1):
        raise ValueError(f"the recall that is asked for must be above 0 and at most 1, got {floor}")
    vectors = clustered(most + N_QUERIES, dim, seed)
    queries, trials = vectors[most:].copy(), {}

    def flat_wins(n: int) -> bool:
        if cancelled():
            raise Cancelled("stopped before the next size")
        progress(min(0.95, len(trials) / 12), f"Running both at {n:,} vectors")
        trials[n] = Trial.of(kind, vectors[:n], queries, floor, seed)
        return time_all([trials[n]], queries)[0].flat_wins

    n = LEAST
    while (lost := flat_wins(n)) and 2 * n <= most:
        n *= 2
    low, high = n // 2, n
    for _ in range(HALVINGS if not lost and n > LEAST else 0):
        middle = round((low * high) ** 0.5)
        low, high = (middle, high) if flat_wins(middle) else (low, middle)
    progress(0.97, "Timing all sizes once more, in turn")
    return Crossover(kind, dim, floor, tuple(time_all([trials[size] for size in sorted(trials)], queries)))


@dataclass(frozen=True)
class Trial:
    """Both indexes at one size, and the least effort of the approximate one that meets the recall floor (0: none)."""

    flat: BuiltIndex
    approximate: BuiltIndex
    effort: int
    recall: float
    distances: float

    @classmethod
    def of(cls, kind: str, vectors: np.ndarray, queries: np.ndarray, floor: float, seed: int) -> Trial:
        """Build both indexes over the same vectors."""
        flat, approximate = (build_index(vectors, kind=index_kind, seed=seed) for index_kind in ("flat", kind))
        return cls(flat, approximate, *least_effort(approximate, vectors, queries, floor))


def time_all(trials: list[Trial], queries: np.ndarray) -> list[Point]:
    """A point per size; all indexes are timed in turn, within the same minutes."""
    reached = [trial for trial in trials if trial.effort]
    built = [trial.flat for trial in trials] + [trial.approximate for trial in reached]
    times = time_in_turns(built, queries, [1] * len(trials) + [trial.effort for trial in reached])
    of_other = dict(zip([trial.flat.n for trial in reached], times[len(trials) :].tolist(), strict=True))
    return [
        Point(t.flat.n, us, of_other.get(t.flat.n, inf), float(t.flat.n), t.distances, t.effort, t.recall)
        for t, us in zip(trials, times[: len(trials)].tolist(), strict=True)
    ]


def least_effort(built: BuiltIndex, vectors: np.ndarray, queries: np.ndarray, floor: float) -> tuple[int, float, float]:
    """(effort, recall@10, comparisons) of the cheapest setting that meets the floor; effort 0 without one.

    Any vector as near as the tenth nearest counts: which of several equal ones is found makes no difference.
    """
    recall, distances = 0.0, inf
    best = inner_products(vectors, queries, exact_neighbours(vectors, queries, K))
    for effort in EFFORTS if INDEXES[built.kind].effort_name else (1,):
        result = search(built, queries, k=K, effort=effort)
        recall = float(recall_with_ties(inner_products(vectors, queries, result.ids), best, K).mean())
        distances = float(result.n_distances.mean())
        if recall >= floor:
            return effort, recall, distances
    return 0, recall, distances


_CROSSOVERS: cachetools.LRUCache = cachetools.LRUCache(200)
_LOCK = threading.Lock()


def cached_crossover(kind: str, dim: int, seed: int, floor: float = FLOOR) -> Crossover | None:
    """The crossover if `crossover_for` has run it, else None."""
    with _LOCK:
        return _CROSSOVERS.get((kind, dim, seed, floor))


def crossover_for(
    kind: str, dim: int, seed: int, floor: float = FLOOR, *,
    progress: Progress = lambda share, text: None, cancelled: Callable[[], bool] = lambda: False,
) -> Crossover:  # fmt: skip
    """`find_crossover`, cached."""
    key = (kind, dim, seed, floor)
    known = cached_crossover(*key)
    if known is None:
        known = there(find_crossover, *key, progress=progress, cancelled=cancelled)
        with _LOCK:
            _CROSSOVERS[key] = known
    return known


@dataclass(frozen=True)
class MemoryFit:
    """An index kind on one machine: bytes per vector, the most items it holds, and machines for the given items."""

    kind: str
    bytes_each: float
    most_items: int
    machines: int


def memory_fits(dim: int, items: float, machine_bytes: float, headroom: float) -> tuple[MemoryFit, ...]:
    """Every index kind by its memory law, largest vectors first; ValueError without a machine or items."""
    for name, value in (("items", items), ("memory of a machine", machine_bytes), ("headroom", headroom)):
        if not (isfinite(value) and value >= 1):
            raise ValueError(f"{name} must be at least 1, got {value:g}")
    room = machine_bytes / headroom
    fits = []
    for kind in INDEXES:
        total = index_bytes(kind, items, dim)
        fits.append(MemoryFit(kind, total / int(items), most_items(kind, dim, room), max(1, int(-(-total // room)))))
    return tuple(sorted(fits, key=lambda fit: -fit.bytes_each))


def most_items(kind: str, dim: int, room_bytes: float) -> int:
    """The largest number of vectors whose index fits in a number of bytes; 0 when not even one does."""
    low, high = 0, int(room_bytes) + 1  # a vector takes at least one byte
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if index_bytes(kind, middle, dim) <= room_bytes else (low, middle)
    return low
