"""Boosted trees alone, and trees whose leaves go into logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.ad_click.features import Inputs
from core.cases.ad_click.model.linear import Linear, logistic, one_hot
from core.stages.trees import Trees, fit_trees

GROWTH = dict(num_leaves=12, learning_rate=0.05, min_data_in_leaf=30, lambda_l2=1.0)  # He et al. 2014: 12 at the most


@dataclass(frozen=True)
class Forest:
    """Boosted trees alone."""

    trees: Trees

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return self.trees.nbytes

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        return self.trees.score(inputs.trees)


@dataclass(frozen=True)
class LeavesIntoLinear:
    """Logistic regression with a weight for each leaf of some trees too."""

    linear: Linear
    trees: Trees
    leaf_weights: np.ndarray  # (n_leaves,)

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return self.linear.nbytes + self.trees.nbytes + self.leaf_weights.nbytes

    def log_odds(self, inputs: Inputs) -> np.ndarray:
        """The log-odds (n,) of a click."""
        return self.linear.log_odds(inputs) + self.leaf_weights[self.trees.leaves(inputs.trees)].sum(axis=1)


def fit_forest(inputs: Inputs, y: np.ndarray, trees: int, seed: int, **_: Any) -> Forest:
    """Boosted trees on numbers and the click rates of small fields."""
    return Forest(fit_trees(inputs.trees, y, trees, seed, **GROWTH))


def fit_hybrid(
    inputs: Inputs, y: np.ndarray, buckets: int, trees: int, penalty: float, seed: int, **_: Any
) -> LeavesIntoLinear:
    """Trees turn a row into the leaves it ends in, and logistic regression weighs leaves and fields (He et al. 2014).

    Trees learn from one half of the rows and the regression from the other: leaves look too good on their own rows.
    """
    half, other = np.array_split(np.random.default_rng(seed).permutation(len(y)), 2)
    grown = fit_trees(inputs.trees[half], y[half], trees, seed, **GROWTH)
    both = np.concatenate([inputs.hashed[other], buckets + grown.leaves(inputs.trees[other])], axis=1)
    width = buckets + grown.n_leaves
    w, bias = logistic(one_hot(both, width), inputs.numbers[other], y[other], penalty)
    return LeavesIntoLinear(Linear(w[:buckets], w[width:], bias), grown, w[buckets:width])
