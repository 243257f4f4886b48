"""Boosted trees from scikit-learn, walked by a compiled loop: a request must not wait for the library's checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.cases.ad_click.features import Inputs
from core.cases.ad_click.model.linear import Linear, logistic, one_hot

LEAVES = 12  # the most that He et al. 2014 allow a tree
RATE = 0.05
LEAST_IN_LEAF = 30


@dataclass(frozen=True)
class Trees:
    """All trees in one table of nodes; children of a leaf are -1 and its `value` is what it adds to the log-odds."""

    feature: np.ndarray  # (nodes,) int32
    threshold: np.ndarray  # (nodes,) float64
    left: np.ndarray  # (nodes,) int32, absolute
    right: np.ndarray
    value: np.ndarray  # (nodes,) float64
    roots: np.ndarray  # (trees,) int32
    start: float

    def leaves(self, x: np.ndarray) -> np.ndarray:
        """The leaf (n, trees) int32 that each row (n, T) float32 ends in."""
        found = np.empty((len(x), len(self.roots)), np.int32)
        compiled_walk()(np.ascontiguousarray(x), self.feature, self.threshold, self.left, self.right, self.roots, found)
        return found

    def log_odds(self, x: np.ndarray) -> np.ndarray:
        """The sum of leaves (n,)."""
        return self.start + self.value[self.leaves(x)].sum(axis=1)


def grow(x: np.ndarray, y: np.ndarray, n_trees: int, seed: int) -> Trees:
    """Histogram gradient boosting on logistic loss. Raises ValueError where all labels are alike."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if y.all() or not y.any():
        raise ValueError("trees need both clicks and exposures without one")
    forest = HistGradientBoostingClassifier(
        max_iter=n_trees, max_leaf_nodes=LEAVES, learning_rate=RATE, min_samples_leaf=LEAST_IN_LEAF,
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    forest.fit(x, y)
    return _table(forest)


def _table(forest: Any) -> Trees:
    """The nodes of every tree behind each other; scikit-learn keeps them in `_predictors`, pinned in requirements."""
    nodes = [each[0].nodes for each in forest._predictors]
    first = np.concatenate([[0], np.cumsum([len(each) for each in nodes])])
    joined = np.concatenate(nodes)
    offset = np.repeat(first[:-1], np.diff(first))
    leaf = joined["is_leaf"].astype(bool)
    return Trees(
        feature=joined["feature_idx"].astype(np.int32),
        threshold=joined["num_threshold"].astype(np.float64),
        left=np.where(leaf, -1, joined["left"] + offset).astype(np.int32),
        right=np.where(leaf, -1, joined["right"] + offset).astype(np.int32),
        value=np.where(leaf, joined["value"], 0.0),
        roots=first[:-1].astype(np.int32),
        start=float(forest._baseline_prediction.ravel()[0]),
    )


def _walk(x, feature, threshold, left, right, roots, found):
    """Fill `found` (n, trees). Untyped: numba compiles it for the types given below."""
    for tree in range(roots.shape[0]):
        for row in range(x.shape[0]):
            at = roots[tree]
            while left[at] >= 0:
                at = left[at] if x[row, feature[at]] <= threshold[at] else right[at]
            found[row, tree] = at


@cache
def compiled_walk() -> Callable[..., Any]:
    """The walk as machine code; compiled once, and kept on disk where the folder allows."""
    import numba

    rows = numba.types.Array(numba.float32, 2, "C", readonly=True)
    ints = numba.types.Array(numba.int32, 1, "C", readonly=True)
    floats = numba.types.Array(numba.float64, 1, "C", readonly=True)
    signature = numba.void(rows, ints, floats, ints, ints, ints, numba.int32[:, ::1])
    try:
        return numba.njit(signature, cache=True)(_walk)
    except (RuntimeError, OSError):  # no folder for the cache
        return numba.njit(signature)(_walk)


@dataclass(frozen=True)
class Forest:
    """Boosted trees alone."""

    trees: Trees

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return tree_bytes(self.trees)

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        return self.trees.log_odds(inputs.trees)


def tree_bytes(trees: Trees) -> int:
    """Bytes of the table of nodes."""
    parts = (trees.feature, trees.threshold, trees.left, trees.right, trees.value, trees.roots)
    return sum(each.nbytes for each in parts)


@dataclass(frozen=True)
class LeavesIntoLinear:
    """Logistic regression with a weight for each leaf of some trees too."""

    linear: Linear
    trees: Trees
    leaf_weights: np.ndarray  # (nodes,)

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return self.linear.nbytes + tree_bytes(self.trees) + self.leaf_weights.nbytes

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        return self.linear.log_odds(inputs) + self.leaf_weights[self.trees.leaves(inputs.trees)].sum(axis=1)


def fit_forest(inputs: Inputs, y: np.ndarray, trees: int, seed: int, **_: Any) -> Forest:
    """Boosted trees on numbers and the click rates of small fields."""
    return Forest(grow(inputs.trees, y, trees, seed))


def fit_hybrid(
    inputs: Inputs, y: np.ndarray, buckets: int, trees: int, penalty: float, seed: int, **_: Any
) -> LeavesIntoLinear:
    """Trees turn a row into the leaves it ends in, and logistic regression weighs leaves and fields (He et al. 2014).

    Trees learn from one half of the rows and the regression from the other: leaves look too good on their own rows.
    """
    half, other = np.array_split(np.random.default_rng(seed).permutation(len(y)), 2)
    grown = grow(inputs.trees[half], y[half], trees, seed)
    leaves, n_nodes = grown.leaves(inputs.trees[other]), len(grown.value)
    both = np.concatenate([inputs.hashed[other], buckets + leaves], axis=1)
    w, bias = logistic(one_hot(both, buckets + n_nodes), inputs.numbers[other], y[other], penalty)
    linear = Linear(w[:buckets], w[buckets + n_nodes :], bias)
    return LeavesIntoLinear(linear, grown, w[buckets : buckets + n_nodes])
