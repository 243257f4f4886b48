"""Gradient-boosted trees: LightGBM trains them, and a compiled loop predicts without per-call checks.

Everything is read from LightGBM's public dump. LightGBM is Ke et al. 2017; boosting is Friedman 2001.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

REPEATABLE = dict(num_threads=1, deterministic=True, force_row_wise=True, verbose=-1)


@dataclass(frozen=True, eq=False)
class Trees:
    """All trees as a table of splits and one of leaves; a child or root ≥ 0 is a split, a negative one is leaf ~child.

    A row goes left where its feature ≤ threshold, and where it is missing (NaN) as `missing_left` says.
    """

    feature: np.ndarray  # (n_splits,) int32
    threshold: np.ndarray  # (n_splits,) float64
    left: np.ndarray  # (n_splits,) int32
    right: np.ndarray
    missing_left: np.ndarray  # (n_splits,) bool
    leaf_value: np.ndarray  # (n_leaves,) float64
    roots: np.ndarray  # (n_trees,) int32
    first_leaf: np.ndarray  # (n_trees,) int32
    n_features: int

    @property
    def nbytes(self) -> int:
        """Bytes of the tables."""
        return sum(part.nbytes for part in self._table)

    @property
    def n_leaves(self) -> int:
        """Leaves of all trees."""
        return len(self.leaf_value)

    def score(self, rows: np.ndarray) -> np.ndarray:
        """Sum of leaf values (n,) for rows (n, n_features): log-odds for binary labels."""
        return self._walked(rows, np.empty((0, 0), np.int32))

    def score_one(self, row: np.ndarray) -> float:
        """The score of one row (n_features,)."""
        return float(self.score(row[None])[0])

    def leaves(self, rows: np.ndarray) -> np.ndarray:
        """The leaf (n, n_trees) int32 of each row, numbered over all trees; minus `first_leaf`, within its tree."""
        leaves = np.empty((len(rows), len(self.roots)), np.int32)
        self._walked(rows, leaves)
        return leaves

    @property
    def _table(self) -> tuple[np.ndarray, ...]:
        return self.feature, self.threshold, self.left, self.right, self.missing_left, self.roots, self.leaf_value

    def _walked(self, rows: np.ndarray, leaves: np.ndarray) -> np.ndarray:
        """Scores (n,); fills `leaves`. The compiled loop checks no bounds, so the columns are checked here."""
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise ValueError(f"trees learnt from {self.n_features} columns cannot score rows of shape {rows.shape}")
        scores = np.zeros(len(rows))
        compiled_walk()(np.ascontiguousarray(rows, np.float64), *self._table, leaves, scores)
        return scores


def fit_trees(
    rows: np.ndarray,
    y: np.ndarray,
    n_trees: int,
    seed: int,
    *,
    objective: str = "binary",
    weight: np.ndarray | None = None,
    group: np.ndarray | None = None,
    **settings: Any,
) -> Trees:
    """Trees from rows (n, f) and targets (n,); `group` holds the sizes of ranked lists, settings are LightGBM's.

    Raises ValueError for binary labels that are all equal.
    """
    import lightgbm

    if objective == "binary" and (np.all(y) or not np.any(y)):
        raise ValueError(f"boosted trees need labels of both kinds: all {len(y):,} are alike")
    settings = {**REPEATABLE, **settings, "objective": objective, "seed": seed % 2**31}
    data = lightgbm.Dataset(rows, np.asarray(y, np.float32), weight=weight, group=group, params=settings)
    return flat(lightgbm.train(settings, data, n_trees))


def flat(booster: Any) -> Trees:
    """The trees of a LightGBM booster; ValueError for categorical features or zeros treated as missing."""
    dump = booster.dump_model()
    splits: list[tuple[int, float, int, int, bool]] = []
    values: list[float] = []
    roots, first_leaf = [], []
    for tree in dump["tree_info"]:
        first_leaf.append(len(values))
        values += [0.0] * tree["num_leaves"]
        roots.append(_add_tree(tree["tree_structure"], splits, values, first_leaf[-1]))
    feature, threshold, left, right, missing_left = zip(*splits, strict=True) if splits else ((),) * 5
    return Trees(
        *(
            np.array(part, kind)
            for part, kind in (
                (feature, np.int32),
                (threshold, np.float64),
                (left, np.int32),
                (right, np.int32),
                (missing_left, np.bool_),
                (values, np.float64),
                (roots, np.int32),
                (first_leaf, np.int32),
            )
        ),
        n_features=dump["max_feature_idx"] + 1,
    )


def _add_tree(root: dict[str, Any], splits: list, values: list[float], first_leaf: int) -> int:
    """Append a dumped tree to the tables and return its root; iterative, since trees may be deep."""
    numbers: dict[int, int] = {}  # of dumped nodes by identity, children before parents
    waiting = [root]
    while waiting:
        node = waiting[-1]
        children = [node[side] for side in ("left_child", "right_child") if side in node]
        unknown = [child for child in children if id(child) not in numbers]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        if children:
            numbers[id(node)] = len(splits)
            splits.append(_split(node, *(numbers[id(child)] for child in children)))
        else:
            leaf = first_leaf + node.get("leaf_index", 0)
            values[leaf], numbers[id(node)] = node["leaf_value"], ~leaf
    return numbers[id(root)]


def _split(node: dict[str, Any], left: int, right: int) -> tuple[int, float, int, int, bool]:
    if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
        raise ValueError("flat trees know numbers and NaN, neither categories nor zeros that count as missing")
    threshold = float(node["threshold"])
    # where nothing was missing in training, LightGBM takes a missing value for 0
    missing_left = node["default_left"] if node["missing_type"] == "NaN" else threshold >= 0
    return node["split_feature"], threshold, left, right, missing_left


def _walk(rows, feature, threshold, left, right, missing_left, roots, leaf_value, leaves, scores):
    """Add the leaf value of each tree to `scores` (n,), and its index to `leaves` (n, n_trees) unless that is empty.

    Untyped: numba compiles it for the types given below. Trees in the outer loop, so that one tree stays in cache for
    all rows.
    """
    for tree in range(roots.shape[0]):
        for row in range(rows.shape[0]):
            at = roots[tree]
            while at >= 0:
                value = rows[row, feature[at]]
                goes_left = missing_left[at] if np.isnan(value) else value <= threshold[at]
                at = left[at] if goes_left else right[at]
            scores[row] += leaf_value[~at]
            if leaves.shape[0]:
                leaves[row, tree] = ~at


def load() -> None:
    """Load LightGBM and compile the loop once per process, so that training time excludes both."""
    import lightgbm  # noqa: F401

    compiled_walk()


@cache
def compiled_walk() -> Callable[..., Any]:
    """The loop as machine code, cached on disk where the folder is writable."""
    import numba

    floats, ints, flags = (
        numba.types.Array(kind, 1, "C", readonly=True) for kind in (numba.float64, numba.int32, numba.boolean)
    )
    rows = numba.types.Array(numba.float64, 2, "C", readonly=True)
    filled = numba.int32[:, ::1], numba.float64[::1]
    signature = numba.void(rows, ints, floats, ints, ints, flags, ints, floats, *filled)
    try:
        return numba.njit(signature, cache=True)(_walk)
    except (RuntimeError, OSError):  # no folder for the cache
        return numba.njit(signature)(_walk)
