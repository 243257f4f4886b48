"""Models without a hidden layer: newest first, and a regression a task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.world import HEADS
from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.task import Task

LR_C = 0.1  # of 0.001, 0.01, 0.1 and 1: nearest to the true chances


@dataclass(frozen=True)
class Linear:
    """Weights (width, n_heads), bias (n_heads,) and what each head gives to log(1 + place) (n_heads,)."""

    weights: np.ndarray
    bias: np.ndarray
    place: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return self.weights.nbytes + self.bias.nbytes + self.place.nbytes

    @property
    def flops(self) -> float:
        """Multiplications a row."""
        return float(self.weights.size)

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """See Raw."""
        scores = x @ self.weights + self.bias
        return scores if place is None else scores + np.log1p(place)[:, None] * self.place


@dataclass(frozen=True)
class Newest:
    """No model: the younger the better."""

    nbytes: int = 8
    flops: float = 0.0

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """Minus the age for what is wished for, the age for hides and skips."""
        return -x[:, 2:3] * np.where(np.isin(HEADS, ("hide", "skip")), -1, 1)


def fit_linear(task: Task, logged: Logged, seed: int) -> Linear:
    from sklearn.linear_model import LogisticRegression, Ridge

    x = np.column_stack([task.x, np.log1p(task.place)]) if task.with_place else task.x
    columns, bias = [], []
    for head, name in enumerate(task.heads):
        y = task.done[:, head]
        if name == "dwell":
            fitted = Ridge(alpha=10.0).fit(x, y)
        else:
            weight = np.where(y > 0, task.up[head], 1.0)
            fitted = LogisticRegression(C=LR_C, solver="newton-cholesky", tol=1e-3, max_iter=30).fit(x, y, weight)
        columns.append(np.ravel(fitted.coef_))
        bias.append(float(np.ravel(fitted.intercept_)[0]))
    weights = np.column_stack(columns)
    place = weights[-1] if task.with_place else np.zeros(len(bias))
    weights = weights[: task.x.shape[1]] / logged.scale[:, None]
    return Linear(*(part.astype(np.float32) for part in (weights, bias - logged.mean @ weights, place)))
