"""Nearest-neighbour indexes over faiss: build one once, then search it with any effort from any thread.

Vectors are float32 (n, d) of unit length; a neighbour is near when the inner product is large. Kinds that keep the
vectors compare by inner product. Kinds that keep codes compare by the distance to the decoded vector, because decoding
loses the unit length: of ten neighbours among 20,000 clustered vectors of 64 dimensions, 4-bit PQ finds .63 by distance
and .46 by inner product. Arrays come first and choices by name, so that each function is a step of a pipeline.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

EFFORTS = (1, 2, 4, 8, 16, 32, 64, 128)  # nprobe of the list kinds, efSearch of the graph
HNSW_LINKS = 16
HNSW_BUILD_EFFORT = 40  # efConstruction 80 builds in twice the time and finds one or two points more at equal efSearch
LISTS_PER_ROOT = 2  # faiss' wiki says 4 to 16; 2 answers single queries 4 to 14 % sooner at 20,000 to 100,000 vectors
ROWS_PER_CENTROID = 39  # below this faiss calls a k-means undertrained
PQ_ROWS_PER_CENTROID = 16  # with 10 rounds: a tenth of faiss' default training time for a point of recall@10
BLAS_FROM = 1024  # n_queries x d of a batch; faiss' own 128,000 suits many threads (facebookresearch/faiss#5109)
FLOAT32_NOISE = 1e-5  # relative: above the rounding error of a float32 product of a few thousand terms
_graph_counts = threading.Lock()  # faiss counts the distances of graph searches in one global


@cache
def _imported() -> ModuleType:
    import faiss

    faiss.cvar.distance_compute_blas_threshold = BLAS_FROM
    return faiss


def _faiss() -> ModuleType:
    """faiss, imported at first use, with one OpenMP thread in the calling thread (other threads keep theirs)."""
    faiss = _imported()
    faiss.omp_set_num_threads(1)
    return faiss


# The kinds: how an empty index is made, and the bytes a vector takes in it.


def n_lists(n: int) -> int:
    """Inverted lists for n vectors: 2 sqrt(n), fewer where a list would have too few vectors to train its centroid."""
    return max(1, min(int(LISTS_PER_ROOT * n**0.5), n // ROWS_PER_CENTROID))


def _subspaces(d: int, width: int) -> int:
    """The largest number of sub-vectors that divides d and leaves each at least `width` wide."""
    return next(m for m in range(max(1, d // width), 0, -1) if d % m == 0)


def _coarse_index(coarse: np.ndarray) -> Any:
    cells = _faiss().IndexFlatL2(coarse.shape[1])
    cells.add(coarse)
    return cells


def _lightly_trained(index: Any, seed: int) -> Any:
    """The product quantiser of the index set to train in seconds, silently and from the seed."""
    params = index.pq.cp
    params.seed, params.niter = seed, 10
    params.min_points_per_centroid, params.max_points_per_centroid = 1, PQ_ROWS_PER_CENTROID
    return index


def _flat(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return _faiss().IndexFlatIP(d)


def _ivf_flat(d: int, coarse: np.ndarray, seed: int) -> Any:
    faiss = _faiss()
    return faiss.IndexIVFFlat(_coarse_index(coarse), d, len(coarse), faiss.METRIC_INNER_PRODUCT)


def _ivf_sq8(d: int, coarse: np.ndarray, seed: int) -> Any:
    faiss = _faiss()
    return faiss.IndexIVFScalarQuantizer(_coarse_index(coarse), d, len(coarse), faiss.ScalarQuantizer.QT_8bit)


def _ivf_pq4(d: int, coarse: np.ndarray, seed: int) -> Any:
    index = _faiss().IndexIVFPQFastScan(_coarse_index(coarse), d, len(coarse), _subspaces(d, 2), 4)
    index.by_residual = True
    return _lightly_trained(index, seed)


def _ivf_pq8(d: int, coarse: np.ndarray, seed: int) -> Any:
    return _lightly_trained(_faiss().IndexIVFPQ(_coarse_index(coarse), d, len(coarse), _subspaces(d, 4), 8), seed)


def _hnsw(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    faiss = _faiss()
    index = faiss.IndexHNSWFlat(d, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = HNSW_BUILD_EFFORT
    index.hnsw.rng = faiss.RandomGenerator(seed)
    return index


def _sq8(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    faiss = _faiss()
    return faiss.IndexScalarQuantizer(d, faiss.ScalarQuantizer.QT_8bit)


def _pq4(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return _lightly_trained(_faiss().IndexPQFastScan(d, _subspaces(d, 2), 4), seed)


def _pq8(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    index = _faiss().IndexPQ(d, _subspaces(d, 4), 8)
    index.do_polysemous_training = False  # ten times the training time, for a filter that is not used here
    return _lightly_trained(index, seed)


def _lsh(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    index = _faiss().IndexLSH(d, 2 * d, True, False)  # rotated, no trained thresholds
    index.rrot.init(seed)
    return index


def _binary(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return _faiss().IndexLSH(d, d, False, True)  # not rotated; thresholds are the medians


def _list_bytes(n: int, d: int) -> float:
    """Bytes a vector that inverted lists add: its id and its share of the centroids."""
    return 8 + 4 * d * n_lists(n) / n


def _pq_bytes(n: int, d: int, bits: int) -> float:
    """Bytes a vector of a PQ code, d / 4 where the sub-vectors divide evenly, with its share of the codebooks."""
    m = _subspaces(d, bits // 2)
    return np.ceil(m * bits / 8) + 4 * d * 2**bits / n


def _ivf_pq4_bytes(n: int, d: int) -> float:
    padding = 16 * np.ceil(_subspaces(d, 2) / 2) * n_lists(n) / n  # lists end in half a block of 32 codes on average
    return _pq_bytes(n, d, 4) + padding + _list_bytes(n, d)


def _hnsw_bytes(n: int, d: int) -> float:
    m = HNSW_LINKS
    return 4 * d + 8 * m + 12 + 4 * m / (m - 1)  # vector, 2m links below, level and offset, m links on each upper level


def _as_is(distances: np.ndarray) -> np.ndarray:
    return distances


def _product_from_square(distances: np.ndarray) -> np.ndarray:
    """Inner products of unit vectors from their squared distances."""
    return 1 - distances / 2


@dataclass(frozen=True)
class IndexKind:
    """One kind of index: `make(d, coarse, seed)` gives it empty, `vector_bytes(n, d)` is its law of memory.

    `score` turns what faiss returns into a score that is higher for nearer vectors.
    """

    label: str
    help: str
    make: Callable[[int, np.ndarray | None, int], Any]
    vector_bytes: Callable[[int, int], float]
    effort_name: str | None = None
    score: Callable[[np.ndarray], np.ndarray] = _as_is


INDEXES: dict[str, IndexKind] = {
    "flat": IndexKind(
        "Flat (exact)", "Compares the query with every vector: exact, and linear in their number.",
        _flat, lambda n, d: 4 * d,
    ),
    "ivf_flat": IndexKind(
        "IVF, full vectors", "Compares only with the vectors in the nprobe nearest lists: fewer lists, more misses.",
        _ivf_flat, lambda n, d: 4 * d + _list_bytes(n, d), "nprobe",
    ),
    "ivf_sq8": IndexKind(
        "IVF, 8 bits a dimension", "Lists with one byte a dimension: a quarter of the memory, little recall lost.",
        _ivf_sq8, lambda n, d: d + 8 * d / n + _list_bytes(n, d), "nprobe", _product_from_square,
    ),
    "ivf_pq4": IndexKind(
        "IVF, PQ 4-bit fast scan", "Lists of short codes compared in registers: small, and in need of a re-rank.",
        _ivf_pq4, _ivf_pq4_bytes, "nprobe", _product_from_square,
    ),
    "ivf_pq8": IndexKind(
        "IVF, PQ 8-bit", "Lists of short codes looked up in tables: finer than 4-bit codes, longer to train.",
        _ivf_pq8, lambda n, d: _pq_bytes(n, d, 8) + _list_bytes(n, d), "nprobe", _product_from_square,
    ),
    "hnsw": IndexKind(
        "HNSW graph", "Walks a graph of neighbours: few comparisons for high recall, paid in memory and build time.",
        _hnsw, _hnsw_bytes, "efSearch",
    ),
    "sq8": IndexKind(
        "8 bits a dimension", "Compares with every vector at one byte a dimension: buys memory rather than time.",
        _sq8, lambda n, d: d + 8 * d / n, None, _product_from_square,
    ),
    "pq4": IndexKind(
        "PQ 4-bit fast scan", "Compares with every code in registers: a sixteenth of the memory, fast; re-rank it.",
        _pq4, lambda n, d: _pq_bytes(n, d, 4), None, _product_from_square,
    ),
    "pq8": IndexKind(
        "PQ 8-bit", "Compares with every code through tables: a sixteenth of the memory, finer than 4-bit, slower.",
        _pq8, lambda n, d: _pq_bytes(n, d, 8), None, _product_from_square,
    ),
    "lsh": IndexKind(
        "LSH, random planes", "Counts the random planes, 2d of them, that part two vectors: nothing to learn, coarse.",
        _lsh, lambda n, d: np.ceil(2 * d / 8) + 8 * d * d / n, None, np.negative,
    ),
    "binary": IndexKind(
        "Sign bits", "Keeps one bit a dimension, above or below its median: a thirty-second of the memory, coarse.",
        _binary, lambda n, d: np.ceil(d / 8) + 4 * d / n, None, np.negative,
    ),
}  # fmt: skip


def bytes_law(kind: str, n: int, d: int) -> float:
    """Bytes a vector takes in an index of n vectors of width d (faiss wiki, *Faiss indexes*; HNSW with its offsets).

    Vectors are 4d (full) or d (8 bits); codes d/4 (PQ, Jégou et al. 2011; LSH) or d/8 (signs); lists add
    8 + 4 d nlist/n, HNSW 8M + 12 + 4M/(M-1). What is stored once (codebooks, ranges, a rotation) is shared out over n.
    """
    return float(_kind(kind).vector_bytes(n, d))


# Building.


@dataclass(frozen=True)
class BuiltIndex:
    """A searchable index of n vectors of width d; `nbytes` is its serialised size. Searches never change it."""

    index: Any
    kind: str
    nbytes: int
    n: int
    d: int


def _kind(kind: str) -> IndexKind:
    if kind not in INDEXES:
        raise ValueError(f"no index kind {kind!r}: choose one of {', '.join(INDEXES)}")
    return INDEXES[kind]


def _matrix(values: np.ndarray, name: str, width: int | None = None) -> np.ndarray:
    """The values as finite, contiguous float32 (n, width); ValueError says what is wrong with them."""
    matrix = np.ascontiguousarray(values, dtype=np.float32) if np.ndim(values) == 2 else np.asarray(values)
    if matrix.ndim != 2:
        raise ValueError(f"{name} must be a matrix (n, d), not of shape {matrix.shape}")
    if matrix.size == 0:
        raise ValueError(f"{name} must not be empty, shape is {matrix.shape}")
    if width is not None and matrix.shape[1] != width:
        raise ValueError(f"{name} have {matrix.shape[1]} dimensions, the index has {width}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"{name} hold NaN or infinity")
    return matrix


def train_coarse(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Centroids (nlist, d) of the inverted lists, by k-means: train once, hand to every IVF kind."""
    faiss, rows = _faiss(), _matrix(vectors, "vectors")
    params = faiss.ClusteringParameters()
    params.seed, params.niter, params.min_points_per_centroid = seed, 10, 1
    clustering = faiss.Clustering(rows.shape[1], n_lists(len(rows)), params)
    clustering.train(rows, faiss.IndexFlatL2(rows.shape[1]))
    return faiss.vector_to_array(clustering.centroids).reshape(-1, rows.shape[1])


def build_index(vectors: np.ndarray, coarse: np.ndarray | None = None, *, kind: str, seed: int) -> BuiltIndex:
    """Index of the vectors (n, d); IVF kinds use the centroids `coarse` (nlist, d), or train their own without them."""
    chosen, rows = _kind(kind), _matrix(vectors, "vectors")
    n, d = rows.shape
    if chosen.effort_name == "nprobe":
        coarse = train_coarse(rows, seed) if coarse is None else _matrix(coarse, "coarse centroids", d)
    index = chosen.make(d, coarse, seed)
    if not index.is_trained:
        index.train(rows if n >= 256 else np.resize(rows, (256, d)))  # an 8-bit codebook needs as many rows as entries
    index.add(rows)
    return BuiltIndex(index, kind, _serialised_bytes(index), n, d)


def _serialised_bytes(index: Any) -> int:
    """Bytes the index takes when written, counted as they are written (a copy of them costs ten times as long)."""
    faiss, sizes = _faiss(), []

    def count(block: bytes) -> int:
        sizes.append(len(block))
        return len(block)

    writer = faiss.PyCallbackIOWriter(count)
    faiss.write_index(index, writer)
    del writer  # its last block is counted when it goes
    return sum(sizes)


# Searching.


@dataclass(frozen=True)
class Found:
    """Neighbours best first: ids (n_queries, k), -1 past the last one found; scores (n_queries, k), higher is nearer.

    `n_distances` (n_queries,) counts the vectors, codes and centroids each query was compared with.
    """

    ids: np.ndarray
    scores: np.ndarray
    n_distances: np.ndarray


def search(
    built: BuiltIndex, queries: np.ndarray, full: np.ndarray | None = None, full_queries: np.ndarray | None = None,
    *, k: int, effort: int = 1, rerank: int = 0,
) -> Found:  # fmt: skip
    """The k nearest to each query (n_queries, d), at nprobe or efSearch = effort; flat kinds take no effort.

    With `rerank` = R >= k the index's R best are put in order by the exact inner products of `full_queries` with `full`
    (n, d_full), which may be wider than what is indexed.
    """
    rows = _matrix(queries, "queries", built.d)
    full = _check_request(built, k, effort, rerank, full)
    chosen = _kind(built.kind)
    distances, ids, n_distances = _LOOKUPS[chosen.effort_name](built, rows, min(int(max(k, rerank)), built.n), effort)
    scores = np.where(ids < 0, -np.inf, chosen.score(distances)).astype(np.float32)
    if rerank:
        n_distances = n_distances + (ids >= 0).sum(axis=1)
        ids, scores = _rerank(ids, full, _full_queries(full_queries, len(rows), full), min(k, built.n))
    return Found(_padded(ids, k, -1), _padded(scores, k, -np.inf), n_distances.astype(np.int64))


def _check_request(built: BuiltIndex, k: int, effort: int, rerank: int, full: np.ndarray | None) -> np.ndarray | None:
    """The full vectors as (n, d_full) where the request re-ranks, else None; ValueError when it cannot be served."""
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
    return _matrix(full, "full vectors")


def _full_queries(full_queries: np.ndarray | None, n_queries: int, full: np.ndarray) -> np.ndarray:
    if full_queries is None:
        raise ValueError("rerank needs the full queries")
    rows = _matrix(full_queries, "full queries", full.shape[1])
    if len(rows) != n_queries:
        raise ValueError(f"{len(rows)} full queries for {n_queries} queries")
    return rows


def _padded(values: np.ndarray, k: int, fill: float) -> np.ndarray:
    """The values (n_queries, <= k) widened to k columns."""
    return np.pad(values[:, :k], ((0, 0), (0, max(0, k - values.shape[1]))), constant_values=fill)


def _search_all(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) over every vector or code, and n comparisons a query."""
    _faiss()
    return *built.index.search(queries, k), np.full(len(queries), built.n)


def _search_lists(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) over the nearest lists; comparisons with every centroid and in those lists."""
    faiss, index = _faiss(), built.index
    nprobe = min(int(effort), index.nlist)
    to_lists, lists = index.quantizer.search(queries, nprobe)
    distances = np.empty((len(queries), k), np.float32)
    ids = np.empty((len(queries), k), np.int64)
    inputs = [faiss.swig_ptr(values) for values in (lists, to_lists, distances, ids)]
    params = _search_params(built, effort)
    index.search_preassigned_c(len(queries), faiss.swig_ptr(queries), k, *inputs, False, params)
    sizes = np.array([index.invlists.list_size(i) for i in range(index.nlist)])
    return distances, ids, index.nlist + sizes[lists].sum(axis=1)


def _search_graph(built: BuiltIndex, queries: np.ndarray, k: int, effort: int) -> tuple[np.ndarray, ...]:
    """Distances and ids (n_queries, k) of a walk keeping `effort` candidates; comparisons as faiss counts them."""
    faiss = _faiss()
    params, counts = _search_params(built, effort), faiss.cvar.hnsw_stats
    found = []
    for query in queries:
        with _graph_counts:
            before = counts.ndis
            distances, ids = built.index.search(query[None], k, params=params)
            found.append((distances[0], ids[0], counts.ndis - before))
    return tuple(np.array(column) for column in zip(*found, strict=True))


_LOOKUPS = {None: _search_all, "nprobe": _search_lists, "efSearch": _search_graph}


def _rerank(ids: np.ndarray, full: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best k of each row of ids (n_queries, R) and their scores, by exact inner product."""
    pairs = [_best(row[row >= 0], full, query, k) for row, query in zip(ids, queries, strict=True)]
    best = [(_padded(near[None], k, -1), _padded(scores[None], k, -np.inf)) for near, scores in pairs]
    return tuple(np.concatenate(column) for column in zip(*best, strict=True))


def _best(ids: np.ndarray, corpus: np.ndarray, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k of the candidates nearest to one query, and their scores: equal vectors score equally, ties go by id."""
    scores = np.einsum("rd,d->r", corpus[ids].astype(np.float64), query.astype(np.float64)).astype(np.float32)
    order = np.lexsort((ids, -scores))[:k]
    return ids[order], scores[order]


def exact_neighbours(corpus: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Ids (n_queries, k) of the k largest inner products, ties by id, -1 past the last vector."""
    corpus = _matrix(corpus, "corpus")
    queries = _matrix(queries, "queries", corpus.shape[1])
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
            near = np.flatnonzero(product >= bound - slack[row])
            ids[row, :kept] = _best(near, corpus, queries[row], kept)[0]
    return ids


# The timed path: one query at a time, nothing done twice.


def searcher(
    built: BuiltIndex, full: np.ndarray | None = None, *, k: int, effort: int = 1, rerank: int = 0
) -> Callable[..., np.ndarray]:
    """The timed path: a function from float32 query (d,) and full query (d_full,) to ids (at most k,).

    It checks and counts nothing and reuses its buffers, so each thread makes its own.
    """
    full = _check_request(built, k, effort, rerank, full)
    look = _lean_lookup(built, min(int(max(k, rerank)), built.n), effort)
    if not rerank:
        return look

    def answer(query: np.ndarray, full_query: np.ndarray) -> np.ndarray:
        near = look(query)
        if near[-1] < 0:
            near = near[near >= 0]
        products = full.take(near, axis=0) @ full_query
        return near[products.argsort()[: -k - 1 : -1]]

    return answer


def _lean_lookup(built: BuiltIndex, k: int, effort: int) -> Callable[..., np.ndarray]:
    """A function from one float32 query (d,) to its ids (k,), past the checks of faiss' Python layer.

    `this` is the bare C++ pointer of a faiss object: handing it over saves a microsecond a call for each.
    """
    faiss, params = _faiss(), _search_params(built, effort)
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

    look.keeps_alive = look_in_graph.keeps_alive = built, distances, params  # a bare pointer does not
    return look_in_graph if INDEXES[built.kind].effort_name == "efSearch" else look


def _search_params(built: BuiltIndex, effort: int) -> Any:
    """faiss' per-search settings, so that no search writes to the shared index; None for the flat kinds."""
    faiss, effort_name = _faiss(), INDEXES[built.kind].effort_name
    if effort_name == "nprobe":
        return faiss.SearchParametersIVF(nprobe=min(int(effort), built.index.nlist))
    return faiss.SearchParametersHNSW(efSearch=int(effort)) if effort_name else None
