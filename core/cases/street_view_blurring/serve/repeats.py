"""Photos that show what an earlier one shows: found by their description, and given its boxes."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.design import SKIPS
from core.cases.street_view_blurring.model.boxes import Boxes
from core.stages.index import BuiltIndex, build_index, search

NEIGHBOURS = 24


def index_photos(vectors: np.ndarray, seed: int) -> BuiltIndex:
    """The index over photos. Flat: of a day's drive it is asked only about the last few."""
    return build_index(vectors, kind="flat", seed=seed)


def sources(index: BuiltIndex, vectors: np.ndarray, level: str) -> np.ndarray:
    """The earlier photo (n,) that each takes its boxes from; its own row where it is searched itself."""
    near = search(index, vectors, k=min(NEIGHBOURS, len(vectors)))
    taken = np.arange(len(vectors))
    for i, (ids, scores) in enumerate(zip(near.ids, near.scores, strict=True)):
        alike = [j for j, score in zip(ids, scores, strict=True) if 0 <= j < i and score >= SKIPS[level]]
        searched = [j for j in alike if taken[j] == j]
        taken[i] = searched[0] if searched else i
    return taken


def own(photos: Photos) -> np.ndarray:
    """Where nothing is skipped each photo (n,) has its own boxes."""
    return np.arange(len(photos.pixels))


def copied(boxes: Boxes, taken: np.ndarray) -> Boxes:
    """What each photo (n,) shows: its own boxes, or those of the photo it repeats."""
    rows = [np.flatnonzero(boxes.of == source) for source in taken]
    of = np.repeat(np.arange(len(taken)), [len(own_rows) for own_rows in rows])
    shown = boxes.rows(np.concatenate(rows).astype(np.int64))
    return Boxes(of, shown.kind, shown.box, shown.score)
