"""What the truth checks of the news feed have in common: runs, the models' distance from the truth, comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.features import roles
from core.cases.news_feed.run import run, stages
from core.cases.news_feed.world import ACTIONS, chances
from core.contract.case import Measurement
from core.metrics import PairedDifference, paired_difference
from core.runtime.memo import Step

WORLDS = 3  # pooled where one world is too small to tell


def measured(seed: int, **choices: object) -> Measurement:
    """The default design with some choices."""
    return run(NewsFeed(**choices), seed=seed)


def afresh(asked: Step) -> Any:
    """A step's value computed again from the first input on, past the memo of steps."""
    made: dict[str, Any] = {}
    for each in asked.lineage():
        made[each.key] = each.function(*(made[needed.key] for needed in each.inputs), **dict(each.params))
    return made[asked.key]


def gain_of(key: str, one: Measurement, other: Measurement, seed: int) -> PairedDifference:
    """How much more the first has of a quality, over the same readers."""
    return paired_difference(one.quality[key].per_query, other.quality[key].per_query, seed)


def gain_over_worlds(key: str, seed: int, one: dict, other: dict, **dials: object) -> PairedDifference:
    """The same over the readers of WORLDS worlds."""
    pooled = [
        np.concatenate([measured(s, **dials, **each).quality[key].per_query for s in range(seed, seed + WORLDS)])
        for each in (one, other)
    ]
    return paired_difference(*pooled, seed)


def interval_of(difference: PairedDifference) -> str:
    """A difference with its interval."""
    return f"{difference.mean:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"


def about_equal(difference: PairedDifference, within: float) -> bool:
    """Not distinguishable, or surely within the margin."""
    return not difference.distinguishable or max(-difference.low, difference.high) <= within


def distance(design: NewsFeed, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """How far chances are from the truth on each test row (n,), and how old its post is (n,).

    Cross-entropy of predicted against true chances, less that of the truth itself, over the mean entropy; averaged over
    the actions. The simulator knows the truth, so this has none of the noise of what happened to be clicked.
    """
    s = stages(design, seed)
    world, rows = s["world"].value, s["logged"].value.test
    at = np.flatnonzero(roles(world.log, design.split, seed) == 2)
    log, n = world.log, len(ACTIONS)
    true = chances(world, log.reader[at], log.post[at], log.hour[at])[:, :n]
    told = s["scorer"].value(rows.x)[:, :n].clip(1e-6, 1 - 1e-6)
    entropy = _crossed(true, true)
    return ((_crossed(true, told) - entropy) / entropy.mean(axis=0)).mean(axis=1), rows.age_h


def _crossed(true: np.ndarray, told: np.ndarray) -> np.ndarray:
    return -(true * np.log(told) + (1 - true) * np.log(1 - told))


def distances(seed: int, **choices: object) -> np.ndarray:
    """The distances of WORLDS worlds, one after the other."""
    return np.concatenate([distance(NewsFeed(**choices), s)[0] for s in range(seed, seed + WORLDS)])
