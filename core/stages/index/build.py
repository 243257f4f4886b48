"""Building an index: the shared centroids, and the index with its serialised size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.stages.index.kinds import faiss_module, kind_named, n_lists


@dataclass(frozen=True)
class BuiltIndex:
    """A searchable index of n vectors of width d; `nbytes` is its serialised size. Searches never change it."""

    index: Any
    kind: str
    nbytes: int
    n: int
    d: int


def checked_matrix(values: np.ndarray, name: str, width: int | None = None) -> np.ndarray:
    """The values as finite, contiguous float32 (n, width), else ValueError."""
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
    """Centroids (nlist, d) of the inverted lists by k-means, trained once for all IVF kinds."""
    faiss, rows = faiss_module(), checked_matrix(vectors, "vectors")
    params = faiss.ClusteringParameters()
    params.seed, params.niter, params.min_points_per_centroid = seed, 10, 1
    clustering = faiss.Clustering(rows.shape[1], n_lists(len(rows)), params)
    clustering.train(rows, faiss.IndexFlatL2(rows.shape[1]))
    return faiss.vector_to_array(clustering.centroids).reshape(-1, rows.shape[1])


def build_index(vectors: np.ndarray, coarse: np.ndarray | None = None, *, kind: str, seed: int) -> BuiltIndex:
    """An index of the vectors (n, d); IVF kinds use the centroids `coarse` (nlist, d) or train their own."""
    chosen, rows = kind_named(kind), checked_matrix(vectors, "vectors")
    n, d = rows.shape
    if chosen.effort_name == "nprobe":
        coarse = train_coarse(rows, seed) if coarse is None else checked_matrix(coarse, "coarse centroids", d)
    index = chosen.make(d, coarse, seed)
    if not index.is_trained:
        index.train(rows if n >= 256 else np.resize(rows, (256, d)))  # an 8-bit codebook needs as many rows as entries
    index.add(rows)
    return BuiltIndex(index, kind, serialised_bytes(index), n, d)


def serialised_bytes(index: Any) -> int:
    """The serialised size, counted while writing (a copy takes ten times as long)."""
    faiss, sizes = faiss_module(), []

    def count(block: bytes) -> int:
        sizes.append(len(block))
        return len(block)

    writer = faiss.PyCallbackIOWriter(count)
    faiss.write_index(index, writer)
    del writer  # counts its last block
    return sum(sizes)
