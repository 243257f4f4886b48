"""What a model of the feed learns from: the log's rows cut to its heads."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.cases.news_feed.data.world import ACTIONS, HEADS
from core.cases.news_feed.features import Logged


@dataclass(frozen=True)
class Task:
    """What a model learns from: rows cut to its heads, weights of the positives, and whether places are inputs."""

    x: np.ndarray
    place: np.ndarray
    done: np.ndarray
    heads: tuple[str, ...]
    up: np.ndarray = field(default_factory=lambda: np.ones(0, np.float32))
    with_place: bool = False


def heads_of(heads: str) -> tuple[str, ...]:
    """The heads that a model has: all, or only what readers do on purpose."""
    if heads not in ("all", "explicit"):
        raise ValueError(f"heads are all or explicit, not {heads!r}")
    return HEADS if heads == "all" else ACTIONS


def task_of(logged: Logged, heads: str, position: str, rare: str) -> Task:
    """What to train on; weighted up, the positives of an action count as much as all the rest."""
    names, rows = heads_of(heads), logged.train
    if len(rows.x) < 100:
        raise ValueError(f"{len(rows.x)} rows of the log are too few to train on")
    share = rows.done[:, : len(names)].mean(axis=0).clip(1e-4, 1 - 1e-4)
    up = np.where(np.isin(names, ACTIONS) & (rare != "plain"), np.maximum((1 - share) / share, 1), 1.0)
    done = rows.done[:, [HEADS.index(name) for name in names]]
    x = (rows.x - logged.mean) / logged.scale
    return Task(x, rows.place, done, names, up.astype(np.float32), position == "tower")
