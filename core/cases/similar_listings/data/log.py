"""The sessions that teach a model, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.similar_listings.data.world import LEARN_DAYS, Sessions, World


@dataclass(frozen=True)
class Log:
    """What a training run reads: clicks (c,), session starts (s + 1,), bookings or -1 (s,), clicks a home."""

    clicks: np.ndarray
    starts: np.ndarray
    booked: np.ndarray
    counts: np.ndarray  # (n,)


def taught_by(past: Sessions, age_days: float, learnt_from: float, seed: int) -> np.ndarray:
    """A uniform sample of the sessions of the 60 days before a snapshot that is `age_days` old, ascending.

    A smaller sample lies within a larger one.
    """
    used = np.flatnonzero((past.age_days >= age_days) & (past.age_days < age_days + LEARN_DAYS))
    return used[np.random.default_rng(seed).permutation(len(used)) < learnt_from * len(used)]


def read_log(world: World, age_days: float, learnt_from: float = 1.0, seed: int = 0) -> Log:
    """The sessions that teach a model whose snapshot is `age_days` old. ValueError if they hold no click."""
    past = world.past
    used = taught_by(past, age_days, learnt_from, seed)
    rows = np.column_stack([past.clicks[used], past.booked[used]])  # a booking is the last click
    clicks = rows[rows >= 0].astype(np.int64)
    if len(clicks) == 0:
        span = f"{age_days:g} to {age_days + LEARN_DAYS:g} days old"
        raise ValueError(f"no session is {span} and among the {learnt_from:.0%} to learn from")
    starts = np.concatenate([[0], (rows >= 0).sum(axis=1).cumsum()])
    counts = np.bincount(clicks, minlength=len(world.homes.market))
    return Log(clicks, starts, past.booked[used].astype(np.int64), counts)
