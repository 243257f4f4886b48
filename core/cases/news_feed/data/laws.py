"""The laws by which readers act: what draws them to a post, and the true chance of every action."""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.world import NOW, World
from core.metrics.maths import sigmoid

BASE = np.array([-0.4, -0.7, -1.8, -2.1, -2.4], np.float32)  # log-odds of each action on an average new post
SIGN = np.array([1, 1, 1, 1, -0.6, 1], np.float32)  # who is drawn to a post hides it less; the last is dwell
FADES = np.array([1, 1, 1, 1, 1, 0.7], np.float32)  # old posts are met with less of everything
PASSIVE_LESS = np.array([2.0, 3.0, 3.0, 3.0, 2.5], np.float32)  # log-odds that passive readers act less
DWELL_LOG, DWELL_SLOPE, DWELL_SPREAD = 1.3, 0.5, 0.5  # of log(1 + seconds) on a post that is looked at
SKIP_LOG = float(np.log1p(2.0))  # passed in under two seconds


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
    return np.column_stack([acting(world, reader, lean), skip, seconds])


def acting(world: World, reader: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """The chance of each action (n, len(ACTIONS)) on posts that draw so much."""
    log_odds = BASE + lean[:, :-1] - PASSIVE_LESS * world.readers.passive[reader][:, None]
    return sigmoid(log_odds)
