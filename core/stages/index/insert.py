"""Inserting into an index that is already searched: what it was trained on stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.stages.index.build import BuiltIndex, checked_matrix, serialised_bytes
from core.stages.index.kinds import faiss_module


def inserter(built: BuiltIndex) -> Callable[[np.ndarray], None]:
    """A function that adds vectors (m, d) behind those of the index, in place, so that only its owner may call it.

    Searches that were made of the index find them at once. Nothing is trained again: centroids, codebooks, ranges and
    medians are those of the first build. ValueError for vectors of another width or that are not finite.
    """

    def insert(vectors: np.ndarray) -> None:
        faiss_module()
        built.index.add(checked_matrix(vectors, "vectors", built.d))

    return insert


def as_grown(built: BuiltIndex) -> BuiltIndex:
    """The record of an index that was inserted into, with its present size and bytes."""
    return replace(built, n=int(built.index.ntotal), nbytes=serialised_bytes(built.index))
