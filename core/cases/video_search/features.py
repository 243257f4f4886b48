"""Captions, clips and queries in one space of vectors: what is indexed, and what is searched with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_search.data.queries import Queries, in_order
from core.cases.video_search.data.videos import Cast, Videos
from core.cases.video_search.model.frames import SeenClips, Speaker, Viewer, say
from core.cases.video_search.model.texts import TEXT_ENCODERS
from core.datasets.captions import emoji_captions, film_captions
from core.datasets.minilm import load_text_vectors
from core.runtime.timing import Timing, time_each
from core.stages.contrastive import unit

# Pooling: many frames to one vector of a clip, or to one of what it shows and one of how that changes.


def pool_mean(said: np.ndarray, seen: SeenClips) -> np.ndarray:
    """The mean over the frames, (n, 1, width)."""
    return said.sum(axis=1, keepdims=True) / seen.there.sum(axis=1)[:, None, None]


def pool_max(said: np.ndarray, seen: SeenClips) -> np.ndarray:
    """The largest value over the frames, number by number, (n, 1, width)."""
    return np.where(seen.there[..., None], said, -np.inf).max(axis=1, keepdims=True).astype(np.float32)


def pool_change(said: np.ndarray, seen: SeenClips) -> np.ndarray:
    """The mean over the frames, and how the first half differs from the second, (n, 2, width)."""
    halves = []
    for half in (seen.there & (seen.place < 0.5), seen.there & (seen.place >= 0.5)):
        count = np.maximum(half.sum(axis=1), 1)[:, None]
        halves.append(np.where(half[..., None], said, 0).sum(axis=1) / count)
    return np.stack([pool_mean(said, seen)[:, 0], halves[0] - halves[1]], axis=1).astype(np.float32)


POOLS = {"mean": pool_mean, "max": pool_max, "change": pool_change}
POOL_NAMES = {"mean": "mean", "max": "max", "change": "mean + temporal difference"}


@dataclass(frozen=True)
class Encoded:
    """Query vectors (m, parts, width) with the time each took."""

    vectors: np.ndarray
    timing: Timing


# The channel of vectors: captions, videos and queries in one space.


def cast_captions(cast: Cast) -> tuple[str, ...]:
    """What is taught of the things that clips may show: text encoders are fitted on it, and frames learn to say it."""
    return emoji_captions(cast.words)


def film_texts(videos: Videos, known: np.ndarray) -> tuple[str, ...]:
    """The captions of the films known, on which text encoders are fitted."""
    every = film_captions(videos.films)
    return tuple(every[row] for row in known.tolist())


def caption_vectors(model: Any, texts: tuple[str, ...], encoder: str) -> np.ndarray:
    """Vectors (n, width) of the captions."""
    return TEXT_ENCODERS[encoder].many(model, texts)


def shipped_cast(cast: Cast) -> np.ndarray:
    """MiniLM's vectors of the things' captions, which come encoded."""
    return load_text_vectors().emoji[cast.row]


def shipped_films(known: np.ndarray) -> np.ndarray:
    """MiniLM's vectors of the known films' captions, which come encoded."""
    return load_text_vectors().films[known]


def pool(viewer: Viewer, seen: SeenClips, speaker: Speaker, pooling: str) -> np.ndarray:
    """A vector for each clip, or two (n, parts, width)."""
    return POOLS[pooling](say(viewer, speaker, seen), seen)


def encode_queries(model: Any, queries: Queries, encoder: str, ordered: bool) -> Encoded:
    """Every query's vector, one request at a time; where order counts, what comes first and later are encoded apart."""
    one = TEXT_ENCODERS[encoder].one
    vectors: list[Any] = [None] * len(queries.texts)

    def request(i: int) -> None:
        first, later = in_order(queries.texts[i]) if ordered else (queries.texts[i], queries.texts[i])
        early = one(model, first)
        vectors[i] = (early, early if later == first else one(model, later))

    timing = time_each(request, len(vectors))
    return Encoded(np.array(vectors, np.float32)[:, : 2 if ordered else 1], timing)


def query_centre(speaker: Speaker) -> np.ndarray:
    """What every query's vector is centred by (width,)."""
    return speaker.mean


def query_vectors(encoded: Encoded, *speaker: Speaker, dim: int) -> np.ndarray:
    """What is searched with, (m, parts × dim) of unit length: the middle of both parts, and how they differ."""
    vectors = encoded.vectors - (speaker[0].mean if speaker else 0)
    middle = vectors.mean(axis=1, keepdims=True)
    change = [vectors[:, :1] - vectors[:, 1:]] if vectors.shape[1] == 2 else []
    return _joined(np.concatenate([middle, *change], axis=1), dim)


def clip_vectors(pooled: np.ndarray, known: np.ndarray, dim: int) -> np.ndarray:
    """What is indexed of the known clips, (n, parts × dim) of unit length."""
    return _joined(pooled[known], dim)


def film_vectors(said: np.ndarray, dim: int) -> np.ndarray:
    """What is indexed of the films whose captions were encoded, (n, dim) of unit length."""
    return _joined(said[:, None], dim)


def _joined(parts: np.ndarray, dim: int) -> np.ndarray:
    """Each part (n, parts, width) cut to `dim` numbers and of equal length, side by side, of unit length together."""
    cut = parts[:, :, :dim]
    return unit(unit(cut.reshape(-1, dim)).reshape(len(cut), -1))
