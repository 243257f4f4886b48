"""The world of the feed as arrays: posts, readers and the log of what they did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.follows import Follows

DAYS = 8
NOW = 24.0 * DAYS  # hours: when everybody opens their feed
WINDOW_H = 48.0  # older posts are not shown
SLOTS = 20  # posts a session at most, one session a reader and day
TOPICS, DIMS, STYLES, FORMATS = 8, 16, 8, 4
ACTIONS = ("click", "like", "comment", "share", "hide")
BINARY = (*ACTIONS, "skip")
HEADS = (*BINARY, "dwell")
# What the company says one of each is worth, a click being 1; the last is a second of dwell.
REFERENCE = np.array([1, 2, 6, 8, -10, -0.5, 0.1], np.float32)
AGES = np.array([0, 0.5, 1, 2, 4, 8, 16, 32], np.float32)  # hours at which the counters of a post are kept


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


def _key(author: np.ndarray, hour: np.ndarray) -> np.ndarray:
    return author * 1e4 + hour


def recent(world: World, reader: np.ndarray, hour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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


def count_recent(world: World) -> int:
    """How many posts are young enough to be shown at NOW."""
    return int((world.posts.hour >= NOW - WINDOW_H).sum())
