"""The heads of the ranker: one model a task (logistic regression or boosted trees), or one network for all of them.

Whatever the model, it hands over a `Scorer`: features in, a chance for each action and seconds of dwell out. With a
position tower the place a post stood at is one more input in training, and the first place for all when serving.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.cases.news_feed.data.world import HEADS
from core.cases.news_feed.features import Logged, Rows
from core.cases.news_feed.model.linear import Newest, fit_linear
from core.cases.news_feed.model.task import Task, task_of
from core.cases.news_feed.model.trees import fit_trees
from core.metrics.maths import sigmoid

MODELS = {
    "newest": "newest first, no ranker",
    "lr": "LR per task",
    "gbdt": "GBDT per task",
    "separate": "single-task networks",
    "shared": "shared-bottom network",
    "mmoe": "MMoE",
}
NETWORKS = ("separate", "shared", "mmoe")
RARE = {"plain": "none", "upweighted": "up-weighted", "calibrated": "up-weighted, then calibrated"}


class Raw(Protocol):
    """What a model is before calibration."""

    nbytes: int
    flops: float  # multiplications a row

    def raw(self, x: np.ndarray, place: np.ndarray | None) -> np.ndarray:
        """Log-odds of each binary head and last log(1 + seconds), (n, n_heads); the first place where it is None."""
        ...


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
        out[:, :n_binary] = sigmoid(scores[:, :n_binary])
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
        from core.cases.news_feed.model.training import train_network

        raw: Raw = train_network(task, logged, model, seed, **shape)
    else:
        raw = {"lr": fit_linear, "gbdt": fit_trees}[model](task, logged, seed)
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


def rows_scored(scorer: Scorer, rows: Rows, with_place: bool) -> np.ndarray:
    """Predictions (n, len(HEADS)) for rows of the log, at their place or at the first."""
    place = rows.place if with_place else None
    if not scorer.by_request:
        return scorer(rows.x, place)
    parts = [slice(i, i + 20) for i in range(0, len(rows.x), 20)]
    return np.concatenate([scorer(rows.x[p], None if place is None else place[p]) for p in parts])
