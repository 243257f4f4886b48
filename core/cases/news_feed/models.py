"""The heads of the ranker: one model a task (logistic regression or boosted trees), or one network for all of them.

Whatever the model, it hands over a `Scorer`: features in, a chance for each action and seconds of dwell out. With a
position tower the place a post stood at is one more input in training, and the first place for all when serving.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.cases.news_feed.features import Logged, Rows
from core.cases.news_feed.task import Task, task_of
from core.cases.news_feed.world import HEADS

MODELS = {
    "newest": "Newest first, no model",
    "lr": "A logistic regression a task",
    "gbdt": "Boosted trees a task",
    "separate": "A network a task",
    "shared": "Shared-bottom network",
    "mmoe": "Mixture of experts (MMoE)",
}
NETWORKS = ("separate", "shared", "mmoe")
RARE = {"plain": "as they are", "upweighted": "weighted up", "calibrated": "weighted up, then calibrated"}
LR_C = 0.1  # of 0.001, 0.01, 0.1 and 1: nearest to the true chances
TREES, LEAVES, TREE_RATE, LEAST_IN_LEAF = 30, 6, 0.15, 60  # of 6 to 24 leaves, rates 0.08 to 0.25


class Raw(Protocol):
    """What a model is before calibration."""

    nbytes: int
    flops: float  # multiplications a row

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """Log-odds of each binary head and last log(1 + seconds), (n, n_heads); the first place where it is None."""
        ...


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


@dataclass(frozen=True)
class Trees:
    """A LightGBM booster a head; `mean_place` is None where the place is not an input."""

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


@dataclass(frozen=True)
class Scorer:
    """A model, what is added to its log-odds (n_heads,), and what expm1 of the dwell head is multiplied by."""

    model: Raw
    heads: tuple[str, ...]
    offset: np.ndarray
    smear: float
    knows: bool = True  # False where the scores are no chances
    by_request: bool = False  # 8-bit activations are scaled by the request, so requests cannot be scored together

    @property
    def nbytes(self) -> int:
        """Bytes that a replica holds of it."""
        return int(self.model.nbytes) + self.offset.nbytes

    def __call__(self, x: np.ndarray, place: np.ndarray | None = None) -> np.ndarray:
        """Chances of the binary heads and seconds of dwell (n, len(HEADS)); 0 for a head that is not there."""
        scores = self.model.raw(x, place) + self.offset
        n_binary = len(self.heads) - ("dwell" in self.heads)
        out = np.zeros((len(x), len(HEADS)), np.float32)
        out[:, :n_binary] = 1 / (1 + np.exp(-scores[:, :n_binary]))
        if "dwell" in self.heads:
            out[:, -1] = self.smear * np.maximum(np.expm1(scores[:, -1]), 0)
        return out


def train(logged: Logged, model: str, heads: str, position: str, rare: str, seed: int, **shape: int) -> Scorer:
    """A trained model. Raises ValueError for an unknown model or too few rows."""
    if model not in MODELS:
        raise ValueError(f"no model {model!r}: choose one of {', '.join(MODELS)}")
    if model == "newest":
        return Scorer(Newest(), HEADS, np.zeros(len(HEADS)), 1.0, knows=False)
    task = task_of(logged, heads, position, rare)
    if model in NETWORKS:
        from core.cases.news_feed.networks import train_network

        raw: Raw = train_network(task, logged, model, seed, **shape)
    else:
        raw = {"lr": _linear, "gbdt": _trees}[model](task, logged, seed)
    return finished(raw, task, logged, rare)


def finished(raw: Raw, task: Task, logged: Logged, rare: str) -> Scorer:
    """The model as it serves: log-odds less the log of the weights (King & Zeng 2001), dwell scaled to its mean."""
    offset = -np.log(task.up) if rare == "calibrated" else np.zeros(len(task.heads), np.float32)
    smear = 1.0
    if "dwell" in task.heads:
        rows = slice(0, None, 4)  # a quarter is enough for one number
        x = task.x[rows] * logged.scale + logged.mean
        scores = raw.raw(x, task.place[rows] if task.with_place else None)
        smear = float(np.expm1(task.done[rows, -1]).mean() / np.maximum(np.expm1(scores[:, -1]), 0).mean())
    return Scorer(raw, task.heads, offset, smear)


def _linear(task: Task, logged: Logged, seed: int) -> Linear:
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
    return Linear(*(each.astype(np.float32) for each in (weights, bias - logged.mean @ weights, place)))


def _trees(task: Task, logged: Logged, seed: int) -> Trees:
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


def placements(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """For each positive the share of negatives scored below it, ties counting half (n_positive,): their mean is AUC."""
    negatives = np.sort(scores[~positive])
    if not len(negatives) or not positive.any():
        raise ValueError("an AUC needs a positive and a negative")
    own = scores[positive]
    below, upto = np.searchsorted(negatives, own), np.searchsorted(negatives, own, side="right")
    return (below + upto) / 2 / len(negatives)


def rows_scored(scorer: Scorer, rows: Rows, with_place: bool) -> np.ndarray:
    """Predictions (n, len(HEADS)) for rows of the log, at their place or at the first."""
    place = rows.place if with_place else None
    if not scorer.by_request:
        return scorer(rows.x, place)
    parts = [slice(i, i + 20) for i in range(0, len(rows.x), 20)]
    return np.concatenate([scorer(rows.x[p], None if place is None else place[p]) for p in parts])
