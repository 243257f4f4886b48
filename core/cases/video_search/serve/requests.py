"""How a request is answered: each query alone, and timed as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.video_search.data.queries import N_QUERIES, Queries
from core.cases.video_search.serve.fusion import FUSIONS
from core.cases.video_search.serve.late_interaction import Late, reranker
from core.cases.video_search.serve.words import Hits, WordIndex, postings, word_searcher
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex, build_index, search, searcher, train_coarse
from core.stages.serve import serve_batch, serve_hybrid
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 10
CANDIDATES = 100  # of each channel


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


def cluster(vectors: np.ndarray, seed: int) -> np.ndarray:
    """The centroids that all IVF kinds share."""
    return train_coarse(vectors, seed)


def build(vectors: np.ndarray, *coarse: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the videos' vectors."""
    return build_index(vectors, *coarse, kind=kind, seed=seed)


# Requests.


def search_words(index: WordIndex, queries: Queries) -> Answered:
    """The channel of words, query by query."""
    find = word_searcher(index, CANDIDATES)
    work = np.array([postings(index, text) for text in queries.texts])
    return _answered(lambda i: find(queries.texts[i]), CANDIDATES, work)


def search_vectors(index: BuiltIndex, queries: np.ndarray, known: np.ndarray, effort: int) -> Answered:
    """The channel of vectors: all answers with their scores at once, then every query alone for its time."""
    near = search(index, queries, k=CANDIDATES, effort=effort)
    ids = np.where(near.ids >= 0, known[near.ids], -1)
    one = searcher(index, k=CANDIDATES, effort=effort)
    timing = time_each(lambda i: one(queries[i]), N_QUERIES)
    return Answered(ids, timing, near.scores, near.n_distances)


def fuse(*channels: Answered, fusion: str, alpha: float, depth: int) -> Answered:
    """One list from both channels, as deep as what follows needs."""
    join = FUSIONS[fusion]

    def one(i: int) -> Hits:
        hits = [channel.hits(i) for channel in channels]
        ids = join(hits[0], hits[-1], alpha)[:depth]
        return ids, np.zeros(len(ids), np.float32)

    return _answered(one, depth, np.zeros(N_QUERIES))


def rerank(candidates: Answered, late: Late, queries: Queries) -> Answered:
    """The candidates of each query in order of late interaction."""
    order = reranker(late)

    def one(i: int) -> Hits:
        ids = order(queries.texts[i], candidates.hits(i)[0])
        return ids, np.zeros(len(ids), np.float32)

    return _answered(one, candidates.ids.shape[1], (candidates.ids >= 0).sum(axis=1))


def _answered(one: Callable[[int], Hits], width: int, work: np.ndarray) -> Answered:
    """Each request answered and timed in one go: the answer that is graded is the one that was timed."""
    ids, scores = np.full((N_QUERIES, width), -1, np.int64), np.zeros((N_QUERIES, width), np.float32)

    def request(i: int) -> None:
        videos, how_well = one(i)
        ids[i, : len(videos)], scores[i, : len(videos)] = videos, how_well

    timing = time_each(request, N_QUERIES)
    return Answered(ids, timing, scores, work)


# Serving.


def top(ranked: Answered) -> np.ndarray:
    """Online serving: the first ten (m, K)."""
    return ranked.ids[:, :K]


def precompute(ranked: Answered, queries: Queries, unseen_h: float, name: str) -> SnapshotReader:
    """The batch job: the answers to every query that somebody had asked by the time of the snapshot, read by key."""
    known = np.flatnonzero(queries.asked_h >= unseen_h) if unseen_h else np.flatnonzero(queries.asked_h)
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
