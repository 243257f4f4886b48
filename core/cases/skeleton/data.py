"""Handwritten digits, to search among and to search with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_QUERIES = 500


@dataclass(frozen=True)
class World:
    """Digits as unit vectors: corpus (n, 64) and queries (N_QUERIES, 64) with their labels."""

    corpus: np.ndarray
    queries: np.ndarray
    corpus_labels: np.ndarray
    query_labels: np.ndarray


def load_digits(noise: float, share: float, seed: int) -> World:
    """1,297 digits to search, or a share of them, and 500 to search with."""
    from sklearn.datasets import load_digits as bundled

    rng = np.random.default_rng(seed)
    images, labels = bundled(return_X_y=True)
    vectors = images + rng.normal(scale=16 * noise, size=images.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    order = rng.permutation(len(labels))
    queries, corpus = order[:N_QUERIES], order[N_QUERIES:]
    corpus = corpus[: round(share * len(corpus))]
    return World(vectors[corpus], vectors[queries], labels[corpus], labels[queries])
