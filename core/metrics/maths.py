"""Shared formulas of models and metrics."""

from __future__ import annotations

import numpy as np

LARGEST_LOG_ODDS = 30.0  # a probability within 1e-13 of 1; beyond it float precision is exhausted


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """The probability for log-odds, in the same precision."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)))


def unit(vectors: np.ndarray, least: float = 1e-12) -> np.ndarray:
    """Vectors (…, d) at unit length; one shorter than `least` is divided by `least`, so a zero vector stays zero."""
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True).clip(least)


def tied_means(scores: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The mean value (n,) of all rows that have a row's score: what a group of tied rows holds in any order of them."""
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    if len(size) == len(scores):
        return values
    return (np.bincount(group, values) / size)[group]
