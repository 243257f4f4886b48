"""The re-rank: a query compared with each candidate word by word and frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.cases.video_search.model.frames import SeenClips, Viewer, say, train_speaker
from core.cases.video_search.model.texts import WeightedPieces, pieces_of
from core.stages.contrastive import unit

MOST_PIECES = 48  # of what is written about a video; a film's record has about 35
WIDTH = 64  # leading numbers of a piece that are compared: all 128 find no more and take twice as long
FRAME_WEIGHT = 1.5  # a frame is never as like a word as the word itself: this evens it out


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
        return sum(a.nbytes for a in (self.vectors, self.written, self.shown, self.mean, self.model.idf))


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
        pieces = vectors[rows]  # (n_asked, 64)
        nearest = (vectors[late.written[ids]] @ pieces.T).max(axis=1)  # (n_ids, n_asked)
        if late.shown.shape[1]:
            seen = (late.shown[ids] @ unit(pieces - late.mean).T).max(axis=1)
            nearest = np.maximum(nearest, FRAME_WEIGHT * seen)
        scores = np.maximum(nearest, 0) @ late.model.idf[rows]
        return ids[np.argsort(-scores, kind="stable")]

    return order
