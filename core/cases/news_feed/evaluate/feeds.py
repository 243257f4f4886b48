"""What feeds are truly worth, against the best that each reader could get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.laws import chances
from core.cases.news_feed.data.world import HEADS, NOW, REFERENCE, World
from core.cases.news_feed.evaluate.heads import grade_heads
from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.heads import Scorer
from core.cases.news_feed.serve.everyone import unseen_now
from core.cases.news_feed.serve.funnel import K
from core.contract.case import Estimate, estimate
from core.metrics import ndcg_of

FRESH_H = 6.0


@dataclass(frozen=True)
class Truth:
    """What an oracle knows at NOW: the K highest values each reader could get (q, K), and how many posts there are."""

    best: np.ndarray
    there: np.ndarray  # (q,)


def know_truth(world: World) -> Truth:
    """The best feed of each reader at the reference values, over everything unseen of the last two days."""
    row, post = unseen_now(world)
    worth = np.maximum(chances(world, row, post, NOW) @ REFERENCE, 0)
    order = np.lexsort((-worth, row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    best = np.zeros((world.n_readers, K))
    first = place < K
    best[row[first], place[first]] = worth[order][first]
    return Truth(best, np.bincount(row, minlength=world.n_readers))


def true_chances(feeds: np.ndarray, world: World) -> np.ndarray:
    """True chances and seconds (q, K, len(HEADS)) at NOW of what is served, 0 where nothing is."""
    there = feeds >= 0
    reader = np.broadcast_to(np.arange(len(feeds))[:, None], feeds.shape)
    true = np.zeros((*feeds.shape, len(HEADS)))
    true[there] = chances(world, reader[there], feeds[there], NOW)
    return true


def grade(feeds: np.ndarray, truth: Truth, world: World, logged: Logged, scorer: Scorer) -> dict[str, Estimate]:
    """Every quality of the feeds and of the heads behind them."""
    true = true_chances(feeds, world)
    worth = np.maximum(true @ REFERENCE, 0)
    ndcg, passive = ndcg_of(worth, truth.best), world.readers.passive
    there = feeds >= 0
    age = np.where(there, NOW - world.posts.hour[feeds], np.inf)
    per = {
        "value": ndcg,
        "authors": _distinct(world.posts.author[feeds], there) / np.maximum(there.sum(axis=1), 1),
        "fresh": (age < FRESH_H).sum(axis=1) / np.maximum(there.sum(axis=1), 1),
        "clicks": true[:, :, 0].sum(axis=1),
        "shares": true[:, :, HEADS.index("share")].sum(axis=1),
        "hides": true[:, :, HEADS.index("hide")].sum(axis=1),
    }
    per |= {f"value {name}": ndcg[who] for name, who in (("active", ~passive), ("passive", passive)) if who.sum() > 5}
    graded = {name: estimate(values, unit="readers") for name, values in per.items()}
    return graded | grade_heads(logged, scorer)


def _distinct(author: np.ndarray, there: np.ndarray) -> np.ndarray:
    """How many different authors each row (q, K) has."""
    rows = np.sort(np.where(there, author, -1), axis=1)
    return ((np.diff(rows, axis=1) > 0).sum(axis=1) + (rows[:, 0] >= 0)).astype(float)
