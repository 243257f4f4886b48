"""Boosted trees over the columns of a post."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import PICTURES, POST_COLUMNS, Posts
from core.cases.harmful_content.model.linear import Score

N_TREES, LEAVES, DEPTH, RATE = 40, 15, 6, 0.2
PICTURE_COLUMNS = [POST_COLUMNS.index(name) for name in PICTURES]


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted trees as flat arrays (n_nodes,): go left where column <= cut; a leaf leads to itself."""

    roots: np.ndarray  # (n_trees,)
    column: np.ndarray
    cut: np.ndarray
    children: np.ndarray  # (2 * n_nodes,) node i goes to [2i + 1] where column <= cut, else to [2i]
    value: np.ndarray
    depth: int
    bias: float

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return sum(a.nbytes for a in (self.roots, self.column, self.cut, self.children, self.value))

    def score(self, rows: None, columns: np.ndarray) -> np.ndarray:
        """Scores (n,) of columns (n, n_columns); no text is read."""
        starts = np.arange(len(columns))[:, None] * columns.shape[1]
        return self._sums(np.ascontiguousarray(columns).ravel(), starts, np.tile(self.roots, (len(columns), 1)))

    def scorer(self, reader: None) -> Score:
        """What scores one post."""
        return lambda post: self.score_one(post.columns)

    def score_one(self, row: np.ndarray) -> float:
        """The score of one row (n_columns,)."""
        return float(self._sums(row, 0, self.roots))

    def _sums(self, flat: np.ndarray, starts: np.ndarray | int, at: np.ndarray) -> np.ndarray:
        for _ in range(self.depth):
            left = flat.take(starts + self.column.take(at)) <= self.cut.take(at)
            at = self.children.take(2 * at + left)
        return self.value.take(at).sum(axis=-1) + self.bias


def fit_trees(posts: Posts, seed: int) -> Trees:
    """Gradient boosting over the columns, scikit-learn's histogram kind (as LightGBM, Ke et al. 2017).

    What a picture shows is a part of its own, which no tree may mix with the rest.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    kind = HistGradientBoostingClassifier(
        max_iter=N_TREES,
        max_leaf_nodes=LEAVES,
        max_depth=DEPTH,
        learning_rate=RATE,
        early_stopping=False,
        interaction_cst=[set(range(posts.columns.shape[1])) - set(PICTURE_COLUMNS), *({i} for i in PICTURE_COLUMNS)],
        random_state=seed % 2**31,
    )
    fitted = kind.fit(posts.columns[posts.train], posts.taught[posts.train])
    return _as_arrays([stage[0].nodes for stage in fitted._predictors], float(fitted._baseline_prediction[0, 0]))


def _as_arrays(trees: list[np.ndarray], bias: float) -> Trees:
    roots = np.cumsum([0, *map(len, trees[:-1])])
    nodes, own = np.concatenate(trees), np.repeat(roots, [len(tree) for tree in trees])
    leaf, itself = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    right, left = (np.where(leaf, itself, own + nodes[side]) for side in ("right", "left"))
    return Trees(
        roots,
        np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
        nodes["num_threshold"].astype(np.float32),
        np.stack([right, left], axis=1).ravel(),
        nodes["value"].astype(np.float32),
        int(nodes["depth"].max()),
        bias,
    )
