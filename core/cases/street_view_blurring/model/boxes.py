"""Boxes on photos: what a detector brings, what is true, and what is served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.photos import Photos
from core.metrics import detection

PARTS = 16  # a box is kept to a sixteenth of a pixel, so that a stored one equals a fresh one


@dataclass(frozen=True)
class Boxes:
    """Boxes (m, 4), x1, y1, x2, y2 in pixels of the photo, with their photo's row, kind and score, each (m,)."""

    of: np.ndarray
    kind: np.ndarray
    box: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.of)

    @property
    def group(self) -> np.ndarray:
        """One number (m,) for a photo and a kind, within which boxes compete."""
        return self.of * 2 + self.kind

    def rows(self, chosen: np.ndarray) -> Boxes:
        """The boxes at these rows, or where the mask is True."""
        return Boxes(self.of[chosen], self.kind[chosen], self.box[chosen], self.score[chosen])

    def without_doubles(self, iou: float) -> Boxes:
        """The boxes that stay when of two of a photo and kind that overlap by more only the better does."""
        return self.rows(detection.non_maximum_suppression(self.box, self.score, self.group, iou))

    def hits(self, truth: Boxes, iou: float) -> np.ndarray:
        """The row (m,) in `truth` of the object of its photo and kind that each box hits, -1 for none."""
        return detection.match(self.box, self.score, self.group, truth.box, truth.group, iou)


def boxes_of(of: object, kind: object, box: object, score: object) -> Boxes:
    """Boxes from arrays or lists of one length, whatever their types."""
    sides = np.asarray(box, np.float32).reshape(-1, 4)
    kinds = np.broadcast_to(np.asarray(kind, np.int64), len(sides)).copy()
    return Boxes(np.asarray(of, np.int64), kinds, sides, np.asarray(score, np.float32))


def true_boxes(photos: Photos) -> Boxes:
    """What is really in the photos."""
    return Boxes(photos.of, photos.kind, photos.box, np.ones(len(photos.of), np.float32))


def joined(*parts: Boxes) -> Boxes:
    """All boxes of all parts."""
    columns = zip(*((p.of, p.kind, p.box, p.score) for p in parts), strict=True)
    return Boxes(*(np.concatenate(column) for column in columns))


def sixteenths(boxes: np.ndarray, side: int) -> np.ndarray:
    """The boxes (m, 4) cut off at the photo's edges and kept to a sixteenth of a pixel."""
    inside = np.minimum(np.maximum(boxes, 0), side)
    return (np.rint(inside * PARTS) / PARTS).astype(np.float32)
