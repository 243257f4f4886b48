"""Nearest-neighbour indexes over faiss: build an index once, then search it with any effort from any thread.

Vectors are float32 (n, d) of unit length; neighbours have large inner products. Kinds that keep the vectors compare by
inner product. Kinds that keep codes compare by the distance to the decoded vector, because decoding loses the unit
length: of ten neighbours among 20,000 clustered vectors of 64 dimensions, 4-bit PQ finds .63 by distance and .46 by
inner product. Arrays are the first arguments and options keywords, so that each function is a pipeline step.
"""

from core.stages.index.build import BuiltIndex, build_index, train_coarse
from core.stages.index.find import Found, comparisons, exact_neighbours, in_favour, inner_products, search, searcher
from core.stages.index.insert import as_grown, inserter
from core.stages.index.kinds import (
    CODES,
    EFFORTS,
    HNSW_BUILD_EFFORT,
    INDEXES,
    IndexKind,
    bytes_law,
    n_lists,
)

__all__ = ["EFFORTS", "HNSW_BUILD_EFFORT", "INDEXES", "BuiltIndex", "Found", "IndexKind", "build_index", "bytes_law"]
__all__ += ["as_grown", "comparisons", "exact_neighbours", "in_favour", "inner_products", "inserter", "n_lists"]
__all__ += ["CODES", "search", "searcher", "train_coarse"]
