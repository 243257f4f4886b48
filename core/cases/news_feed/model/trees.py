"""Boosted trees, a forest a task."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.task import Task
from core.stages import trees

TREES, LEAVES, TREE_RATE, LEAST_IN_LEAF = 30, 6, 0.15, 60  # of 6 to 24 leaves, rates 0.08 to 0.25


@dataclass(frozen=True)
class Forests:
    """Trees for each head; with `with_place` the place is one more input."""

    of_heads: tuple[trees.Trees, ...]
    with_place: bool

    @property
    def nbytes(self) -> int:
        """Bytes of all trees."""
        return sum(forest.nbytes for forest in self.of_heads)

    @property
    def flops(self) -> float:
        """Comparisons a row, trees times their mean depth."""
        return len(self.of_heads) * TREES * float(np.log2(LEAVES))

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """See Raw."""
        if self.with_place:
            place = np.zeros(len(x)) if place is None else place
            x = np.column_stack([x, place.astype(np.float32)])
        return np.column_stack([forest.score(x) for forest in self.of_heads])


def fit_trees(task: Task, logged: Logged, seed: int) -> Forests:
    """Trees of every head; the features are binned once for all of them."""
    import lightgbm

    x = task.x * logged.scale + logged.mean
    x = np.column_stack([x, task.place.astype(np.float32)]) if task.with_place else x
    settings = dict(
        **trees.REPEATABLE,
        num_leaves=LEAVES,
        learning_rate=TREE_RATE,
        min_data_in_leaf=LEAST_IN_LEAF,
        max_bin=63,
        seed=seed,
    )
    data, forests = lightgbm.Dataset(x, params=settings, free_raw_data=False).construct(), []
    for head, name in enumerate(task.heads):
        y = task.done[:, head]
        data.set_label(y)
        data.set_weight(np.where(y > 0, task.up[head], 1.0) if name != "dwell" else None)
        objective = "regression" if name == "dwell" else "binary"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # says again that the data set keeps its settings
            forests.append(trees.flat(lightgbm.train({**settings, "objective": objective}, data, TREES)))
    return Forests(tuple(forests), task.with_place)
