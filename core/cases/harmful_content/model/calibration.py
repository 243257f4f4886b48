"""From scores to a probability of harm on the platform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import Posts
from core.cases.harmful_content.model.linear import STRENGTH, logistic
from core.metrics.maths import sigmoid


@dataclass(frozen=True, eq=False)
class Calibration:
    """p = sigmoid(scores @ weights + bias), fitted on the newest known posts and moved to the platform's prevalence."""

    weights: np.ndarray  # (n_scores,)
    bias: float

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n, n_scores)."""
        return sigmoid(scores @ self.weights + self.bias)


def calibrate(posts: Posts, *scores: np.ndarray, prevalence: float) -> Calibration:
    """Platt scaling of one score, or stacking of several (late fusion); the prior is moved (Elkan 2001, theorem 2)."""
    rows = np.column_stack(scores)[: len(posts.valid)]
    taught = posts.taught[posts.valid]
    scale = rows.std(axis=0).clip(1e-9)
    weights, bias = logistic(rows / scale, taught, STRENGTH["scores"])
    share = float(np.clip(taught.mean(), 1e-3, 1 - 1e-3))
    bias += np.log(prevalence / (1 - prevalence)) - np.log(share / (1 - share))
    return Calibration((weights / scale).astype(np.float64), float(bias))
