"""Searching an index: in batches with comparisons counted, and one query at a time for timing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.metrics.ranking import TIE
from core.stages.index.build import BuiltIndex, checked_matrix
from core.stages.index.kinds import FLOAT32_NOISE, INDEXES, faiss_module, kind_named

GATHERED_BYTES = 2**23  # full vectors re-ranked at once, to fit in a processor cache
_graph_counts = threading.Lock()  # faiss counts the distances of graph searches in one global


@dataclass(frozen=True)
class Found:
    """Neighbours, best first: ids (n_queries, k), padded with -1; scores (n_queries, k), higher is nearer.

    `n_distances` (n_queries,) counts the vectors, codes and centroids compared with each query. Raises ValueError for a
    score that is NaN.
    """

    ids: np.ndarray
    scores: np.ndarray
    n_distances: np.ndarray

    def __post_init__(self) -> None:
        if np.isnan(self.scores).any():
            raise ValueError(f"the search gave NaN as a score for {np.isnan(self.scores).any(axis=1).sum()} queries")


def search(
    built: BuiltIndex, queries: np.ndarray, full: np.ndarray | None = None, full_queries: np.ndarray | None = None,
    *, k: int, effort: int = 1, rerank: int = 0,
) -> Found:  # fmt: skip
    """The k nearest to each query (n_queries, d), with nprobe or efSearch = effort; flat kinds ignore the effort.

    With `rerank` = R >= k, the R best of the index are re-ordered by the exact inner products of `full_queries` with
    `full` (n, d_full), which may be wider than the indexed vectors.
    """
    rows = checked_matrix(queries, "queries", built.d)
    full = _check_request(built, k, effort, rerank, full)
    chosen = kind_named(built.kind)
    distances, ids, n_distances = _LOOKUPS[chosen.effort_name](built, rows, min(int(max(k, rerank)), built.n), effort)
    scores = np.where(ids < 0, -np.inf, chosen.score(_measurable(built, rows, distances, effort))).astype(np.float32)
    if rerank:
        n_distances = n_distances + (ids >= 0).sum(axis=1)
        ids, scores = _rerank(ids, full, _full_queries(full_queries, len(rows), full), min(k, built.n))
    return Found(_padded(ids, k, -1), _padded(scores, k, -np.inf), n_distances.astype(np.int64))


def _check_request(built: BuiltIndex, k: int, effort: int, rerank: int, full: np.ndarray | None) -> np.ndarray | None:
    """The full vectors (n, d_full) for a request that re-ranks, else None; ValueError for an impossible request."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if INDEXES[built.kind].effort_name and effort < 1:
        raise ValueError(f"effort must be at least 1, not {effort}")
    if not rerank:
        return None
    if rerank < k:
        raise ValueError(f"rerank must be 0 or at least k = {k}, not {rerank}")
    if full is None:
        raise ValueError("rerank needs the full vectors")
    if len(full) != built.n:
        raise ValueError(f"{len(full)} full vectors for an index of {built.n}")
    return checked_matrix(full, "full vectors")


def _full_queries(full_queries: np.ndarray | None, n_queries: int, full: np.ndarray) -> np.ndarray:
    if full_queries is None:
        raise ValueError("rerank needs the full queries")
    rows = checked_matrix(full_queries, "full queries", full.shape[1])
    if len(rows) != n_queries:
        raise ValueError(f"{len(rows)} full queries for {n_queries} queries")
    return rows


def _padded(values: np.ndarray, k: int, fill: float) -> np.ndarray:
    """The values (n_queries, <= k) widened to k columns."""
    return np.pad(values[:, :k], ((0, 0), (0, max(0, k - values.shape[1]))), constant_values=fill)


def _search_all(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) over every vector or code; n comparisons per query."""
    faiss_module()
    return *built.index.search(queries, k), np.full(len(queries), built.n)


def _search_lists(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) over the nearest lists; comparisons with all centroids and those lists."""
    faiss, index = faiss_module(), built.index
    nprobe = min(int(effort), index.nlist)
    to_lists, lists = index.quantizer.search(queries, nprobe)
    in_lists = _vectors_in(index, lists)
    distances = np.empty((len(queries), k), np.float32)
    ids = np.empty((len(queries), k), np.int64)
    inputs = [faiss.swig_ptr(values) for values in (lists, to_lists, distances, ids)]
    params = _search_params(built, effort)
    index.search_preassigned_c(len(queries), faiss.swig_ptr(queries), k, *inputs, False, params)
    return distances, ids, index.nlist + in_lists


def _vectors_in(index: Any, lists: np.ndarray) -> np.ndarray:
    """The number of vectors in each row of list numbers (n_queries, nprobe)."""
    sizes = np.array([index.invlists.list_size(i) for i in range(index.nlist)])
    return sizes[lists].sum(axis=1)


def _measurable(built: BuiltIndex, queries: np.ndarray, distances: np.ndarray, effort: int) -> np.ndarray:
    """The distances (n_queries, k), with those that fast scan lost as NaN measured to one of the codes.

    Fast scan divides by the range of its look-up tables, which is 0 where every code is equally far from the query.
    """
    for i in np.flatnonzero(np.isnan(distances).any(axis=1)):
        away = queries[i] - _any_code(built, queries[i : i + 1], effort)
        distances[i] = np.where(np.isnan(distances[i]), away @ away, distances[i])
    return distances


def _any_code(built: BuiltIndex, query: np.ndarray, effort: int) -> np.ndarray:
    """The vector (d,) of the first code that a search with one query (1, d) compares."""
    faiss, index, vector = faiss_module(), built.index, np.empty(built.d, np.float32)
    if INDEXES[built.kind].effort_name is None:
        return index.reconstruct(0)
    lists = index.quantizer.search(query, min(int(effort), index.nlist))[1][0]
    filled = next(int(i) for i in lists if index.invlists.list_size(int(i)))
    index.reconstruct_from_offset(filled, 0, faiss.swig_ptr(vector))
    return vector


def _search_graph(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) of a walk with `effort` candidates; comparisons as faiss counts them."""
    faiss, index, params = faiss_module(), built.index, _search_params(built, effort)
    counts, pointer = faiss.cvar.hnsw_stats, faiss.swig_ptr
    distances, ids = np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
    n_distances = np.empty(len(queries), np.int64)
    for i, query in enumerate(queries):
        outputs = pointer(distances[i]), pointer(ids[i])
        with _graph_counts:
            before = counts.ndis
            index.search_c(1, pointer(query), k, *outputs, params)
            n_distances[i] = counts.ndis - before
    return distances, ids, n_distances


_LOOKUPS = {None: _search_all, "nprobe": _search_lists, "efSearch": _search_graph}


def comparisons(built: BuiltIndex, queries: np.ndarray, *, k: int, effort: int = 1, rerank: int = 0) -> np.ndarray:
    """The `n_distances` of `search` (n_queries,), computed without a search except for graphs."""
    rows, effort_name = checked_matrix(queries, "queries", built.d), kind_named(built.kind).effort_name
    if effort_name == "efSearch":
        walked = search(built, rows, k=max(k, rerank), effort=effort)
        return walked.n_distances + (walked.ids >= 0).sum(axis=1) * (rerank > 0)
    if effort_name is None:
        return np.full(len(rows), built.n + min(rerank, built.n))
    index = built.index
    seen = _vectors_in(index, index.quantizer.search(rows, min(int(effort), index.nlist))[1])
    return index.nlist + seen + np.minimum(seen, rerank)


def _rerank(ids: np.ndarray, full: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best k of each row of ids (n_queries, R) and their scores, by exact inner product; ties by id."""
    candidates = np.sort(ids, axis=1)  # a stable sort by score then leaves equal scores in the order of their ids
    scores = np.empty(candidates.shape, np.float32)
    block = max(1, GATHERED_BYTES // (8 * candidates.shape[1] * full.shape[1]))
    for start in range(0, len(candidates), block):
        rows = slice(start, start + block)
        vectors = full[candidates[rows]].astype(np.float64)
        scores[rows] = np.einsum("qrd,qd->qr", vectors, queries[rows].astype(np.float64))
    scores[candidates < 0] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(scores, order, axis=1)


def _best(ids: np.ndarray, corpus: np.ndarray, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k candidates nearest to one query and their scores; ties by id."""
    scores = np.einsum("rd,d->r", corpus[ids].astype(np.float64), query.astype(np.float64)).astype(np.float32)
    order = np.lexsort((ids, -scores))[:k]
    return ids[order], scores[order]


def inner_products(corpus: np.ndarray, queries: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """The exact inner products (n_queries, k) of each query with the vectors of its ids, -inf for the id -1."""
    products = np.full(ids.shape, -np.inf)
    for row, (query, own) in enumerate(zip(queries, ids, strict=True)):
        products[row, own >= 0] = corpus[own[own >= 0]].astype(np.float64) @ query.astype(np.float64)
    return products


def exact_neighbours(corpus: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Ids (n_queries, k) of the k largest inner products, ties by id, -1 past the last vector."""
    corpus = checked_matrix(corpus, "corpus")
    queries = checked_matrix(queries, "queries", corpus.shape[1])
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    kept = min(k, len(corpus))
    slack = FLOAT32_NOISE * np.linalg.norm(corpus, axis=1).max() * np.linalg.norm(queries, axis=1)
    ids = np.full((len(queries), k), -1, np.int64)
    block = max(1, 4_000_000 // len(corpus))  # queries at a time: 16 MB of products
    for start in range(0, len(queries), block):
        products = queries[start : start + block] @ corpus.T
        least = np.partition(products, len(corpus) - kept, axis=1)[:, len(corpus) - kept]
        for row, (product, bound) in enumerate(zip(products, least, strict=True), start):
            candidates = np.flatnonzero(product >= bound - slack[row])
            ids[row, :kept] = _best(candidates, corpus, queries[row], kept)[0]
    return ids


def in_favour(exact: np.ndarray, returned: np.ndarray, corpus: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The exact neighbours (n_queries, k), where returned ids as near as the last of them stand in for others as near.

    `recall_at_k` of the returned ids by these is `recall_with_ties`: which of several equal vectors came back makes no
    difference. Ids are rows of the corpus (n, d), -1 for none; queries (n_queries, d).
    """
    n_exact = (exact >= 0).sum(axis=1, keepdims=True)
    last = inner_products(corpus, queries, np.take_along_axis(exact, np.maximum(n_exact - 1, 0), axis=1))
    near = inner_products(corpus, queries, returned) >= last - TIE * np.maximum(1.0, np.abs(last))
    others = near & (returned >= 0) & ~(returned[:, :, None] == exact[:, None, :]).any(axis=2)
    chosen = exact.copy()
    for row in np.flatnonzero(others.any(axis=1)):
        count, mine = int(n_exact[row, 0]), returned[row, near[row]]
        true = exact[row, :count]
        chosen[row, :count] = np.concatenate([mine, true[~np.isin(true, mine)]])[:count]
    return chosen


# The timed path: one query at a time, without repeated work.


def searcher(
    built: BuiltIndex, full: np.ndarray | None = None, *, k: int, effort: int = 1, rerank: int = 0
) -> Callable[..., np.ndarray]:
    """The timed path: a function from float32 query (d,) and full query (d_full,) to ids (at most k,).

    It checks and counts nothing and reuses its buffers, so each thread needs its own.
    """
    full = _check_request(built, k, effort, rerank, full)
    look = _lean_lookup(built, min(int(max(k, rerank)), built.n), effort)
    if not rerank:
        return look

    def answer(query: np.ndarray, full_query: np.ndarray) -> np.ndarray:
        candidates = look(query)
        if candidates[-1] < 0:
            candidates = candidates[candidates >= 0]
        products = full.take(candidates, axis=0) @ full_query
        return candidates[products.argsort()[: -k - 1 : -1]]

    return answer


def _lean_lookup(built: BuiltIndex, k: int, effort: int) -> Callable[..., np.ndarray]:
    """A function from one float32 query (d,) to its ids (k,) that bypasses faiss' Python checks.

    `this` is the bare C++ pointer of a faiss object; passing it saves a microsecond per call.
    """
    faiss, params = faiss_module(), _search_params(built, effort)
    distances, ids = np.empty(k, np.float32), np.empty(k, np.int64)
    find, pointer, index = type(built.index).search_c, faiss.swig_ptr, built.index.this
    outputs = pointer(distances), pointer(ids), params and params.this

    def look(query: np.ndarray, full_query: np.ndarray | None = None) -> np.ndarray:
        find(index, 1, pointer(query), k, *outputs)
        return ids.copy()

    def look_in_graph(query: np.ndarray, full_query: np.ndarray | None = None) -> np.ndarray:
        with _graph_counts:
            find(index, 1, pointer(query), k, *outputs)
        return ids.copy()

    look.keeps_alive = look_in_graph.keeps_alive = built, distances, params  # a bare pointer keeps nothing alive
    return look_in_graph if INDEXES[built.kind].effort_name == "efSearch" else look


def _search_params(built: BuiltIndex, effort: int) -> Any:
    """faiss' per-search settings, so that no search writes to the shared index; None for the flat kinds."""
    faiss, effort_name = faiss_module(), INDEXES[built.kind].effort_name
    if effort_name == "nprobe":
        return faiss.SearchParametersIVF(nprobe=min(int(effort), built.index.nlist))
    return faiss.SearchParametersHNSW(efSearch=int(effort)) if effort_name else None
