"""From a reader who opens the feed to ten posts: gather, pre-rank, rank, order. Each stage answers one request."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.cases.news_feed.data.world import HEADS, REFERENCE, WINDOW_H, World
from core.cases.news_feed.features import LIGHT, PRIOR_LIKES, PRIOR_VIEWS, Logged, Past, age_bin, features
from core.cases.news_feed.model.heads import Scorer
from core.cases.news_feed.serve.fanout import Shelves

K = 10
PRERANKERS = {"none": "none", "newest": "newest first", "light": "light linear model"}


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
