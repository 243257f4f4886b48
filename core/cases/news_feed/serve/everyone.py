"""All readers' requests at once: the funnel, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.world import NOW, World, recent
from core.cases.news_feed.features import Logged, features
from core.cases.news_feed.model.heads import Scorer
from core.cases.news_feed.serve.fanout import Shelves
from core.cases.news_feed.serve.funnel import K, first_of, gatherer, preranker, ranker, unseen, values_of


@dataclass(frozen=True)
class Gathered:
    """Candidates of all requests: post (n,), newest first, starts (q + 1,), and the hour each is answered for (q,)."""

    post: np.ndarray
    ptr: np.ndarray
    hour: np.ndarray

    def of(self, i: int) -> np.ndarray:
        """The candidates of request i."""
        return self.post[self.ptr[i] : self.ptr[i + 1]]


@dataclass(frozen=True)
class Kept:
    """Posts that survive to the ranker, request by request: post (n,), starts (q + 1,), and how many came in (q,)."""

    post: np.ndarray
    ptr: np.ndarray
    n_gathered: np.ndarray
    hour: np.ndarray  # (q,) the hour as of which each request is answered

    def of(self, i: int) -> np.ndarray:
        """The survivors of request i."""
        return self.post[self.ptr[i] : self.ptr[i + 1]]


def asked_hours(world: World, batch_h: float, cache_min: float) -> np.ndarray:
    """The hour as of which each reader's feed is made: NOW, the last batch, or a visit that is still in the cache."""
    away = world.readers.hours_away
    return np.where(away * 60 < cache_min, NOW - away, NOW - batch_h).astype(np.float64)


def collect(world: World, shelves: Shelves, cap: int, batch_h: float, cache_min: float) -> Gathered:
    """Gather for every reader."""
    gather, hour = gatherer(world, shelves, cap), asked_hours(world, batch_h, cache_min)
    posts = [gather(reader, at) for reader, at in enumerate(hour.tolist())]
    return Gathered(np.concatenate(posts), np.cumsum([0, *map(len, posts)]), hour)


def select(gathered: Gathered, world: World, logged: Logged, kind: str, cut: int, dim: int, lag_h: float) -> Kept:
    """Pre-rank for every reader."""
    prerank, hours = preranker(world, logged, kind, cut, dim, lag_h), gathered.hour.tolist()
    kept = [np.sort(prerank(reader, hour, gathered.of(reader))) for reader, hour in enumerate(hours)]
    ptr = np.cumsum([0, *map(len, kept)])
    return Kept(np.concatenate(kept).astype(np.int32), ptr, np.diff(gathered.ptr), gathered.hour)


def predict(kept: Kept, world: World, logged: Logged, scorer: Scorer, dim: int, heads: str, lag_h: float) -> np.ndarray:
    """Predictions (n, len(HEADS)) for every survivor of every request, float32."""
    if scorer.by_request:
        rank = ranker(world, logged.past, scorer, dim, heads, lag_h)
        parts = [
            rank(i, kept.hour[i], kept.post[a:b]) for i, (a, b) in enumerate(zip(kept.ptr, kept.ptr[1:], strict=False))
        ]
        return np.concatenate(parts)
    reader = np.repeat(np.arange(len(kept.hour)), np.diff(kept.ptr))
    return scorer(features(world, logged.past, reader, kept.post, kept.hour[reader], lag_h, dim, heads))


def order(
    kept: Kept, predicted: np.ndarray, world: World, most: int, comment: float, share: float, hide: float, dwell: float
) -> np.ndarray:
    """The feeds (q, K): post ids, best first, -1 where there are fewer."""
    worth = predicted @ values_of(comment, share, hide, dwell)
    author = world.posts.author[kept.post]
    feeds = np.full((len(kept.hour), K), -1, np.int64)
    for i, (a, b) in enumerate(zip(kept.ptr, kept.ptr[1:], strict=False)):
        best = kept.post[a:b][first_of(worth[a:b], author[a:b], most)]
        feeds[i, : len(best)] = best
    return feeds


def unseen_now(world: World) -> tuple[np.ndarray, np.ndarray]:
    """(reader, post) of everything that could be shown at NOW, whatever the design."""
    row, post = recent(world, np.arange(world.n_readers), np.full(world.n_readers, NOW))
    log, width = world.log, np.int64(len(world.posts.hour))
    shown = np.unique(log.reader * width + log.post)
    fresh = unseen(row * width + post, shown)
    return row[fresh], post[fresh]
