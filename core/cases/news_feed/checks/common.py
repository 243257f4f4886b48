"""What the checks of the news feed have in common: several worlds, and the models' distance from the truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.news_feed.data.laws import chances
from core.cases.news_feed.data.world import ACTIONS
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.features import roles
from core.checks.toolkit import Lab
from core.runtime.memo import Step

WORLDS = 3  # pooled where one world is too small to tell


def worlds(lab: Lab, n: int = WORLDS) -> tuple[Lab, ...]:
    """The lab under n seeds, its own first."""
    return tuple(lab.at(lab.seed + i) for i in range(n))


def distance(lab: Lab, design: NewsFeed) -> tuple[np.ndarray, np.ndarray]:
    """How far chances are from the truth on each test row (n,), and how old its post is (n,).

    Cross-entropy of predicted against true chances, less that of the truth itself, over the mean entropy; averaged over
    the actions. The simulator knows the truth, so this has none of the noise of what happened to be clicked.
    """
    world, rows, scorer = lab.stage("world", design), lab.stage("logged", design).test, lab.stage("scorer", design)
    at = np.flatnonzero(roles(world.log, design.split, lab.seed) == 2)
    log, n = world.log, len(ACTIONS)
    true = chances(world, log.reader[at], log.post[at], log.hour[at])[:, :n]
    predicted = scorer(rows.x)[:, :n].clip(1e-6, 1 - 1e-6)
    entropy = cross_entropy(true, true)
    return ((cross_entropy(true, predicted) - entropy) / entropy.mean(axis=0)).mean(axis=1), rows.age_h


def cross_entropy(true: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Of each row and action (n, n_actions), in nats."""
    return -(true * np.log(predicted) + (1 - true) * np.log(1 - predicted))


def distances(lab: Lab, design: NewsFeed) -> np.ndarray:
    """The distances of WORLDS worlds, one after the other."""
    return np.concatenate([distance(world, design)[0] for world in worlds(lab)])


def afresh(last: Step) -> Any:
    """A step's value computed again from the first input on, past the memo of steps."""
    made: dict[str, Any] = {}
    for link in last.lineage():
        made[link.key] = link.function(*(made[needed.key] for needed in link.inputs), **dict(link.params))
    return made[last.key]
