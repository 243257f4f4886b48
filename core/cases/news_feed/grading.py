"""Judging the feeds: what they are truly worth, what the heads know, and what the page shows of a few readers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.features import Logged
from core.cases.news_feed.feed import K, Kept, unseen_now
from core.cases.news_feed.graph import FANOUTS, fan_out_cost
from core.cases.news_feed.models import Scorer, placements, rows_scored
from core.cases.news_feed.world import ACTIONS, BINARY, HEADS, NOW, REFERENCE, World, chances
from core.contract.case import Estimate, estimate
from core.metrics import bootstrap_interval, ndcg_of

FRESH_H = 6.0
BINS = 5  # for calibration: fewer would hide, more would be noise where a head has a few dozen positives
N_SHOWN = 4  # readers on the page


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
    told = np.zeros((*feeds.shape, len(HEADS)))
    told[there] = chances(world, reader[there], feeds[there], NOW)
    return told


def grade(
    feeds: np.ndarray, truth: Truth, world: World, logged: Logged, scorer: Scorer, seed: int
) -> dict[str, Estimate]:  # fmt: skip
    """Every quality of the feeds and of the heads behind them."""
    told = true_chances(feeds, world)
    worth = np.maximum(told @ REFERENCE, 0)
    ndcg, passive = ndcg_of(worth, truth.best), world.readers.passive
    there = feeds >= 0
    age = np.where(there, NOW - world.posts.hour[feeds], np.inf)
    per = {
        "value": ndcg,
        "authors": _distinct(world.posts.author[feeds], there) / np.maximum(there.sum(axis=1), 1),
        "fresh": (age < FRESH_H).sum(axis=1) / np.maximum(there.sum(axis=1), 1),
        "clicks": told[:, :, 0].sum(axis=1),
        "shares": told[:, :, HEADS.index("share")].sum(axis=1),
        "hides": told[:, :, HEADS.index("hide")].sum(axis=1),
    }
    per |= {f"value {name}": ndcg[who] for name, who in (("active", ~passive), ("passive", passive)) if who.sum() > 5}
    graded = {name: estimate(values, seed) for name, values in per.items()}
    return graded | grade_heads(logged, scorer, seed)


def _distinct(author: np.ndarray, there: np.ndarray) -> np.ndarray:
    """How many different authors each row (q, K) has."""
    rows = np.sort(np.where(there, author, -1), axis=1)
    return ((np.diff(rows, axis=1) > 0).sum(axis=1) + (rows[:, 0] >= 0)).astype(float)


def grade_heads(logged: Logged, scorer: Scorer, seed: int) -> dict[str, Estimate]:
    """AUC of each head on the test rows as it serves (first place for all), and calibration at the places logged."""
    rows = logged.test
    scores = rows_scored(scorer, rows, with_place=False)
    if not scorer.knows:  # one order for all heads, and no chances
        scores = scorer.model.raw(rows.x, None)
    graded = {}
    for head, name in enumerate(BINARY):
        positive = rows.done[:, head] > 0
        if name in scorer.heads and positive.any() and not positive.all():
            graded[f"auc {name}"] = area(scores[:, head], positive)
    if scorer.knows:
        gaps = calibration_gaps(rows_scored(scorer, rows, with_place=True), rows.done)
        graded["calibration"] = _with_interval(gaps, seed)
    return graded


def area(scores: np.ndarray, positive: np.ndarray) -> Estimate:
    """AUC with the interval of DeLong et al. 1988, which costs no resampling; its queries are the positives."""
    of_positives, of_negatives = placements(scores, positive), placements(-scores, ~positive)
    variance = sum(each.var(ddof=1) / len(each) for each in (of_positives, of_negatives) if len(each) > 1)
    value, width = float(of_positives.mean()), 1.96 * float(variance) ** 0.5
    return Estimate(value, max(0.0, value - width), min(1.0, value + width), of_positives)


def calibration_gaps(chance: np.ndarray, done: np.ndarray) -> np.ndarray:
    """Each impression's share (n,) of the calibration error, averaged over the actions.

    For every action rows are put into BINS equal bins by predicted chance; the gap between mean prediction and what
    happened, over the action's base rate, belongs to each row of its bin (expected calibration error, Guo et al. 2017).
    """
    gaps = np.zeros(len(chance))
    for head in range(len(ACTIONS)):
        order = np.argsort(chance[:, head], kind="stable")
        for bin in np.array_split(order, BINS):
            gap = abs(float(chance[bin, head].mean()) - float(done[bin, head].mean()))
            gaps[bin] += gap / max(float(done[:, head].mean()), 1e-6) / len(ACTIONS)
    return gaps


def _with_interval(gaps: np.ndarray, seed: int) -> Estimate:
    """Calibration error with an interval over blocks of rows, for gaps of a bin are all alike."""
    blocks = np.array([each.mean() for each in np.array_split(gaps, 200)])
    low, high = bootstrap_interval(blocks, seed)
    value = float(gaps.mean())
    return Estimate(value, min(low, value), max(high, value), gaps)


# What the page shows.


@dataclass(frozen=True)
class Shown:
    """What the page draws: a few readers' feeds, and the work of each way to fan out (all people of the graph)."""

    readers: tuple[ReaderShown, ...]
    knows: bool  # whether there are predictions
    fan_out: tuple[tuple[str, float, float, float], ...]  # name, writes and reads a person a day, largest burst


@dataclass(frozen=True)
class ReaderShown:
    """One reader: posts that reached the ranker, with predictions (n, len(HEADS)) and true chances (n, len(HEADS))."""

    name: str
    posts: tuple[tuple[str, ...], ...]  # author, topic, format, age
    author: np.ndarray
    predicted: np.ndarray
    true: np.ndarray
    served: np.ndarray  # positions of what was served, best first
    plain: np.ndarray  # the same at the reference values


FORMAT_NAMES = ("text", "link", "photo", "video")
TOPIC_NAMES = ("politics", "football", "cooking", "music", "science", "travel", "film", "gardening")


def show(
    kept: Kept, predicted: np.ndarray, feeds: np.ndarray, plain: np.ndarray, world: World, fanout: str, threshold: int,
    knows: bool,
) -> Shown:  # fmt: skip
    """Two active and two passive readers, whose feeds have ten posts."""
    enough = np.diff(kept.ptr) >= K
    passive = world.readers.passive
    chosen = [i for kind in (~passive, passive) for i in np.flatnonzero(kind & enough)[: N_SHOWN // 2]]
    costs = []
    for name, label in FANOUTS.items():
        cost = fan_out_cost(world.follows.degree, name, threshold)
        people = len(world.follows.degree)
        costs.append((label, cost.writes / people, cost.reads / people, cost.burst))
    readers = tuple(_reader(int(i), kept, predicted, feeds, plain, world) for i in chosen)
    return Shown(readers, knows, tuple(costs))


def _reader(
    i: int, kept: Kept, predicted: np.ndarray, feeds: np.ndarray, plain: np.ndarray, world: World
) -> ReaderShown:
    rows = slice(int(kept.ptr[i]), int(kept.ptr[i + 1]))
    ids, posts = kept.post[rows], world.posts
    at = {int(post): place for place, post in enumerate(ids)}
    told = tuple(
        (
            f"author {posts.author[post]:,}",
            TOPIC_NAMES[posts.topic[post]],
            FORMAT_NAMES[posts.format[post]],
            f"{NOW - posts.hour[post]:.0f} h",
        )
        for post in ids.tolist()
    )
    true = chances(world, np.full(len(ids), i), ids, NOW).astype(np.float32)
    kind = "a passive reader, who hardly ever clicks" if world.readers.passive[i] else "an active reader"
    where = [np.array([at[int(post)] for post in feed[i] if post >= 0]) for feed in (feeds, plain)]
    return ReaderShown(f"Reader {i + 1}, {kind}", told, posts.author[ids], predicted[rows].copy(), true, *where)
