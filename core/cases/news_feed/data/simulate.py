"""The simulator: posts, readers and eight days of what readers were shown and did.

Nobody publishes what people do with their feeds. The links are real; posts, tastes and actions are drawn as written
here. A reader sees 20 posts a session in the order of an old feed, looks at each with a probability that falls with its
place, and acts on what was looked at with the probability of a logistic model. What tasks have of their own follows
the synthetic data of Ma et al. 2018 (MMoE, section 3.2): a direction w for each task in the space of styles, cosine
between directions set by the dial, and the sum of w s and sin(2 w s).
"""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.follows import VISITS_A_DAY, Follows, posts_a_day
from core.cases.news_feed.data.laws import DWELL_LOG, DWELL_SLOPE, DWELL_SPREAD, SKIP_LOG, acting, leanings
from core.cases.news_feed.data.world import (
    ACTIONS,
    AGES,
    DAYS,
    DIMS,
    FORMATS,
    NOW,
    SLOTS,
    STYLES,
    TOPICS,
    WINDOW_H,
    Log,
    Posts,
    Readers,
    World,
    _key,
    recent,
)
from core.metrics.maths import unit

WARM_H = 24.0  # one day before the log begins, so that readers have already seen some of what is new
LIKES_A_VIEW = 0.06


def simulate(
    follows: Follows,
    agreement: float,
    position_bias: float,
    passive: float,
    half_life_h: float,
    drift: float,
    seed: int,
) -> World:
    """The world under its dials."""
    rng = np.random.default_rng([seed, 9])
    posts, readers = _posts(follows, rng), _readers(follows.n_readers, passive, rng)
    trends = np.stack([rng.integers(1, 4, TOPICS), rng.uniform(0, 2 * np.pi, TOPICS)]).astype(np.float32)
    laws = dict(directions=_directions(agreement, rng), half_life_h=half_life_h, drift=drift, trends=trends)
    nothing = Log(*(np.empty(0),) * 6)
    world = World(follows, posts, readers, nothing, **laws)
    return World(follows, posts, readers, _log(world, position_bias, rng), **laws)


def _posts(follows: Follows, rng: np.random.Generator) -> Posts:
    n_authors = len(follows.followers)
    n_each = rng.poisson(posts_a_day(follows.followers) * (NOW + WINDOW_H + WARM_H) / 24)
    author = np.repeat(np.arange(n_authors, dtype=np.int32), n_each)
    n = len(author)
    hour = rng.uniform(-WINDOW_H - WARM_H, NOW, n)
    hour = hour[np.argsort(_key(author, hour))].astype(np.float32)  # of one author, by time
    home = rng.integers(TOPICS, size=n_authors)[author]
    topic = np.where(rng.random(n) < 0.6, home, rng.integers(TOPICS, size=n)).astype(np.int8)
    content = 0.35 * rng.standard_normal((n, DIMS), np.float32)
    content[np.arange(n), topic] += 1
    style, quality = rng.standard_normal((n, STYLES), np.float32), rng.standard_normal(n, np.float32)
    formats = rng.integers(FORMATS, size=n).astype(np.int8)
    counters = _counters(follows.followers[author], quality, rng)
    return Posts(author, hour, topic, formats, content, style, quality, *counters, _key(author, hour))


def _counters(followers: np.ndarray, quality: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Views and likes (n, len(AGES)) that posts of authors with so many followers have had by each age."""
    views = ((15 + followers)[:, None] * (1 - np.exp2(-AGES / 6))).astype(np.float32)
    more = np.diff(views, axis=1, prepend=0)
    likes = rng.poisson(more * (LIKES_A_VIEW * np.exp(0.9 * quality))[:, None]).cumsum(axis=1)
    return views, likes.astype(np.float32)


def _readers(n: int, passive: float, rng: np.random.Generator) -> Readers:
    first = unit(rng.standard_normal((n, DIMS))).astype(np.float32)
    other = rng.standard_normal((n, DIMS))
    later = unit(other - (other * first).sum(axis=1, keepdims=True) * first).astype(np.float32)  # at a right angle
    formats = 0.5 * rng.standard_normal((n, FORMATS), np.float32)
    away = rng.exponential(24 / VISITS_A_DAY / 2, n).astype(np.float32)
    mood = 1.5 * rng.standard_normal((n, DAYS + 1, DIMS), np.float32) / DIMS**0.5
    return Readers(first, later, mood, formats, rng.permutation(n) < passive * n, away)


def _directions(agreement: float, rng: np.random.Generator) -> np.ndarray:
    """Unit directions (len(ACTIONS) + 1, STYLES), cosine `agreement` squared between any two."""
    axes = np.linalg.qr(rng.standard_normal((STYLES, STYLES)))[0]
    own = axes[1 : len(ACTIONS) + 2]
    return (agreement * axes[0] + np.sqrt(1 - agreement**2) * own).astype(np.float32)


def _log(world: World, position_bias: float, rng: np.random.Generator) -> Log:
    """A session a reader and day of the old feed: random posts, new ones more often, authors followed by most first."""
    days, n = np.arange(-WARM_H, NOW, 24.0), world.n_readers
    hour = (days[:, None] + rng.uniform(0, 24, (len(days), n))).ravel()
    order = np.argsort(hour)
    hour, who = hour[order], np.tile(np.arange(n), len(days))[order]
    row, post = recent(world, who, hour)
    old = hour.astype(np.float32)[row] - world.posts.hour[post]
    drawn = old / 24 - rng.standard_exponential(len(row), np.float32)
    order = np.argsort(row * 100.0 + drawn)  # session by session; one number sorts faster than two
    n_each = np.bincount(row, minlength=len(who))
    place = np.arange(len(row)) - np.repeat(n_each.cumsum() - n_each, n_each)
    kept = place < SLOTS
    row, post = row[kept], post[order[kept]]
    followers = np.log1p(world.follows.followers).astype(np.float32)[world.posts.author[post]]
    order = np.argsort(row * 100.0 - followers + 0.3 * rng.standard_normal(len(row), np.float32))
    post, place, reader = post[order], place[kept], who[row]
    first = np.sort(np.unique(reader * len(world.posts.hour) + post, return_index=True)[1])  # nothing is shown twice
    first = first[hour[row[first]] >= 0]
    post, place, reader, hour = post[first], place[first], reader[first], hour[row[first]]
    seen = rng.random(len(post)) < (place + 1.0) ** -position_bias
    done, dwell_log = _acts(world, reader, post, hour, seen, rng)
    return Log(reader.astype(np.int32), post, hour.astype(np.float32), place.astype(np.int8), done, dwell_log)


def _acts(
    world: World, reader: np.ndarray, post: np.ndarray, hour: np.ndarray, seen: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """What readers do: binary heads (n, len(BINARY)) and log(1 + seconds) (n,); nothing where they do not look."""
    lean = leanings(world, reader, post, hour)
    acted = (rng.random((len(post), len(ACTIONS))) < acting(world, reader, lean)) & seen[:, None]
    stay = DWELL_LOG + DWELL_SLOPE * lean[:, -1] + DWELL_SPREAD * rng.standard_normal(len(post), np.float32)
    dwell_log = np.where(seen, np.maximum(stay, 0), 0).astype(np.float32)
    return np.column_stack([acted, dwell_log < SKIP_LOG]), dwell_log
