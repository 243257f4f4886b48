"""The models by name: what each reads, how it learns, and the log-odds it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from core.cases.ad_click import nets
from core.cases.ad_click.features import Inputs
from core.cases.ad_click.trees import Trees, grow

PENALTY = {  # inverse strength, the best of .001, .003, .01, .03, .1 and .3 away from what the page predicts
    "coupons": {"lr": 0.01, "crosses": 0.003, "hybrid": 0.003},
    "generated": {"lr": 0.1, "crosses": 0.1, "hybrid": 0.03},
}


@dataclass(frozen=True)
class BaseRate:
    """The background click rate for everybody."""

    rate: float

    nbytes = 8

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The same log-odds (n,) for each row."""
        n = max(len(inputs.hashed), len(inputs.numbers), len(inputs.trees))
        return np.full(n, np.log(self.rate / (1 - self.rate)))


@dataclass(frozen=True)
class Linear:
    """Logistic regression: a weight a bucket, a number and a leaf of some trees."""

    weights: np.ndarray  # (buckets,)
    number_weights: np.ndarray
    bias: float
    trees: Trees | None = None
    leaf_weights: np.ndarray | None = None  # (nodes,)

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        grown = 0 if self.trees is None else tree_bytes(self.trees) + self.leaf_weights.nbytes
        return self.weights.nbytes + self.number_weights.nbytes + grown

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        total = self.weights[inputs.hashed].sum(axis=1) + inputs.numbers @ self.number_weights + self.bias
        if self.trees is not None:
            total = total + self.leaf_weights[self.trees.leaves(inputs.trees)].sum(axis=1)
        return total


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


def fit_base(inputs: Inputs, y: np.ndarray, background: float, **_: Any) -> BaseRate:
    """Nothing to learn but the share of clicks in what teaches, before any sampling."""
    return BaseRate(background)


def fit_linear(inputs: Inputs, y: np.ndarray, buckets: int, penalty: float, **_: Any) -> Linear:
    """Logistic regression on hashed fields, binned numbers and the numbers themselves."""
    w, bias = _logistic(_one_hot(inputs.hashed, buckets), inputs.numbers, y, penalty)
    return Linear(w[:buckets], w[buckets:], bias)


def fit_forest(inputs: Inputs, y: np.ndarray, trees: int, seed: int, **_: Any) -> Forest:
    """Boosted trees on numbers and the click rates of small fields."""
    return Forest(grow(inputs.trees, y, trees, seed))


def fit_hybrid(inputs: Inputs, y: np.ndarray, buckets: int, trees: int, penalty: float, seed: int, **_: Any) -> Linear:
    """Trees turn a row into the leaves it ends in, and logistic regression weighs leaves and fields (He et al. 2014).

    Trees learn from one half of the rows and the regression from the other: leaves look too good on their own rows.
    """
    half, other = np.array_split(np.random.default_rng(seed).permutation(len(y)), 2)
    grown = grow(inputs.trees[half], y[half], trees, seed)
    leaves, n_nodes = grown.leaves(inputs.trees[other]), len(grown.value)
    both = np.concatenate([inputs.hashed[other], buckets + leaves], axis=1)
    w, bias = _logistic(_one_hot(both, buckets + n_nodes), inputs.numbers[other], y[other], penalty)
    return Linear(w[:buckets], w[buckets + n_nodes :], bias, grown, w[buckets : buckets + n_nodes])


def _one_hot(columns: np.ndarray, width: int) -> sparse.csr_matrix:
    n, f = columns.shape
    ones, bounds = np.ones(n * f, np.float32), np.arange(0, n * f + 1, f)
    return sparse.csr_matrix((ones, columns.ravel(), bounds), shape=(n, width))


def _logistic(
    one_hot: sparse.csr_matrix, numbers: np.ndarray, y: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    if y.all() or not y.any():
        raise ValueError("logistic regression needs both clicks and exposures without one")
    x = sparse.hstack([one_hot, sparse.csr_matrix(numbers)], format="csr") if numbers.shape[1] else one_hot
    fitted = LogisticRegression(C=strength, solver="lbfgs", max_iter=60, tol=1e-3).fit(x.astype(np.float64), y)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])


def _network(kind: str) -> Callable[..., Any]:
    def fit(inputs: Inputs, y: np.ndarray, buckets: int, dim: int, compression: str, seed: int, **_: Any) -> nets.Net:
        trained = nets.train(kind, inputs, y, buckets, dim, seed)
        return nets.compress(trained, compression, inputs, buckets, seed)

    return fit


@dataclass(frozen=True)
class Kind:
    """A model: its name in words, what it reads of the inputs, how it is fitted, and which knobs that takes."""

    label: str
    reads: tuple[str, ...]
    fit: Callable[..., Any]
    knobs: tuple[str, ...] = ()
    crosses: bool = False


HASHED, NUMBERS, TREES = "hashed", "numbers", "trees"
NET_KNOBS = ("buckets", "dim", "compression")
MODELS = {
    "base": Kind("Base rate", (NUMBERS,), fit_base),
    "lr": Kind("Logistic regression", (HASHED, NUMBERS), fit_linear, ("buckets",)),
    "crosses": Kind("LR with crosses", (HASHED, NUMBERS), fit_linear, ("buckets",), crosses=True),
    "fm": Kind("Factorisation machine", (HASHED, NUMBERS), _network("fm"), NET_KNOBS),
    "gbdt": Kind("Boosted trees", (TREES,), fit_forest, ("trees",)),
    "hybrid": Kind("Trees into LR", (HASHED, NUMBERS, TREES), fit_hybrid, ("buckets", "trees")),
    "dnn": Kind("Wide & deep network", (HASHED, NUMBERS), _network("dnn"), NET_KNOBS),
    "deepfm": Kind("DeepFM", (HASHED, NUMBERS), _network("deepfm"), NET_KNOBS),
    "dcn": Kind("Cross network (DCN)", (HASHED, NUMBERS), _network("dcn"), NET_KNOBS),
}
