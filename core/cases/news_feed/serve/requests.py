"""What one request waits for: every stage of it timed alone."""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.world import AGES, NOW, World, count_recent
from core.cases.news_feed.features import Logged, width
from core.cases.news_feed.model.heads import Scorer
from core.cases.news_feed.serve.everyone import Gathered, Kept
from core.cases.news_feed.serve.fanout import Shelves
from core.cases.news_feed.serve.funnel import first_of, gatherer, preranker, ranker, values_of
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def time_look_up(reader: SnapshotReader) -> Timing:
    """Reading a stored feed, N_TIMED times."""
    return time_each(lambda i: reader.get(i % reader.rows), N_TIMED)


def time_cache(world: World, cache_min: float) -> Timing:
    """Asking the cache for a feed of an earlier visit, N_TIMED times."""
    held = {i: np.arange(10) for i in np.flatnonzero(cached(world, cache_min)).tolist()}
    n = world.n_readers
    return time_each(lambda i: held.get(i % n), N_TIMED)


def cached(world: World, cache_min: float) -> np.ndarray:
    """Whose earlier visit was less than `cache_min` ago (q,)."""
    return world.readers.hours_away * 60 < cache_min


def time_gathering(world: World, shelves: Shelves, cap: int) -> Timing:
    """Gathering candidates, N_TIMED times."""
    gather, n = gatherer(world, shelves, cap), world.n_readers
    return time_each(lambda i: gather(i % n, NOW), N_TIMED)


def time_preranking(
    gathered: Gathered, world: World, logged: Logged, kind: str, cut: int, dim: int, lag_h: float
) -> Timing:
    """The pre-ranker alone over what was gathered at NOW, N_TIMED times."""
    prerank, n = preranker(world, logged, kind, cut, dim, lag_h), world.n_readers
    candidates = [gathered.of(i) for i in range(n)]
    return time_each(lambda i: prerank(i % n, NOW, candidates[i % n]), N_TIMED)


def time_ranking(
    kept: Kept, world: World, logged: Logged, scorer: Scorer, dim: int, heads: str, lag_h: float
) -> Timing:
    """Features and heads of what survived at NOW, N_TIMED times."""
    rank, n = ranker(world, logged.past, scorer, dim, heads, lag_h), world.n_readers
    posts = [kept.of(i) for i in range(n)]
    return time_each(lambda i: rank(i % n, NOW, posts[i % n]), N_TIMED)


def time_ordering(predicted: np.ndarray, kept: Kept, world: World, most: int) -> Timing:
    """Worth of each survivor, and the ten best with the limit an author, N_TIMED times."""
    values = values_of(6, 8, 10, 1)
    author = world.posts.author[kept.post]
    parts = [(predicted[a:b], author[a:b]) for a, b in zip(kept.ptr[:-1], kept.ptr[1:], strict=True)]
    n = len(parts)

    def order(i: int) -> np.ndarray:
        chances, who = parts[i % n]
        return first_of(chances @ values, who, most)

    return time_each(order, N_TIMED)


def replica_bytes(world: World, logged: Logged, shelves: Shelves, dim: int) -> dict[str, int]:
    """Bytes that a replica holds beside its model: readers' past, recent posts with their features, and inboxes."""
    post_bytes = 4 * (width(dim) + 2 * len(AGES) + 2)
    return {
        "readers' past": sum(part.nbytes for part in vars(logged.past).values()),
        "recent posts": count_recent(world) * post_bytes,
        "inboxes": shelves.inbox_bytes + shelves.pulled.nbytes,
    }
