"""From a reader who opens the feed to ten posts: gather, pre-rank, rank, order. Each stage answers one request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.features import LIGHT, PRIOR_LIKES, PRIOR_VIEWS, Logged, Past, age_bin, features
from core.cases.news_feed.models import Scorer
from core.cases.news_feed.world import HEADS, NOW, REFERENCE, WINDOW_H, World, recent

K = 10
OLDEST_H = 12.0  # a feed shown now may be so old: half of a day between refreshes
PRERANKERS = {"none": "none", "newest": "newest first", "light": "light linear model"}


@dataclass(frozen=True)
class Shelves:
    """Where posts wait for readers.

    Inboxes (CSR by reader, newest first) hold what was pushed; `pulled` lists each reader's authors whose posts are
    read at the visit, from `timeline` (first and last post of each author, newest last). `seen` (CSR) are posts shown.
    """

    inbox_ptr: np.ndarray
    inbox: np.ndarray
    inbox_hour: np.ndarray
    pulled_ptr: np.ndarray
    pulled: np.ndarray
    timeline: np.ndarray  # (n_authors, 2)
    seen_ptr: np.ndarray
    seen: np.ndarray

    @property
    def inbox_bytes(self) -> int:
        """Bytes that inboxes take: post and hour."""
        return self.inbox.nbytes + self.inbox_hour.nbytes


def fan_out(world: World, fanout: str, threshold: int) -> Shelves:
    """Fill the inboxes and note whose lists each reader has to read."""
    follows, posts = world.follows, world.posts
    pushed = follows.followers <= threshold if fanout == "hybrid" else np.full(len(follows.followers), fanout == "push")
    first = np.searchsorted(posts.key, np.arange(len(pushed)) * 1e4 + NOW - WINDOW_H - OLDEST_H)
    last = np.searchsorted(posts.key, np.arange(len(pushed)) * 1e4 + NOW, side="right")
    n_readers = world.n_readers
    reader = np.repeat(np.arange(n_readers), np.diff(follows.ptr))
    into = pushed[follows.authors]
    owner, who = reader[into], follows.authors[into]
    length = last[who] - first[who]
    row = np.repeat(np.arange(len(who)), length)
    post = first[who][row] + np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
    order = np.lexsort((-posts.hour[post], owner[row]))
    inbox = post[order].astype(np.int32)
    log = world.log
    shown = np.lexsort((log.post, log.reader))
    return Shelves(
        _starts(owner[row], n_readers), inbox, posts.hour[inbox],
        _starts(reader[~into], n_readers), follows.authors[~into],
        np.column_stack([first, last]).astype(np.int32),
        _starts(log.reader, n_readers), log.post[shown],
    )  # fmt: skip


def _starts(owner: np.ndarray, n: int) -> np.ndarray:
    """Where each owner's entries begin (n + 1,) in a list sorted by owner."""
    return np.concatenate([[0], np.bincount(owner, minlength=n).cumsum()])


def gatherer(world: World, shelves: Shelves, cap: int) -> Callable[[int, float], np.ndarray]:
    """A function from a reader and an hour to the newest `cap` unseen posts of the last two days, newest first."""
    hours, timeline = world.posts.hour, shelves.timeline.tolist()
    inbox_ptr, pulled_ptr, seen_ptr = (p.tolist() for p in (shelves.inbox_ptr, shelves.pulled_ptr, shelves.seen_ptr))

    def gather(reader: int, hour: float) -> np.ndarray:
        box = shelves.inbox[inbox_ptr[reader] : inbox_ptr[reader + 1]]
        lists = shelves.pulled[pulled_ptr[reader] : pulled_ptr[reader + 1]].tolist()
        if lists:
            box = np.concatenate([box, *(np.arange(*timeline[author]) for author in lists)])
        at = hours[box]
        kept = (at <= hour) & (at >= hour - WINDOW_H)
        box, at = box[kept], at[kept]
        if lists:
            order = np.argsort(-at, kind="stable")
            box = box[order]
        return box[unseen(box, shelves.seen[seen_ptr[reader] : seen_ptr[reader + 1]])][:cap]

    return gather


def unseen(posts: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Which posts (n,) are not among those seen, given in rising order."""
    if not len(seen):
        return np.ones(len(posts), bool)
    return seen[np.minimum(np.searchsorted(seen, posts), len(seen) - 1)] != posts


def preranker(
    world: World, logged: Logged, kind: str, cut: int, dim: int, lag_h: float
) -> Callable[[int, float, np.ndarray], np.ndarray]:
    """A function that keeps `cut` of the posts (n,) gathered for a reader at an hour, those that look best to it."""
    if kind not in PRERANKERS:
        raise ValueError(f"no pre-ranker {kind!r}: choose one of {', '.join(PRERANKERS)}")
    if kind == "none":
        return lambda reader, hour, posts: posts
    if kind == "newest":
        return lambda reader, hour, posts: posts[:cut]  # they come newest first

    weights, past, p, follows = logged.light[: len(LIGHT)], logged.past, world.posts, world.follows

    def light(reader: int, hour: float, posts: np.ndarray) -> np.ndarray:
        if len(posts) <= cut:
            return posts
        author, age = p.author[posts], hour - p.hour[posts]
        at = age_bin(age - lag_h)
        score = p.content.take(posts, axis=0)[:, :dim] @ (past.interest[reader, :dim] * weights[0])
        score += np.log((p.likes[posts, at] + PRIOR_LIKES) / (p.views[posts, at] + PRIOR_VIEWS)) * weights[1]
        score += age * (weights[2] / WINDOW_H) + np.exp2(age * (-1 / 6)) * weights[3]
        score += follows.same_domain(reader, author) * weights[4] + np.log1p(follows.followers[author]) * weights[5]
        return posts[np.argpartition(-score, cut - 1)[:cut]]

    return light


def ranker(
    world: World, past: Past, scorer: Scorer, dim: int, heads: str, lag_h: float
) -> Callable[[int, float, np.ndarray], np.ndarray]:
    """A function to the predictions (n, len(HEADS)) for posts (n,) shown to a reader at an hour."""

    def rank(reader: int, hour: float, posts: np.ndarray) -> np.ndarray:
        return scorer(features(world, past, reader, posts, hour, lag_h, dim, heads))

    return rank


def values_of(comment: float, share: float, hide: float, dwell: float) -> np.ndarray:
    """What one of each head is worth (len(HEADS),): a click is 1, a like 2; hides cost; dwell is for 10 seconds."""
    values = REFERENCE.copy()
    for name, value in (("comment", comment), ("share", share), ("hide", -hide), ("dwell", dwell / 10)):
        values[HEADS.index(name)] = value
    return values


def first_of(worth: np.ndarray, author: np.ndarray, most: int) -> np.ndarray:
    """Positions of the K best by worth (n,), at most `most` of one author while others are left; 0 for no limit."""
    order = np.argsort(-worth, kind="stable")
    if not most:
        return order[:K]
    taken: dict[int, int] = {}
    kept, spare = [], []
    for at, who in zip(order.tolist(), author[order].tolist(), strict=True):
        if taken.get(who, 0) < most:
            taken[who] = taken.get(who, 0) + 1
            kept.append(at)
            if len(kept) == K:
                return np.array(kept)
        else:
            spare.append(at)
    return np.array([*kept, *spare][:K], np.int64)


# All requests.


@dataclass(frozen=True)
class Gathered:
    """Candidates of all requests: post (n,), newest first, starts (q + 1,), and the hour each is answered for (q,)."""

    post: np.ndarray
    ptr: np.ndarray
    asked: np.ndarray

    def of(self, i: int) -> np.ndarray:
        """The candidates of request i."""
        return self.post[self.ptr[i] : self.ptr[i + 1]]


@dataclass(frozen=True)
class Kept:
    """Posts that survive to the ranker, request by request: post (n,), starts (q + 1,), and how many came in (q,)."""

    post: np.ndarray
    ptr: np.ndarray
    n_gathered: np.ndarray
    asked: np.ndarray  # (q,) the hour as of which each request is answered

    def of(self, i: int) -> np.ndarray:
        """The survivors of request i."""
        return self.post[self.ptr[i] : self.ptr[i + 1]]


def asked_hours(world: World, batch_h: float, cache_min: float) -> np.ndarray:
    """The hour as of which each reader's feed is made: NOW, the last batch, or a visit that is still in the cache."""
    away = world.readers.hours_away
    return np.where(away * 60 < cache_min, NOW - away, NOW - batch_h).astype(np.float64)


def collect(world: World, shelves: Shelves, cap: int, batch_h: float, cache_min: float) -> Gathered:
    """Gather for every reader."""
    gather, asked = gatherer(world, shelves, cap), asked_hours(world, batch_h, cache_min)
    found = [gather(reader, hour) for reader, hour in enumerate(asked.tolist())]
    return Gathered(np.concatenate(found), np.cumsum([0, *map(len, found)]), asked)


def select(gathered: Gathered, world: World, logged: Logged, kind: str, cut: int, dim: int, lag_h: float) -> Kept:
    """Pre-rank for every reader."""
    prerank, asked = preranker(world, logged, kind, cut, dim, lag_h), gathered.asked.tolist()
    kept = [np.sort(prerank(reader, hour, gathered.of(reader))) for reader, hour in enumerate(asked)]
    ptr = np.cumsum([0, *map(len, kept)])
    return Kept(np.concatenate(kept).astype(np.int32), ptr, np.diff(gathered.ptr), gathered.asked)


def predict(
    kept: Kept, world: World, logged: Logged, scorer: Scorer, dim: int, heads: str, lag_h: float
) -> np.ndarray:  # fmt: skip
    """Predictions (n, len(HEADS)) for every survivor of every request, float32."""
    if scorer.by_request:
        rank = ranker(world, logged.past, scorer, dim, heads, lag_h)
        parts = [
            rank(i, kept.asked[i], kept.post[a:b]) for i, (a, b) in enumerate(zip(kept.ptr, kept.ptr[1:], strict=False))
        ]
        return np.concatenate(parts)
    reader = np.repeat(np.arange(len(kept.asked)), np.diff(kept.ptr))
    return scorer(features(world, logged.past, reader, kept.post, kept.asked[reader], lag_h, dim, heads))


def order(
    kept: Kept, predicted: np.ndarray, world: World, most: int, comment: float, share: float, hide: float, dwell: float
) -> np.ndarray:
    """The feeds (q, K): post ids, best first, -1 where there are fewer."""
    worth = predicted @ values_of(comment, share, hide, dwell)
    author = world.posts.author[kept.post]
    feeds = np.full((len(kept.asked), K), -1, np.int64)
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
