"""Models that are a sum of weights: the base rate, and logistic regression on hashed fields and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from core.cases.ad_click.features import Inputs


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
    """Logistic regression: a weight a bucket and a number."""

    weights: np.ndarray  # (buckets,)
    number_weights: np.ndarray
    bias: float

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return self.weights.nbytes + self.number_weights.nbytes

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        return self.weights[inputs.hashed].sum(axis=1) + inputs.numbers @ self.number_weights + self.bias


def fit_base(inputs: Inputs, y: np.ndarray, background: float, **_: Any) -> BaseRate:
    """Nothing to learn but the share of clicks in what teaches, before any sampling."""
    return BaseRate(background)


def fit_linear(inputs: Inputs, y: np.ndarray, buckets: int, penalty: float, **_: Any) -> Linear:
    """Logistic regression on hashed fields, binned numbers and the numbers themselves."""
    w, bias = logistic(one_hot(inputs.hashed, buckets), inputs.numbers, y, penalty)
    return Linear(w[:buckets], w[buckets:], bias)


def one_hot(columns: np.ndarray, width: int) -> sparse.csr_matrix:
    """Rows (n, width) with a one in each of the columns (n, f)."""
    n, f = columns.shape
    ones, bounds = np.ones(n * f, np.float32), np.arange(0, n * f + 1, f)
    return sparse.csr_matrix((ones, columns.ravel(), bounds), shape=(n, width))


def logistic(
    one_hot: sparse.csr_matrix, numbers: np.ndarray, y: np.ndarray, strength: float
) -> tuple[np.ndarray, float]:
    """Weights and bias. Raises ValueError where all labels are alike."""
    from sklearn.linear_model import LogisticRegression

    if y.all() or not y.any():
        raise ValueError("logistic regression needs both clicks and exposures without one")
    x = sparse.hstack([one_hot, sparse.csr_matrix(numbers)], format="csr") if numbers.shape[1] else one_hot
    fitted = LogisticRegression(C=strength, solver="lbfgs", max_iter=60, tol=1e-3).fit(x.astype(np.float64), y)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])
