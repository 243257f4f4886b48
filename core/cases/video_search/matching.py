"""From the hits of two channels to one list: fusion, and a re-rank that compares word by word and frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.cases.video_search.encoders import WeightedPieces, pieces_of
from core.cases.video_search.seeing import SeenClips, Viewer, say, train_speaker
from core.cases.video_search.words import Hits
from core.stages.contrastive import unit

RRF_K = 60  # Cormack et al. 2009, section 2
MOST_PIECES = 48  # of what is written about a video; a film's record has about 35
WIDTH = 64  # leading numbers of a piece that are compared: all 128 find no more and take twice as long
FRAME_WEIGHT = 1.5  # a frame is never as like a word as the word itself: this evens it out


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
    found, place = np.unique(np.concatenate([ids, other_ids]), return_inverse=True)
    totals = np.bincount(place, np.concatenate([scores, other_scores]), len(found))
    return found[np.argsort(-totals, kind="stable")]


FUSIONS: dict[str, Callable[[Hits, Hits, float], np.ndarray]] = {
    "words": words_only,
    "vectors": vectors_only,
    "weighted": weighted_sum,
    "rrf": reciprocal_ranks,
}
FUSION_NAMES = {"words": "Words alone", "vectors": "Vectors alone", "weighted": "Weighted sum", "rrf": "RRF"}


@dataclass(frozen=True)
class Late:
    """Late interaction (ColBERT: Khattab & Zaharia 2020) over word pieces and, for clips, over their frames."""

    model: WeightedPieces
    vectors: np.ndarray  # (n_pieces + 1, 64): the pieces' leading numbers, of unit length but for the last, zeros
    written: np.ndarray  # (n, at most 48) int32 rows of `vectors`, the last of them past a text's end
    shown: np.ndarray  # (n, count, 64) of unit length, zeros where there is no frame; count 0 for films
    mean: np.ndarray  # (64,): of the captions, by which `shown` is centred

    @property
    def nbytes(self) -> int:
        """Bytes a replica holds to re-rank."""
        return self.vectors.nbytes + self.written.nbytes + self.shown.nbytes


def fit_late(model: WeightedPieces, captions: Sequence[str], texts: Sequence[str], *sight: Viewer | SeenClips) -> Late:
    """The pieces written about each video, and its frames in the space of word pieces."""
    bags = [model.pieces.bag(text) for text in texts]
    written = np.full((len(texts), min(MOST_PIECES, max(map(len, bags), default=0) or 1)), len(model.idf) - 1, np.int32)
    for row, bag in zip(written, bags, strict=True):
        row[: len(bag)] = bag[: len(row)]
    vectors = unit(model.pieces.vectors[:, :WIDTH])
    if not sight:
        return Late(model, vectors, written, np.zeros((len(texts), 0, WIDTH), np.float32), vectors[-1])
    viewer, seen = sight
    speaker = train_speaker(viewer, pieces_of(model, captions)[:, :WIDTH])
    said = say(viewer, speaker, seen)
    return Late(model, vectors, written, unit(said.reshape(-1, WIDTH)).reshape(said.shape), speaker.mean)


def reranker(late: Late) -> Callable[[str, np.ndarray], np.ndarray]:
    """A function from a query and candidate ids to the ids in order of MaxSim, ties in the order they came.

    Each piece of the query takes the most alike piece written about the video, or the most alike frame if that is
    nearer; the sum counts rare pieces more.
    """

    vectors = late.vectors

    def order(query: str, ids: np.ndarray) -> np.ndarray:
        rows = late.model.pieces.bag(query)
        if not rows or not len(ids):
            return ids
        asked = vectors[rows]  # (n_asked, 64)
        nearest = (vectors[late.written[ids]] @ asked.T).max(axis=1)  # (n_ids, n_asked)
        if late.shown.shape[1]:
            seen = (late.shown[ids] @ unit(asked - late.mean).T).max(axis=1)
            nearest = np.maximum(nearest, FRAME_WEIGHT * seen)
        scores = np.maximum(nearest, 0) @ late.model.idf[rows]
        return ids[np.argsort(-scores, kind="stable")]

    return order
