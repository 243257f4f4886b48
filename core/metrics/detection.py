"""Detection metrics: IoU, non-maximum suppression, matching and average precision.

Boxes are (m, 4): x1, y1, x2, y2. A `group` (m,) of integers separates boxes that do not compete, such as those of
different photos or kinds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

FEW = 64  # up to here, comparing all pairs is faster than going by group


def intersection_over_union(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The IoU (n, m) of boxes (n, 4) and (m, 4); 0 where a box has no area."""
    shared, union = _shared_and_union(a, b)
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _shared_and_union(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The areas (n, m) of intersection and union."""
    wide = np.minimum.outer(a[:, 2], b[:, 2]) - np.maximum.outer(a[:, 0], b[:, 0])
    high = np.minimum.outer(a[:, 3], b[:, 3]) - np.maximum.outer(a[:, 1], b[:, 1])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return shared, np.add.outer(_area(a), _area(b)) - shared


def _area(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def _best_first(score: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Rows by group, then by descending score; ties keep their order."""
    return np.lexsort((-score, group))


def _rows_by_group(score: np.ndarray, group: np.ndarray) -> list[np.ndarray]:
    """The rows of each non-empty group, best first."""
    order = _best_first(score, group)
    if not len(order):
        return []
    ordered = group[order]
    ends = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return [order[start:end] for start, end in pairwise([0, *ends.tolist(), len(order)])]


def non_maximum_suppression(boxes: np.ndarray, score: np.ndarray, group: np.ndarray, iou: float) -> np.ndarray:
    """Rows of the surviving boxes, by group and best first; a better box suppresses those that overlap by more."""
    order = _best_first(score, group)
    if len(order) <= FEW:
        ordered = group[order]
        return order[_survivors(boxes[order], iou, ordered[:, None] == ordered)]
    return np.concatenate([rows[_survivors(boxes[rows], iou)] for rows in _rows_by_group(score, group)])


def _survivors(boxes: np.ndarray, iou: float, rivals: np.ndarray | bool = True) -> np.ndarray:
    """Positions of the boxes (n, 4), best first, that no better survivor overlaps by more than `iou`."""
    shared, union = _shared_and_union(boxes, boxes)
    over, gone, kept = (shared > iou * union) & rivals, np.zeros(len(boxes), bool), []
    for i in range(len(boxes)):
        if not gone[i]:
            kept.append(i)
            gone |= over[i]
    return np.array(kept, np.int64)


def match(
    boxes: np.ndarray, score: np.ndarray, group: np.ndarray, objects: np.ndarray, object_group: np.ndarray, iou: float
) -> np.ndarray:
    """The object row (m,) matched by each box, -1 for none: best boxes first, each to its nearest free object."""
    hit = np.full(len(boxes), -1, np.int64)
    rows_of = {object_group[rows[0]]: rows for rows in _rows_by_group(np.zeros(len(objects)), object_group)}
    for rows in _rows_by_group(score, group):
        there = rows_of.get(group[rows[0]])
        if there is None:
            continue
        over = intersection_over_union(boxes[rows], objects[there])
        for i in np.flatnonzero(over.max(axis=1) >= iou):
            j = over[i].argmax()
            if over[i, j] >= iou:
                hit[rows[i]] = there[j]
                over[:, j] = -1.0
    return hit


def average_precision(score: np.ndarray, right: np.ndarray, n_objects: int) -> float:
    """Area under precision over recall, precision made non-increasing first (Everingham et al. 2010, section 4.2).

    `right` (m,) marks the boxes that are first to match an object. Boxes of one score enter together, so the order of
    the rows does not matter. 0 without objects or boxes.
    """
    order = np.argsort(-score, kind="stable")
    return _area_under(right[order], score[order], n_objects)


def _area_under(hits: np.ndarray, scores: np.ndarray, n_objects: int) -> float:
    """Average precision of hits (m,) in descending order of their scores (m,)."""
    if not n_objects or not len(hits):
        return 0.0
    last = np.append(scores[1:] != scores[:-1], True)  # only at the last of equal scores can a threshold lie
    precision = np.where(last, hits.cumsum() / np.arange(1, len(hits) + 1), 0.0)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[hits].sum() / n_objects)


def average_precision_by_photo(
    photo: np.ndarray, score: np.ndarray, right: np.ndarray, n_objects: np.ndarray
) -> np.ndarray:
    """The contribution of each photo (n,) to average precision; their mean is the exact figure.

    Boxes lie in photos `photo` (m,), which hold `n_objects` (n,). Leave-one-out pseudo-values (Efron & Tibshirani 1993,
    section 11.5), shifted so that their mean is the figure over all photos. Average precision is no mean over photos,
    so intervals and paired tests need such values.
    """
    order = np.argsort(-score, kind="stable")
    of, hits, scores, n_photos, total = photo[order], right[order], score[order], len(n_objects), int(n_objects.sum())
    everything = _area_under(hits, scores, total)
    without = np.full(n_photos, everything)
    for left_out in np.flatnonzero((np.bincount(of, minlength=n_photos) + n_objects) > 0):
        without[left_out] = _area_under(hits[of != left_out], scores[of != left_out], int(total - n_objects[left_out]))
    pseudo = n_photos * everything - (n_photos - 1) * without
    return pseudo - pseudo.mean() + everything


WINDOW = 1.5  # a slope is read between a budget that much smaller and one that much larger


def threshold_at_budget(wrong: np.ndarray, allowed: int) -> float:
    """The score above which there are no more than `allowed` of the false boxes, whose scores are `wrong` (m,)."""
    scores = np.sort(wrong)[::-1]
    return float(scores[allowed]) if len(scores) > allowed else 0.0


def recall_at_budget_by_photo(
    reached: np.ndarray, of: np.ndarray, wrong: np.ndarray, wrong_of: np.ndarray, n_photos: int, budget: float
) -> np.ndarray:
    """What each photo (n_photos,) adds to the recall at the threshold with `budget` false boxes a photo.

    Objects (m,) lie in photos `of` and are `reached` with a score, or -1; false boxes have scores `wrong` in photos
    `wrong_of`. The threshold moves with the false boxes, so each costs recall, to first order by the slope of recall
    over false boxes (the delta method); none where there are fewer than the budget.
    """
    threshold = threshold_at_budget(wrong, int(budget * n_photos))
    found, above = reached > threshold, wrong > threshold
    recall = float(found.mean())
    hits = np.bincount(of, found - recall, n_photos) * (n_photos / len(reached))
    false = np.bincount(wrong_of[above], minlength=n_photos)
    few, many = (int(budget * n_photos * factor) for factor in (1 / WINDOW, WINDOW))
    if len(wrong) <= many:
        return recall + hits
    low, high = (float((reached > threshold_at_budget(wrong, allowed)).mean()) for allowed in (few, many))
    return recall + hits - (high - low) / ((many - few) / n_photos) * (false - false.mean())
