"""From the hits of two channels to one list: by a weighted sum of scores, or by ranks alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.cases.video_search.serve.words import Hits

RRF_K = 60  # Cormack et al. 2009, section 2


def words_only(words: Hits, vectors: Hits, alpha: float) -> np.ndarray:
    """What the channel of words found."""
    return words[0]


def vectors_only(words: Hits, vectors: Hits, alpha: float) -> np.ndarray:
    """What the channel of vectors found."""
    return vectors[0]


def weighted_sum(words: Hits, vectors: Hits, alpha: float) -> np.ndarray:
    """Ids by alpha × the score of words + (1 - alpha) × that of vectors, each from 0 to 1 within its own hits."""
    return _by_total(words[0], alpha * _from_0_to_1(words[1]), vectors[0], (1 - alpha) * _from_0_to_1(vectors[1]))


def reciprocal_ranks(words: Hits, vectors: Hits, alpha: float) -> np.ndarray:
    """Ids by the sum of 1 / (60 + rank) over both channels (Cormack et al. 2009)."""
    one, other = (1 / (RRF_K + 1 + np.arange(len(hits[0]))) for hits in (words, vectors))
    return _by_total(words[0], one, vectors[0], other)


def _from_0_to_1(scores: np.ndarray) -> np.ndarray:
    low, high = (scores.min(), scores.max()) if len(scores) else (0.0, 0.0)
    return (scores - low) / (high - low) if high > low else np.ones(len(scores))


def _by_total(ids: np.ndarray, scores: np.ndarray, other_ids: np.ndarray, other_scores: np.ndarray) -> np.ndarray:
    """Ids of either list by the sum of their scores, ties by id."""
    videos, place = np.unique(np.concatenate([ids, other_ids]), return_inverse=True)
    totals = np.bincount(place, np.concatenate([scores, other_scores]), len(videos))
    return videos[np.argsort(-totals, kind="stable")]


FUSIONS: dict[str, Callable[[Hits, Hits, float], np.ndarray]] = {
    "words": words_only,
    "vectors": vectors_only,
    "weighted": weighted_sum,
    "rrf": reciprocal_ranks,
}
FUSION_NAMES = {"words": "BM25", "vectors": "dense", "weighted": "hybrid, weighted sum", "rrf": "hybrid, RRF"}
