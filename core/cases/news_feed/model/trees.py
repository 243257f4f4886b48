"""Boosted trees, a forest a task."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.task import Task

TREES, LEAVES, TREE_RATE, LEAST_IN_LEAF = 30, 6, 0.15, 60  # of 6 to 24 leaves, rates 0.08 to 0.25


@dataclass(frozen=True)
class Trees:
    """A LightGBM booster a head; with `with_place` the place is one more input."""

    boosters: tuple[Any, ...]
    with_place: bool
    nbytes: int
    flops: float  # comparisons a row, trees times their mean depth

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """See Raw."""
        if self.with_place:
            place = np.zeros(len(x)) if place is None else place
            x = np.column_stack([x, place.astype(np.float32)])
        return np.column_stack([each.predict(x, raw_score=True) for each in self.boosters])


def fit_trees(task: Task, logged: Logged, seed: int) -> Trees:
    import lightgbm

    x = task.x * logged.scale + logged.mean
    x = np.column_stack([x, task.place.astype(np.float32)]) if task.with_place else x
    settings = dict(
        num_leaves=LEAVES, learning_rate=TREE_RATE, min_data_in_leaf=LEAST_IN_LEAF, max_bin=63, seed=seed,
        deterministic=True, force_row_wise=True, num_threads=1, verbose=-1,
    )  # fmt: skip
    data, boosters = lightgbm.Dataset(x, params=settings, free_raw_data=False).construct(), []
    for head, name in enumerate(task.heads):
        y = task.done[:, head]
        data.set_label(y)
        data.set_weight(np.where(y > 0, task.up[head], 1.0) if name != "dwell" else None)
        objective = "regression" if name == "dwell" else "binary"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # says again that the data set keeps its settings
            booster = lightgbm.train({**settings, "objective": objective}, data, TREES)
        boosters.append(booster)
    nbytes = sum(len(each.model_to_string()) for each in boosters)
    return Trees(tuple(boosters), task.with_place, nbytes, len(boosters) * TREES * float(np.log2(LEAVES)))
