"""The stages of video search between the world and the figures; each query is answered alone, and timed as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_search.asking import in_order
from core.cases.video_search.encoders import TEXT_ENCODERS
from core.cases.video_search.matching import FUSIONS, Late, reranker
from core.cases.video_search.seeing import POOLS, SeenClips, Speaker, Viewer, say
from core.cases.video_search.words import Hits, WordIndex, postings, word_searcher
from core.cases.video_search.world import N_QUERIES, Cast, Queries, Videos
from core.contract.case import Estimate, estimate
from core.datasets.captions import emoji_captions, film_captions
from core.datasets.minilm import load_text_vectors
from core.metrics import mrr_at_k, recall_at_k
from core.runtime.timing import Timing, time_each
from core.stages.contrastive import unit
from core.stages.index import BuiltIndex, build_index, exact_neighbours, search, searcher, train_coarse
from core.stages.serve import serve_batch, serve_hybrid
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 10
CANDIDATES = 100  # of each channel
EXACT_EVERY = 4  # queries whose true neighbours are worked out: all would take longer than the search itself


@dataclass(frozen=True)
class Answered:
    """What each request (m) came to: ids (m, k), -1 past the last, their scores, the time it took and its work."""

    ids: np.ndarray
    timing: Timing
    scores: np.ndarray
    work: np.ndarray  # (m,) postings or distances

    def hits(self, i: int) -> Hits:
        """The ids and scores of one request, without the padding."""
        kept = self.ids[i] >= 0
        return self.ids[i][kept], self.scores[i][kept]


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


def encode_queries(model: Any, asked: Queries, encoder: str, ordered: bool) -> Encoded:
    """Every query's vector, one request at a time; where order counts, what comes first and later are encoded apart."""
    one = TEXT_ENCODERS[encoder].one
    found: list[Any] = [None] * N_QUERIES

    def request(i: int) -> None:
        first, later = in_order(asked.texts[i]) if ordered else (asked.texts[i], asked.texts[i])
        early = one(model, first)
        found[i] = (early, early if later == first else one(model, later))

    timing = time_each(request, N_QUERIES)
    return Encoded(np.array(found, np.float32)[:, : 2 if ordered else 1], timing)


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


def cluster(vectors: np.ndarray, seed: int) -> np.ndarray:
    """The centroids that all IVF kinds share."""
    return train_coarse(vectors, seed)


def build(vectors: np.ndarray, *coarse: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the videos' vectors."""
    return build_index(vectors, *coarse, kind=kind, seed=seed)


# Requests.


def search_words(index: WordIndex, asked: Queries) -> Answered:
    """The channel of words, query by query."""
    find = word_searcher(index, CANDIDATES)
    work = np.array([postings(index, text) for text in asked.texts])
    return _answered(lambda i: find(asked.texts[i]), CANDIDATES, work)


def search_vectors(index: BuiltIndex, queries: np.ndarray, known: np.ndarray, effort: int) -> Answered:
    """The channel of vectors: all answers with their scores at once, then every query alone for its time."""
    found = search(index, queries, k=CANDIDATES, effort=effort)
    ids = np.where(found.ids >= 0, known[found.ids], -1)
    one = searcher(index, k=CANDIDATES, effort=effort)
    timing = time_each(lambda i: one(queries[i]), N_QUERIES)
    return Answered(ids, timing, found.scores, found.n_distances)


def fuse(*channels: Answered, fusion: str, alpha: float, depth: int) -> Answered:
    """One list from both channels, as deep as what follows needs."""
    join = FUSIONS[fusion]

    def one(i: int) -> Hits:
        hits = [channel.hits(i) for channel in channels]
        ids = join(hits[0], hits[-1], alpha)[:depth]
        return ids, np.zeros(len(ids), np.float32)

    return _answered(one, depth, np.zeros(N_QUERIES))


def rerank(candidates: Answered, late: Late, asked: Queries) -> Answered:
    """The candidates of each query in order of late interaction."""
    order = reranker(late)

    def one(i: int) -> Hits:
        ids = order(asked.texts[i], candidates.hits(i)[0])
        return ids, np.zeros(len(ids), np.float32)

    return _answered(one, candidates.ids.shape[1], (candidates.ids >= 0).sum(axis=1))


def _answered(one: Callable[[int], Hits], width: int, work: np.ndarray) -> Answered:
    """Each request answered and timed in one go: the answer that is graded is the one that was timed."""
    ids, scores = np.full((N_QUERIES, width), -1, np.int64), np.zeros((N_QUERIES, width), np.float32)

    def request(i: int) -> None:
        found, how_well = one(i)
        ids[i, : len(found)], scores[i, : len(found)] = found, how_well

    timing = time_each(request, N_QUERIES)
    return Answered(ids, timing, scores, work)


# Serving.


def top(ranked: Answered) -> np.ndarray:
    """Online serving: the first ten (m, K)."""
    return ranked.ids[:, :K]


def precompute(ranked: Answered, asked: Queries, unseen_h: float, name: str) -> SnapshotReader:
    """The batch job: the answers to every query that somebody had asked by the time of the snapshot, read by key."""
    known = np.flatnonzero(asked.asked_h >= unseen_h) if unseen_h else np.flatnonzero(asked.asked_h)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (known, ranked.ids[known, :K], None))


def from_store(store: SnapshotReader) -> np.ndarray:
    """Batch serving: what the store holds (m, K); nothing for a query it has never met."""
    return serve_batch(store, np.arange(N_QUERIES))[0]


def from_store_or_search(store: SnapshotReader, ranked: Answered) -> np.ndarray:
    """Hybrid serving: the store where it knows the query, a search where it does not."""
    return serve_hybrid(store, np.arange(N_QUERIES), lambda i: ranked.ids[i, :K])


def time_look_up(store: SnapshotReader) -> Timing:
    """One request's look-up in the store, for every query."""
    return time_each(store.get, N_QUERIES)


# Grades.


def grade(served: np.ndarray, asked: Queries, seed: int) -> dict[str, Estimate]:
    """Qualities of the answers (m, K) against the right videos of each query."""
    rank = mrr_at_k(served, asked.right, K)
    graded = {"mrr@10": rank, "R@1": (rank == 1).astype(float), "R@10": (rank > 0).astype(float)}
    return {name: estimate(per_query, seed) for name, per_query in graded.items()}


def grade_index(found: Answered, vectors: np.ndarray, queries: np.ndarray, known: np.ndarray, seed: int) -> Estimate:
    """Of the ten true neighbours of a query, how many the index has among its first ten, for every fourth query."""
    part = slice(None, None, EXACT_EVERY)
    return estimate(recall_at_k(found.ids[part, :K], known[exact_neighbours(vectors, queries[part], K)], K), seed)
