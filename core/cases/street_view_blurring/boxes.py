"""Boxes: how far two overlap, which of several on one thing stays, which of them hit, and average precision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

FEW = 64  # boxes that are quicker compared all with all than photo by photo
PARTS = 16  # a box is kept to a sixteenth of a pixel, so that a stored one equals a fresh one


@dataclass(frozen=True)
class Found:
    """Boxes (m, 4), x1, y1, x2, y2 in pixels of the photo, with their photo's row, kind and score, each (m,)."""

    of: np.ndarray
    kind: np.ndarray
    box: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.of)

    def rows(self, chosen: np.ndarray) -> Found:
        """The boxes at these rows, or where the mask is True."""
        return Found(self.of[chosen], self.kind[chosen], self.box[chosen], self.score[chosen])

    def scored(self, score: np.ndarray) -> Found:
        """The same boxes with other scores."""
        return replace(self, score=score.astype(np.float32))


def found(of: object, kind: object, box: object, score: object) -> Found:
    """A Found of arrays or lists of one length, whatever their types."""
    boxes = np.asarray(box, np.float32).reshape(-1, 4)
    kinds = np.broadcast_to(np.asarray(kind, np.int64), len(boxes)).copy()
    return Found(np.asarray(of, np.int64), kinds, boxes, np.asarray(score, np.float32))


def joined(*parts: Found) -> Found:
    """All boxes of all parts."""
    columns = zip(*((p.of, p.kind, p.box, p.score) for p in parts), strict=True)
    return Found(*(np.concatenate(column) for column in columns))


def overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union (n, m) of boxes (n, 4) and (m, 4); 0 where a box has no area."""
    shared, union = _shared_and_union(one, other)
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _shared_and_union(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The areas (n, m) that boxes share and that they cover together."""
    wide = np.minimum.outer(one[:, 2], other[:, 2]) - np.maximum.outer(one[:, 0], other[:, 0])
    high = np.minimum.outer(one[:, 3], other[:, 3]) - np.maximum.outer(one[:, 1], other[:, 1])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return shared, np.add.outer(_area(one), _area(other)) - shared


def _area(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def best_first(boxes: Found) -> np.ndarray:
    """Rows by photo, then kind, then score from the highest; equal scores in the order they came."""
    return np.lexsort((-boxes.score, boxes.kind, boxes.of))


def groups(boxes: Found) -> list[np.ndarray]:
    """The rows of each photo and kind that has boxes, best first."""
    order = best_first(boxes)
    if not len(order):
        return []
    key = boxes.of[order] * 2 + boxes.kind[order]
    ends = np.flatnonzero(key[1:] != key[:-1]) + 1
    return [order[start:end] for start, end in pairwise([0, *ends.tolist(), len(order)])]


def suppress(boxes: Found, iou: float) -> Found:
    """Greedy non-maximum suppression: a box goes when a better one of its photo and kind overlaps it by more."""
    order = best_first(boxes)
    if len(order) <= FEW:
        key = 2 * boxes.of[order] + boxes.kind[order]
        return boxes.rows(order[_survivors(boxes.box[order], iou, key[:, None] == key)])
    kept = [rows[_survivors(boxes.box[rows], iou)] for rows in groups(boxes)]
    return boxes.rows(np.concatenate(kept))


def _survivors(boxes: np.ndarray, iou: float, rivals: np.ndarray | bool = True) -> np.ndarray:
    """Places of the boxes (n, 4), best first, that no better rival that survives overlaps by more than `iou`."""
    shared, union = _shared_and_union(boxes, boxes)
    over, gone, kept = (shared > iou * union) & rivals, np.zeros(len(boxes), bool), []
    for i in range(len(boxes)):
        if not gone[i]:
            kept.append(i)
            gone |= over[i]
    return np.array(kept, np.int64)


def match(boxes: Found, truth: Found, iou: float) -> np.ndarray:
    """The row (m,) of the object that each box hits, -1 for none: best boxes choose first, the nearest free one."""
    hit = np.full(len(boxes), -1, np.int64)
    objects = {(truth.of[rows[0]], truth.kind[rows[0]]): rows for rows in groups(truth)}
    for rows in groups(boxes):
        there = objects.get((boxes.of[rows[0]], boxes.kind[rows[0]]))
        if there is None:
            continue
        over = overlap(boxes.box[rows], truth.box[there])
        for i in np.flatnonzero(over.max(axis=1) >= iou):
            j = over[i].argmax()
            if over[i, j] >= iou:
                hit[rows[i]] = there[j]
                over[:, j] = -1.0
    return hit


def average_precision(score: np.ndarray, right: np.ndarray, n_objects: int) -> float:
    """Area under precision over recall, precision made non-increasing first (Everingham et al. 2010, section 4.2).

    `right` (m,) says which boxes hit an object that no better box hit. 0 without objects or boxes.
    """
    return _area_of(right[np.argsort(-score, kind="stable")], n_objects)


def _area_of(hits: np.ndarray, n_objects: int) -> float:
    """The same of hits (m,) whose boxes come best first."""
    if not n_objects or not len(hits):
        return 0.0
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[hits].sum() / n_objects)


def jackknifed(boxes: Found, right: np.ndarray, truth: Found, kinds: tuple[int, ...], n_photos: int) -> np.ndarray:
    """What each photo (n,) contributes to the mean over kinds of average precision; their mean is that figure exactly.

    Leave-one-out pseudo-values (Efron & Tibshirani 1993, section 11.5), moved so that their mean is the figure over all
    photos: average precision is no mean over photos, and so an interval and a paired test need such values.
    """
    contributions = []
    for kind in kinds:
        mine, there = boxes.kind == kind, np.bincount(truth.of[truth.kind == kind], minlength=n_photos)
        order = np.flatnonzero(mine)[np.argsort(-boxes.score[mine], kind="stable")]
        of, hits = boxes.of[order], right[order]
        everything = _area_of(hits, int(there.sum()))
        concerned = np.flatnonzero((np.bincount(of, minlength=n_photos) + there) > 0)
        without = np.full(n_photos, everything)
        for photo in concerned:
            without[photo] = _area_of(hits[of != photo], int(there.sum() - there[photo]))
        pseudo = n_photos * everything - (n_photos - 1) * without
        contributions.append(pseudo - pseudo.mean() + everything)
    return np.mean(contributions, axis=0)


def sixteenths(boxes: np.ndarray, side: int) -> np.ndarray:
    """The boxes (m, 4) cut off at the photo's edges and kept to a sixteenth of a pixel."""
    inside = np.minimum(np.maximum(boxes, 0), side)
    return (np.rint(inside * PARTS) / PARTS).astype(np.float32)


def packed(boxes: Found) -> np.ndarray:
    """Kind and box (m,) as one whole number each, 12 bits a side: boxes kept to a sixteenth, below 256 pixels."""
    whole = np.rint(boxes.box.astype(np.float64) * PARTS).astype(np.int64)
    return (((boxes.kind << 12 | whole[:, 0]) << 12 | whole[:, 1]) << 12 | whole[:, 2]) << 12 | whole[:, 3]


def unpacked(of: np.ndarray, numbers: np.ndarray, score: np.ndarray) -> Found:
    """The boxes that `packed` made into `numbers` (m,)."""
    sides = np.stack([numbers >> shift & 0xFFF for shift in (36, 24, 12, 0)], axis=1) / PARTS
    return Found(of.astype(np.int64), numbers >> 48, sides.astype(np.float32), score.astype(np.float32))
