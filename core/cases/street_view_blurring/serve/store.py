"""The backlog run: boxes of the photos that were there, stored by photo, and what is served from them."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.boxes import PARTS, Boxes, boxes_of, joined
from core.cases.street_view_blurring.serve.detect import MOST_BOXES
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def packed(boxes: Boxes) -> np.ndarray:
    """Kind and box (m,) as one whole number each, 12 bits a side: boxes kept to a sixteenth, below 256 pixels."""
    whole = np.rint(boxes.box.astype(np.float64) * PARTS).astype(np.int64)
    return (((boxes.kind << 12 | whole[:, 0]) << 12 | whole[:, 1]) << 12 | whole[:, 2]) << 12 | whole[:, 3]


def unpacked(of: np.ndarray, numbers: np.ndarray, score: np.ndarray) -> Boxes:
    """The boxes that `packed` made into `numbers` (m,)."""
    sides = np.stack([numbers >> shift & 0xFFF for shift in (36, 24, 12, 0)], axis=1) / PARTS
    return Boxes(of.astype(np.int64), numbers >> 48, sides.astype(np.float32), score.astype(np.float32))


def as_of(boxes: Boxes, photos: Photos, unseen: float) -> Boxes:
    """What a backlog run could know that ended before the newest `unseen` share of the photos came."""
    return boxes.rows(photos.age[boxes.of] >= unseen)


def precompute(boxes: Boxes, photos: Photos, unseen: float, name: str) -> SnapshotReader:
    """The backlog run: the boxes of every photo that was there, in a store read by photo."""
    known = np.flatnonzero(photos.age >= unseen)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: _table(boxes, known))


def _table(boxes: Boxes, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Keys (n,), boxes as whole numbers (n, MOST_BOXES) and their scores, -1 and 0 past the last."""
    numbers = np.full((len(known), MOST_BOXES), -1, np.int64)
    scores = np.zeros((len(known), MOST_BOXES), np.float32)
    numbered = packed(boxes)
    for at, photo in enumerate(known):
        rows = np.flatnonzero(boxes.of == photo)
        numbers[at, : len(rows)], scores[at, : len(rows)] = numbered[rows], boxes.score[rows]
    return known, numbers, scores


def from_store(reader: SnapshotReader, photos: Photos) -> Boxes:
    """Backlog serving: the stored boxes; none for a photo newer than the run, which is then shown as it is."""
    parts = [_stored(reader, photo) for photo in range(len(photos.pixels))]
    return joined(*parts)


def _stored(reader: SnapshotReader, photo: int) -> Boxes:
    numbers = reader.get(photo)
    if numbers is None:
        return boxes_of([], 0, [], [])
    there = numbers >= 0
    return unpacked(np.full(there.sum(), photo), numbers[there], reader.get_scores(photo)[there])


def from_store_or_detect(reader: SnapshotReader, photos: Photos, now: Boxes) -> Boxes:
    """Both: the store where it knows the photo, a search on upload where it does not."""
    rows = range(len(photos.pixels))
    return joined(*(now.rows(now.of == i) if reader.get(i) is None else _stored(reader, i) for i in rows))
