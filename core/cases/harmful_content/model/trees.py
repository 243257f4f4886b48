"""Boosted trees over the columns of a post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import PICTURES, POST_COLUMNS, Posts
from core.cases.harmful_content.model.linear import Score, of_both_kinds
from core.stages.trees import Trees, fit_trees

N_TREES = 40
GROWTH = dict(num_leaves=15, max_depth=6, learning_rate=0.2)
PICTURE_COLUMNS = [POST_COLUMNS.index(name) for name in PICTURES]


@dataclass(frozen=True, eq=False)
class ColumnTrees:
    """Trees that read the columns of a post and no text."""

    trees: Trees

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return self.trees.nbytes

    def score(self, rows: None, columns: np.ndarray) -> np.ndarray:
        """Scores (n,) of columns (n, n_columns)."""
        return self.trees.score(columns)

    def scorer(self, reader: None) -> Score:
        """What scores one post."""
        return lambda post: self.trees.score_one(post.columns)


def fit_columns(posts: Posts, seed: int) -> ColumnTrees:
    """Gradient boosting over the columns; what a picture shows is a part of its own, which no tree mixes with the rest.

    Raises ValueError when the labels are all alike.
    """
    columns, taught = posts.columns[posts.train], of_both_kinds(posts.taught[posts.train])
    rest = [i for i in range(columns.shape[1]) if i not in PICTURE_COLUMNS]
    alone = [rest, *([i] for i in PICTURE_COLUMNS)]
    return ColumnTrees(fit_trees(columns, taught, N_TREES, seed, **GROWTH, interaction_constraints=alone))
