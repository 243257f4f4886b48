"""The index kinds: how to construct each, and its bytes per vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

EFFORTS = (1, 2, 4, 8, 16, 32, 64, 128)  # nprobe of the list kinds, efSearch of the graph
HNSW_LINKS = 16
HNSW_BUILD_EFFORT = 40  # efConstruction 80 builds in twice the time and finds one or two points more at equal efSearch
LISTS_PER_ROOT = 2  # faiss' wiki says 4 to 16; 2 is 4 to 14 % faster for single queries at 20,000 to 100,000 vectors
ROWS_PER_CENTROID = 39  # below this faiss calls a k-means undertrained
PQ_ROWS_PER_CENTROID = 16  # with 10 rounds: a tenth of faiss' default training time for a point of recall@10
BLAS_FROM = 1024  # n_queries x d of a batch; faiss' own 128,000 suits many threads (facebookresearch/faiss#5109)
FLOAT32_NOISE = 1e-5  # relative: above the rounding error of a float32 product of a few thousand terms


@cache
def _imported() -> ModuleType:
    import faiss

    faiss.cvar.distance_compute_blas_threshold = BLAS_FROM
    return faiss


def faiss_module() -> ModuleType:
    """faiss, imported at first use, with one OpenMP thread in the calling thread (other threads keep theirs)."""
    faiss = _imported()
    faiss.omp_set_num_threads(1)
    return faiss


def n_lists(n: int) -> int:
    """Inverted lists for n vectors: 2 sqrt(n), fewer where a list would have too few vectors to train its centroid."""
    return max(1, min(int(LISTS_PER_ROOT * n**0.5), n // ROWS_PER_CENTROID))


def _subspaces(d: int, width: int) -> int:
    """The largest number of sub-vectors that divides d with at least `width` dimensions each."""
    return next(m for m in range(max(1, d // width), 0, -1) if d % m == 0)


def _coarse_index(coarse: np.ndarray) -> Any:
    cells = faiss_module().IndexFlatL2(coarse.shape[1])
    cells.add(coarse)
    return cells


def _lightly_trained(index: Any, seed: int) -> Any:
    """The index with its product quantiser set to train in seconds, silently and from the seed."""
    params = index.pq.cp
    params.seed, params.niter = seed, 10
    params.min_points_per_centroid, params.max_points_per_centroid = 1, PQ_ROWS_PER_CENTROID
    return index


def _flat(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return faiss_module().IndexFlatIP(d)


def _ivf_flat(d: int, coarse: np.ndarray, seed: int) -> Any:
    faiss = faiss_module()
    return faiss.IndexIVFFlat(_coarse_index(coarse), d, len(coarse), faiss.METRIC_INNER_PRODUCT)


def _ivf_sq8(d: int, coarse: np.ndarray, seed: int) -> Any:
    faiss = faiss_module()
    return faiss.IndexIVFScalarQuantizer(_coarse_index(coarse), d, len(coarse), faiss.ScalarQuantizer.QT_8bit)


def _ivf_pq4(d: int, coarse: np.ndarray, seed: int) -> Any:
    index = faiss_module().IndexIVFPQFastScan(_coarse_index(coarse), d, len(coarse), _subspaces(d, 2), 4)
    index.by_residual = True
    return _lightly_trained(index, seed)


def _ivf_pq8(d: int, coarse: np.ndarray, seed: int) -> Any:
    return _lightly_trained(faiss_module().IndexIVFPQ(_coarse_index(coarse), d, len(coarse), _subspaces(d, 4), 8), seed)


def _hnsw(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    faiss = faiss_module()
    index = faiss.IndexHNSWFlat(d, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = HNSW_BUILD_EFFORT
    index.hnsw.rng = faiss.RandomGenerator(seed)
    return index


def _sq8(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    faiss = faiss_module()
    return faiss.IndexScalarQuantizer(d, faiss.ScalarQuantizer.QT_8bit)


def _pq4(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return _lightly_trained(faiss_module().IndexPQFastScan(d, _subspaces(d, 2), 4), seed)


def _pq8(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    index = faiss_module().IndexPQ(d, _subspaces(d, 4), 8)
    index.do_polysemous_training = False  # ten times the training time, for a filter that is not used here
    return _lightly_trained(index, seed)


def _lsh(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    index = faiss_module().IndexLSH(d, 2 * d, True, False)  # rotated, no trained thresholds
    index.rrot.init(seed)
    return index


def _binary(d: int, coarse: np.ndarray | None, seed: int) -> Any:
    return faiss_module().IndexLSH(d, d, False, True)  # not rotated; thresholds are the medians


def _list_bytes(n: int, d: int) -> float:
    """Bytes per vector of inverted lists: the id and a share of the centroids."""
    return 8 + 4 * d * n_lists(n) / n


def _pq_bytes(n: int, d: int, bits: int) -> float:
    """Bytes per vector of a PQ code, d / 4 where the sub-vectors divide evenly, and a share of the codebooks."""
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


def _bits_alike(distances: np.ndarray) -> np.ndarray:
    """Minus the number of differing bits; 0 and not -0 where none differs."""
    return 0.0 - distances


@dataclass(frozen=True)
class IndexKind:
    """An index kind: `make(d, coarse, seed)` returns an empty index, `vector_bytes(n, d)` is its memory law.

    `score` converts faiss' output into a score that is higher for nearer vectors.
    """

    label: str
    help: str
    make: Callable[[int, np.ndarray | None, int], Any]
    vector_bytes: Callable[[int, int], float]
    effort_name: str | None = None
    score: Callable[[np.ndarray], np.ndarray] = _as_is
    learnt: str = ""  # what it is trained to, and keeps as it is when vectors are inserted


INDEXES: dict[str, IndexKind] = {
    "flat": IndexKind(
        "Flat (exact)", "Compares the query with every vector: exact, and linear in their number.",
        _flat, lambda n, d: 4 * d,
    ),
    "ivf_flat": IndexKind(
        "IVF-Flat", "Compares only with the vectors in the nprobe nearest lists: fewer lists, more misses.",
        _ivf_flat, lambda n, d: 4 * d + _list_bytes(n, d), "nprobe",
        learnt="the centroids of its lists",
    ),
    "ivf_sq8": IndexKind(
        "IVF-SQ8", "Lists with one byte per dimension: a quarter of the memory, little recall lost.",
        _ivf_sq8, lambda n, d: d + 8 * d / n + _list_bytes(n, d), "nprobe", _product_from_square,
        learnt="the centroids of its lists and the range of each dimension",
    ),
    "ivf_pq4": IndexKind(
        "IVF-PQ4 fast scan", "Lists of short codes compared in registers: small, and in need of a re-rank.",
        _ivf_pq4, _ivf_pq4_bytes, "nprobe", _product_from_square,
        learnt="the centroids of its lists and its codebooks",
    ),
    "ivf_pq8": IndexKind(
        "IVF-PQ8", "Lists of short codes looked up in tables: finer than 4-bit codes, longer to train.",
        _ivf_pq8, lambda n, d: _pq_bytes(n, d, 8) + _list_bytes(n, d), "nprobe", _product_from_square,
        learnt="the centroids of its lists and its codebooks",
    ),
    "hnsw": IndexKind(
        "HNSW", "Walks a graph of neighbours: few comparisons for high recall, paid in memory and build time.",
        _hnsw, _hnsw_bytes, "efSearch",
    ),
    "sq8": IndexKind(
        "SQ8", "Compares with every vector at one byte per dimension (scalar quantisation): saves memory, not time.",
        _sq8, lambda n, d: d + 8 * d / n, None, _product_from_square,
        learnt="the range of each dimension",
    ),
    "pq4": IndexKind(
        "PQ4 fast scan", "Compares with every code in registers: a sixteenth of the memory, fast; re-rank it.",
        _pq4, lambda n, d: _pq_bytes(n, d, 4), None, _product_from_square,
        learnt="its codebooks",
    ),
    "pq8": IndexKind(
        "PQ8", "Compares with every code through tables: a sixteenth of the memory, finer than 4-bit, slower.",
        _pq8, lambda n, d: _pq_bytes(n, d, 8), None, _product_from_square,
        learnt="its codebooks",
    ),
    "lsh": IndexKind(
        "LSH (random hyperplanes)", "Compares the signs at 2d random hyperplanes: nothing to train, coarse.",
        _lsh, lambda n, d: np.ceil(2 * d / 8) + 8 * d * d / n, None, _bits_alike,
    ),
    "binary": IndexKind(
        "binary (Hamming)", "One bit per dimension, above or below its median: 32× less memory, coarse.",
        _binary, lambda n, d: np.ceil(d / 8) + 4 * d / n, None, _bits_alike,
        learnt="the median of each dimension",
    ),
}  # fmt: skip

CODES = ("ivf_pq4", "ivf_pq8", "pq4", "pq8", "lsh", "binary")  # kinds that keep too few bits to tell close ones apart


def kind_named(kind: str) -> IndexKind:
    if kind not in INDEXES:
        raise ValueError(f"no index kind {kind!r}: choose one of {', '.join(INDEXES)}")
    return INDEXES[kind]


def bytes_law(kind: str, n: int, d: int) -> float:
    """Bytes per vector in an index of n vectors of width d (faiss wiki, *Faiss indexes*; HNSW with its offsets).

    Vectors are 4d (full) or d (8 bits); codes d/4 (PQ, Jégou et al. 2011; LSH) or d/8 (signs); lists add 8 + 4 d
    nlist/n, HNSW 8M + 12 + 4M/(M-1). Codebooks, ranges and a rotation are stored once and divided by n.
    """
    return float(kind_named(kind).vector_bytes(n, d))
