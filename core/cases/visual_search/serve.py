"""Serving: the index over what is known, answers on request, in batches and from the store, and their clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.visual_search.data import World
from core.cases.visual_search.features import Vectors
from core.cases.visual_search.model import ENCODERS
from core.runtime.timing import Timing, time_batches, time_each
from core.stages import embed
from core.stages.index import (
    BuiltIndex,
    build_index,
    comparisons,
    search,
    searcher,
    train_coarse,
)
from core.stages.serve import serve_batch, serve_hybrid
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 10
N_TIMED = 1_000  # single requests timed: the fewest that carry a p99, and as many as there are queries at most


@dataclass(frozen=True)
class Catalogue:
    """The part of the catalogue that an index knows: its vectors (m, d) and their rows (m,) in the catalogue."""

    vectors: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Answered:
    """Queries answered one by one: rows of the catalogue (n_queries, K), -1 past the last found, and their times."""

    ids: np.ndarray
    timing: Timing


def known_images(short: Vectors, world: World, unseen: float) -> Catalogue:
    """What an index built before the newest `unseen` share of the images came can know."""
    rows = np.flatnonzero(world.corpus_age >= unseen)
    return Catalogue(short.corpus[rows] if unseen else short.corpus, rows)


def cluster(catalogue: Catalogue, seed: int) -> np.ndarray:
    """The centroids that all IVF kinds share."""
    return train_coarse(catalogue.vectors, seed)


def build(catalogue: Catalogue, *coarse: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the catalogue's short vectors."""
    return build_index(catalogue.vectors, *coarse, kind=kind, seed=seed)


def full_of(catalogue: Catalogue, full: Vectors) -> np.ndarray:
    """The full vectors (m, d) behind the short ones that an index knows; no copy where it knows everything."""
    return full.corpus if len(catalogue.rows) == len(full.corpus) else full.corpus[catalogue.rows]


def answer_requests(
    index: BuiltIndex, catalogue: Catalogue, short: Vectors, full: Vectors, effort: int, rerank: int
) -> Answered:
    """Every query searched and re-ranked alone, N_TIMED requests in all: the answers graded are those timed."""
    one = searcher(index, full_of(catalogue, full) if rerank else None, k=K, effort=effort, rerank=rerank)
    n, found = len(short.queries), {}

    def request(i: int) -> None:
        at = i % n
        found[at] = one(short.queries[at], full.queries[at])

    timing = time_each(request, N_TIMED)
    ids = np.full((n, K), -1, np.int64)
    for at, near in found.items():
        ids[at, : len(near)] = near
    return Answered(_in_catalogue(ids, catalogue), timing)


def count_comparisons(index: BuiltIndex, short: Vectors, effort: int, rerank: int) -> float:
    """Vectors, codes and centroids that a request is compared with, on average."""
    return float(comparisons(index, short.queries, k=K, effort=effort, rerank=rerank).mean())


def search_all(
    index: BuiltIndex, catalogue: Catalogue, short: Vectors, full: Vectors, effort: int, rerank: int
) -> np.ndarray:
    """The batch job's searches: every query's answers (n_queries, K), all in one go."""
    kept = full_of(catalogue, full) if rerank else None
    found = search(index, short.queries, kept, full.queries, k=K, effort=effort, rerank=rerank)
    return _in_catalogue(found.ids, catalogue)


def _in_catalogue(ids: np.ndarray, catalogue: Catalogue) -> np.ndarray:
    """What an index numbers, as rows of the whole catalogue; -1 stays."""
    return np.where(ids >= 0, catalogue.rows[ids], -1)


def precompute(ids: np.ndarray, world: World, unseen: float, uploads: float, name: str) -> SnapshotReader:
    """The batch job: answers of every picture of the catalogue known at the time of the snapshot, read by its key.

    A share `uploads` of the queries are photos that visitors bring, which no job has seen.
    """
    known = np.flatnonzero((world.query_age >= unseen) & (world.query_turn >= uploads))
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (known, ids[known], None))


def from_store(reader: SnapshotReader, world: World) -> np.ndarray:
    """Batch serving: what the store holds (n_queries, K); nothing for a photo that it has never seen or cannot."""
    return serve_batch(reader, np.arange(len(world.queries)))[0]


def from_store_or_search(reader: SnapshotReader, now: Answered) -> np.ndarray:
    """Hybrid serving: the store where it knows the photo, a search of today's index where it does not."""
    return serve_hybrid(reader, np.arange(len(now.ids)), lambda i: now.ids[i])


def answers(now: Answered) -> np.ndarray:
    """Online serving: the index's own answers (n_queries, K)."""
    return now.ids


def time_encoding(model: Any, projection: embed.Projection, world: World, encoder: str) -> Timing:
    """One request's way from image to short vector, N_TIMED times."""
    n, make = len(world.queries), ENCODERS[encoder].encode

    def request(i: int) -> None:
        at = i % n
        embed.reduce(projection, make(model, world.queries[at : at + 1]))

    return time_each(request, N_TIMED)


def time_look_up(reader: SnapshotReader) -> Timing:
    """One request's look-up in the store, N_TIMED times."""
    return time_each(reader.get, N_TIMED)


def time_in_batches(
    index: BuiltIndex, catalogue: Catalogue, model: Any, projection: embed.Projection, world: World, full: Vectors,
    encoder: str, effort: int, rerank: int, learned: bool, size: int,
) -> dict[int, Timing]:  # fmt: skip
    """Encoding and search of requests that came together, for batches of 1, a quarter and all of `size`."""

    def together(n: int) -> None:
        vectors = ENCODERS[encoder].encode(model, world.queries[:n])
        reduced = embed.reduce(projection, vectors)
        kept = full_of(catalogue, full) if rerank else None
        search(index, reduced, kept, reduced if learned else vectors, k=K, effort=effort, rerank=rerank)

    return time_batches(together, sorted({1, max(2, size // 4), size}))
