"""What the models see: a reader's past as of a moment, and one row of numbers for each reader and post."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.cases.news_feed.data.world import (
    ACTIONS,
    AGES,
    BINARY,
    FORMATS,
    REFERENCE,
    STYLES,
    WINDOW_H,
    Log,
    World,
)

HISTORY_END, TRAIN_END = 72.0, 168.0  # hours: three days of past, four to train on, the last to test on
LIGHT = ("interest", "likes a view", "age", "newness", "same domain", "followers")
SHRINK = 5.0  # impressions' worth of "as everybody" in each reader's past
PRIOR_VIEWS = 12.0
PRIOR_LIKES = 0.08 * PRIOR_VIEWS


@dataclass(frozen=True)
class Past:
    """What a reader did up to some moment, as a service keeps it: every array by reader (n_readers, …)."""

    interest: np.ndarray  # (n_readers, DIMS): the texts acted upon, less those merely shown
    dwelling: np.ndarray  # (n_readers, DIMS): the same weighted by the time spent
    formats: np.ndarray  # (n_readers, FORMATS)
    rates: np.ndarray  # (n_readers, 2): how often anything was clicked, and anything else done


@dataclass(frozen=True)
class Rows:
    """Rows of the log with their features (n, width), places from 0 (n,) and what was done (n, len(HEADS)).

    Dwell is log(1 + seconds). `age_h` (n,) is the post's age.
    """

    x: np.ndarray
    place: np.ndarray
    done: np.ndarray
    age_h: np.ndarray
    passive: np.ndarray
    reader: np.ndarray


@dataclass(frozen=True)
class Logged:
    """The log as models get it: rows to train and to test on, and the past that serving starts from."""

    train: Rows
    test: Rows
    past: Past
    mean: np.ndarray  # (width,) of the features in training
    scale: np.ndarray
    light: np.ndarray  # (len(LIGHT) + 1,) the pre-ranker's weights, then that of the place


def roles(log: Log, split: str, seed: int) -> np.ndarray:
    """0 for the past, 1 for training, 2 for testing (n,): by time, or as many of each dealt out at random."""
    if split not in ("time", "random"):
        raise ValueError(f"a split is by time or random, not {split!r}")
    by_time = (log.hour >= HISTORY_END).astype(np.int8) + (log.hour >= TRAIN_END)
    return by_time if split == "time" else np.random.default_rng([seed, 7]).permutation(by_time)


def past_of(world: World, rows: np.ndarray) -> Past:
    """The readers' past from some rows (m,) of the log."""
    log, posts = world.log, world.posts
    reader, content = log.reader[rows], posts.content[log.post[rows]]
    did = log.done[rows]
    acted = did[:, : len(ACTIONS) - 1].any(axis=1).astype(np.float32)
    stayed = log.dwell_log[rows]
    n = world.n_readers
    shown = np.bincount(reader, minlength=n) + SHRINK

    def liking_of(signal: np.ndarray, what: np.ndarray) -> np.ndarray:
        weighted = (signal - signal.mean())[:, None] * (what - what.mean(axis=0))
        return np.column_stack([np.bincount(reader, column, n) for column in weighted.T]) / shown[:, None]

    formats = np.eye(FORMATS, dtype=np.float32)[posts.format[log.post[rows]]]
    interest, liking = liking_of(acted, content), liking_of(acted, formats)
    others = did[:, 1 : len(ACTIONS)].any(axis=1)
    rates = [np.bincount(reader, act, n) / shown for act in (did[:, 0].astype(float), others.astype(float))]
    return Past(
        *(part.astype(np.float32) for part in (interest, liking_of(stayed, content), liking, np.stack(rates, 1)))
    )


def age_bin(age_h: np.ndarray | float) -> np.ndarray:
    """The last age in AGES at which the counters of a post of that age were kept (n,); 0 for a negative age."""
    return np.maximum(np.searchsorted(AGES, age_h, side="right") - 1, 0)


def features(
    world: World,
    past: Past,
    reader: np.ndarray | int,
    post: np.ndarray,
    hour: np.ndarray | float,
    lag_h: float,
    dim: int,
    heads: str,
) -> np.ndarray:
    """One row a post (n, width) float32: the LIGHT columns first. `reader` and `hour` are one or one a row.

    Counters are `lag_h` old. Without dwell and skip ("explicit") nothing of the time spent is known either.
    """
    posts, follows = world.posts, world.follows
    content, author, formats = posts.content.take(post, axis=0)[:, :dim], posts.author[post], posts.format[post]
    age = hour - posts.hour[post]
    at = age_bin(age - lag_h)
    x = np.empty((len(post), width(dim)), np.float32)
    x[:, 0] = _products(content, past.interest[reader, :dim])
    x[:, 1] = np.log((posts.likes[post, at] + PRIOR_LIKES) / (posts.views[post, at] + PRIOR_VIEWS))
    x[:, 2] = age / WINDOW_H
    x[:, 3] = np.exp2(-age / 6)
    x[:, 4] = follows.same_domain(reader, author)
    x[:, 5] = np.log1p(follows.followers[author])
    x[:, 6] = past.formats[reader, formats]
    x[:, 7:9] = past.rates[reader]
    x[:, 9] = _products(content, past.dwelling[reader, :dim]) if heads == "all" else 0.0
    x[:, 10:13] = formats[:, None] == _THREE
    x[:, 13 : 13 + STYLES] = posts.style.take(post, axis=0)
    x[:, 13 + STYLES :] = content
    return x


_THREE = np.arange(3)  # formats; the fourth is what none of them is


def _products(content: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Products (n,) of texts (n, dim) with one reader's vector (dim,) or with one a row (n, dim)."""
    return content @ wanted if wanted.ndim == 1 else np.einsum("nd,nd->n", content, wanted)


def width(dim: int) -> int:
    """How many features a row has when texts have `dim` numbers."""
    return 13 + STYLES + dim


def read_log(world: World, split: str, dim: int, heads: str, lag_h: float, seed: int) -> Logged:
    """The log cut into past, training and test; features as they were served then, with counters `lag_h` old."""
    role = roles(world.log, split, seed)
    earlier, later = (np.flatnonzero(role == part) for part in (0, 1))
    # the past of the test is as long as that of training, and ends where the test begins
    recent = np.concatenate([earlier, later])[-len(earlier) :]
    how = dict(dim=dim, heads=heads, lag_h=lag_h)
    past = past_of(world, recent)
    train = _rows(world, past_of(world, earlier), later, **how)
    test = _rows(world, past, np.flatnonzero(role == 2), **how)
    return Logged(train, test, past, light=_light(train), **_spread(train))


def learn_from(logged: Logged, share: float, seed: int) -> Logged:
    """The log with a uniform sample of the training rows; smaller samples of a seed lie within larger ones.

    Raises ValueError when nobody in the sample did, or everybody did, one of the things to be foretold.
    """
    if share == 1:
        return logged
    order = np.random.default_rng([seed, 8]).permutation(len(logged.train.x))
    rows = np.sort(order[: round(share * len(order))])
    train = Rows(*(values[rows] for values in vars(logged.train).values()))
    n_done = (train.done[:, : len(BINARY)] > 0).sum(axis=0)
    for name, n in zip(BINARY, n_done, strict=True):
        if n in (0, len(rows)):
            raise ValueError(f"{len(rows)} impressions to learn from hold {n} of {name}: keep more")
    return replace(logged, train=train, **_spread(train))


def _spread(train: Rows) -> dict[str, np.ndarray]:
    """Mean and scale (width,) of the features in training."""
    return dict(mean=train.x.mean(axis=0), scale=np.maximum(train.x.std(axis=0), 1e-3))


def _rows(world: World, past: Past, chosen: np.ndarray, **how: object) -> Rows:
    log = world.log
    reader, post, hour = log.reader[chosen], log.post[chosen], log.hour[chosen]
    x = features(world, past, reader, post, hour, **how)
    done = np.column_stack([log.done[chosen], log.dwell_log[chosen]]).astype(np.float32)
    passive = world.readers.passive[reader]
    return Rows(x, log.place[chosen], done, (hour - world.posts.hour[post]).astype(np.float32), passive, reader)


def _light(train: Rows) -> np.ndarray:
    """The light pre-ranker: least squares from the LIGHT features, place and 1 to the value of what was done."""
    x = np.column_stack([train.x[:, : len(LIGHT)], np.log1p(train.place), np.ones(len(train.x))])
    return np.linalg.lstsq(x, worth_of(train.done), rcond=None)[0].astype(np.float32)


def worth_of(done: np.ndarray) -> np.ndarray:
    """What the actions of rows (n, len(HEADS)) were worth at the reference values (n,)."""
    return done[:, : len(BINARY)] @ REFERENCE[: len(BINARY)] + REFERENCE[-1] * np.expm1(done[:, -1])
