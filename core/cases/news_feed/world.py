"""The simulator: posts, what readers were shown in eight days, and what they did; every truth behind it is known.

Nobody publishes what people do with their feeds. The links are real; posts, tastes and actions are drawn as written
here. A reader sees 20 posts a session in the order of an old feed, looks at each with a probability that falls with its
place, and acts on what was looked at with the probability of a logistic model. What tasks have of their own follows
the synthetic data of Ma et al. 2018 (MMoE, section 3.2): a direction w for each task in the space of styles, cosine
between directions set by the dial, and the sum of w s and sin(2 w s).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.graph import VISITS_A_DAY, Follows, posts_a_day

DAYS = 8
NOW = 24.0 * DAYS  # hours: when everybody opens their feed
WINDOW_H = 48.0  # older posts are not shown
WARM_H = 24.0  # one day before the log begins, so that readers have already seen some of what is new
SLOTS = 20  # posts a session at most, one session a reader and day
TOPICS, DIMS, STYLES, FORMATS = 8, 16, 8, 4
ACTIONS = ("click", "like", "comment", "share", "hide")
BINARY = (*ACTIONS, "skip")
HEADS = (*BINARY, "dwell")
# What the company says one of each is worth, a click being 1; the last is a second of dwell.
REFERENCE = np.array([1, 2, 6, 8, -10, -0.5, 0.1], np.float32)
BASE = np.array([-0.4, -0.7, -1.8, -2.1, -2.4], np.float32)  # log-odds of each action on an average new post
SIGN = np.array([1, 1, 1, 1, -0.6, 1], np.float32)  # who is drawn to a post hides it less; the last is dwell
FADES = np.array([1, 1, 1, 1, 1, 0.7], np.float32)  # old posts are met with less of everything
PASSIVE_LESS = np.array([2.0, 3.0, 3.0, 3.0, 2.5], np.float32)  # log-odds that passive readers act less
DWELL_LOG, DWELL_SLOPE, DWELL_SPREAD = 1.3, 0.5, 0.5  # of log(1 + seconds) on a post that is looked at
SKIP_LOG = float(np.log1p(2.0))  # passed in under two seconds
AGES = np.array([0, 0.5, 1, 2, 4, 8, 16, 32], np.float32)  # hours at which the counters of a post are kept
LIKES_A_VIEW = 0.06


@dataclass(frozen=True)
class Posts:
    """Posts by author and, of one author, by time; every array (n_posts,) unless said."""

    author: np.ndarray
    hour: np.ndarray  # float32, from before the log to NOW
    topic: np.ndarray
    format: np.ndarray
    content: np.ndarray  # (n_posts, DIMS) float32: the text as an encoder sees it, leading axes first
    style: np.ndarray  # (n_posts, STYLES) float32: length, tone and the like, standardised
    quality: np.ndarray  # what only the counters tell
    views: np.ndarray  # (n_posts, len(AGES)) float32: counters at these ages
    likes: np.ndarray
    key: np.ndarray  # (n_posts,) float64, author and hour in one rising number


@dataclass(frozen=True)
class Readers:
    """The readers; tastes (n_readers, DIMS) of unit length turn from the first to the second as days go by."""

    taste: np.ndarray
    taste_later: np.ndarray
    mood: np.ndarray  # (n_readers, DAYS + 1, DIMS): what a reader fancies on one day alone
    format_liking: np.ndarray  # (n_readers, FORMATS)
    passive: np.ndarray  # (n_readers,) bool
    hours_away: np.ndarray  # (n_readers,) hours since the visit before NOW


@dataclass(frozen=True)
class Log:
    """Impressions, session by session: who, what, when, at which place (from 0), and what was done."""

    reader: np.ndarray
    post: np.ndarray
    hour: np.ndarray
    place: np.ndarray
    done: np.ndarray  # (n, len(BINARY)) bool
    dwell_log: np.ndarray  # (n,) float32, log(1 + seconds)


@dataclass(frozen=True)
class World:
    """Everything: the links, the posts, the readers, the log, and the laws by which readers act."""

    follows: Follows
    posts: Posts
    readers: Readers
    log: Log
    directions: np.ndarray  # (len(ACTIONS) + 1, STYLES): what each action, then dwell, has of its own
    half_life_h: float  # 0 for none
    drift: float
    trends: np.ndarray  # (2, TOPICS): speed and phase of each topic's fashion

    @property
    def n_readers(self) -> int:
        """How many people open their feed."""
        return self.follows.n_readers


def simulate(
    follows: Follows, agreement: float, position_bias: float, passive: float, half_life_h: float, drift: float,
    seed: int,
) -> World:  # fmt: skip
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


def _key(author: np.ndarray, hour: np.ndarray) -> np.ndarray:
    return author * 1e4 + hour


def _counters(
    followers: np.ndarray, quality: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Views and likes (n, len(AGES)) that posts of authors with so many followers have had by each age."""
    views = ((15 + followers)[:, None] * (1 - np.exp2(-AGES / 6))).astype(np.float32)
    more = np.diff(views, axis=1, prepend=0)
    likes = rng.poisson(more * (LIKES_A_VIEW * np.exp(0.9 * quality))[:, None]).cumsum(axis=1)
    return views, likes.astype(np.float32)


def _readers(n: int, passive: float, rng: np.random.Generator) -> Readers:
    def unit(rows: np.ndarray) -> np.ndarray:
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    first = unit(rng.standard_normal((n, DIMS)))
    other = rng.standard_normal((n, DIMS))
    later = unit(other - (other * first).sum(axis=1, keepdims=True) * first)  # at a right angle
    formats = 0.5 * rng.standard_normal((n, FORMATS), np.float32)
    away = rng.exponential(24 / VISITS_A_DAY / 2, n).astype(np.float32)
    mood = 1.5 * rng.standard_normal((n, DAYS + 1, DIMS), np.float32) / DIMS**0.5
    return Readers(first, later, mood, formats, rng.permutation(n) < passive * n, away)


def _directions(agreement: float, rng: np.random.Generator) -> np.ndarray:
    """Unit directions (len(ACTIONS) + 1, STYLES), cosine `agreement` squared between any two."""
    axes = np.linalg.qr(rng.standard_normal((STYLES, STYLES)))[0]
    own = axes[1 : len(ACTIONS) + 2]
    return (agreement * axes[0] + np.sqrt(1 - agreement**2) * own).astype(np.float32)


def leanings(world: World, reader: np.ndarray, post: np.ndarray, hour: np.ndarray | float) -> np.ndarray:
    """What draws a reader to a post at an hour, for each action and last for dwell (n, len(ACTIONS) + 1)."""
    posts, readers = world.posts, world.readers
    angle = np.float32(world.drift * np.pi / 3) * (np.asarray(hour, np.float32) / np.float32(NOW))
    content, topic = posts.content[post], posts.topic[post]
    turned = np.cos(angle) * np.einsum("nd,nd->n", readers.taste[reader], content)
    turned = turned + np.sin(angle) * np.einsum("nd,nd->n", readers.taste_later[reader], content)
    day = np.broadcast_to(np.asarray(hour) // 24, len(post)).astype(np.int64)
    turned = turned + world.drift * np.einsum("nd,nd->n", readers.mood[reader, day], content)
    speed, phase = world.trends[:, topic]
    fashion = 0.7 * world.drift * np.sin(speed * (2 * np.pi / NOW) * hour + phase)
    drawn = 2.2 * turned + fashion + 0.5 * posts.quality[post] + readers.format_liking[reader, posts.format[post]]
    drawn = drawn + 0.5 * world.follows.same_domain(reader, posts.author[post])
    own = posts.style[post] @ world.directions.T
    own = 0.6 * own + 1.2 * (np.cos(1.5 * own) - 0.325)  # a cosine is a sine of another phase
    lean = (drawn[:, None] + own) * SIGN
    if world.half_life_h:
        age = np.asarray(hour - posts.hour[post], np.float32)[:, None]
        lean = lean - FADES * (age * np.float32(np.log(2) / world.half_life_h))
    return lean.astype(np.float32)


def chances(world: World, reader: np.ndarray, post: np.ndarray, hour: np.ndarray | float) -> np.ndarray:
    """True chance of each binary head, then expected seconds of dwell, for posts that are looked at (n, len(HEADS))."""
    from scipy.special import ndtr

    lean = leanings(world, reader, post, hour)
    middle = DWELL_LOG + DWELL_SLOPE * lean[:, -1]
    skip = ndtr((SKIP_LOG - middle) / DWELL_SPREAD)
    seconds = np.maximum(np.exp(middle + DWELL_SPREAD**2 / 2) - 1, 0)
    return np.column_stack([_acting(world, reader, lean), skip, seconds])


def _acting(world: World, reader: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """The chance of each action (n, len(ACTIONS)) on posts that draw so much."""
    log_odds = BASE + lean[:, :-1] - PASSIVE_LESS * world.readers.passive[reader][:, None]
    return 1 / (1 + np.exp(-log_odds))


def recent(
    world: World, reader: np.ndarray, hour: np.ndarray, rows_of: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(row, post) of every post of the last WINDOW_H by those whom each row's reader follows, by row and author."""
    follows, key = world.follows, world.posts.key
    n_followed = np.diff(follows.ptr)[reader]
    row = np.repeat(np.arange(len(reader)), n_followed)
    at = np.arange(n_followed.sum()) - np.repeat(n_followed.cumsum() - n_followed, n_followed)
    author = follows.authors[follows.ptr[reader][row] + at]
    first = np.searchsorted(key, _key(author, hour[row] - WINDOW_H))
    length = np.searchsorted(key, _key(author, hour[row]), side="right") - first
    within = np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
    return np.repeat(row, length), (np.repeat(first, length) + within).astype(np.int32)


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
    acted = (rng.random((len(post), len(ACTIONS))) < _acting(world, reader, lean)) & seen[:, None]
    stay = DWELL_LOG + DWELL_SLOPE * lean[:, -1] + DWELL_SPREAD * rng.standard_normal(len(post), np.float32)
    dwell_log = np.where(seen, np.maximum(stay, 0), 0).astype(np.float32)
    return np.column_stack([acted, dwell_log < SKIP_LOG]), dwell_log
