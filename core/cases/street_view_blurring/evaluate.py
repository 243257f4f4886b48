"""What the blurred boxes are worth, and what the page shows of it: photos, misses by size, prices of errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.paint import KINDS
from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.boxes import Boxes, true_boxes
from core.contract.case import Estimate, estimate
from core.metrics.detection import average_precision_by_photo

BUDGET = 0.5  # false blurs a photo that the recall of the charts is taken at
SMALL_PX, LARGE_PX = 24.0, 44.0  # root of the area, on the photo as stored
N_SHOWN = 8
THRESHOLDS = np.round(np.arange(0.02, 1.0, 0.02), 2)
SIZE_NAMES = ("small", "medium", "large")


def grade(served: Boxes, photos: Photos, threshold: float, seed: int) -> dict[str, Estimate]:
    """Every quality: recall by object, false blurs and average precision by photo."""
    truth, n = true_boxes(photos), len(photos.pixels)
    hit, tight = served.hits(truth, 0.5), served.hits(truth, 0.75)
    blurred = served.score >= threshold
    reached = hit_scores(served, hit, len(truth))
    small = np.sqrt((photos.box[:, 2:] - photos.box[:, :2]).prod(axis=1)) < SMALL_PX
    graded = {
        "recall_budget": reached > budget_threshold(served, hit, n),
        "ap50": mean_average_precision(served, hit >= 0, truth, n),
        "ap75": mean_average_precision(served, tight >= 0, truth, n),
        "recall": reached >= threshold,
        "false_blurs": np.bincount(served.of[blurred & (hit < 0)], minlength=n),
        **({"recall_small": reached[small] >= threshold} if small.sum() > 1 else {}),
    }
    return {key: estimate(values.astype(np.float64), seed) for key, values in graded.items()}


def mean_average_precision(served: Boxes, right: np.ndarray, truth: Boxes, n_photos: int) -> np.ndarray:
    """What each photo (n_photos,) contributes to the mean over kinds of average precision."""
    by_kind = []
    for kind in range(len(KINDS)):
        mine, n_objects = served.kind == kind, np.bincount(truth.of[truth.kind == kind], minlength=n_photos)
        by_kind.append(average_precision_by_photo(served.of[mine], served.score[mine], right[mine], n_objects))
    return np.mean(by_kind, axis=0)


def hit_scores(served: Boxes, hit: np.ndarray, n_objects: int) -> np.ndarray:
    """The score (n_objects,) of the box that hits each object, -1 where none does."""
    scores = np.full(n_objects, -1.0)
    scores[hit[hit >= 0]] = served.score[hit >= 0]
    return scores


def budget_threshold(served: Boxes, hit: np.ndarray, n_photos: int) -> float:
    """The score above which there are no more false boxes than the budget allows."""
    wrong = np.sort(served.score[hit < 0])[::-1]
    allowed = int(BUDGET * n_photos)
    return float(wrong[allowed]) if len(wrong) > allowed else 0.0


@dataclass(frozen=True)
class Marked:
    """One photo with the boxes that were blurred and hit, the objects that were missed, and the false boxes, (m, 4)."""

    pixels: np.ndarray
    hits: np.ndarray
    misses: np.ndarray
    false: np.ndarray
    note: str  # why it was not searched, empty where it was


@dataclass(frozen=True)
class Curve:
    """At every threshold (t,): objects missed and things blurred for nothing, a photo."""

    thresholds: np.ndarray
    misses: np.ndarray
    false: np.ndarray


@dataclass(frozen=True)
class Shown:
    """What the page draws from."""

    photos: tuple[Marked, ...]
    by_size: tuple[tuple[str, str, int, int], ...]  # kind, size, objects, of them missed
    curve: Curve
    n_photos: int
    n_objects: int


def show(served: Boxes, photos: Photos, taken: np.ndarray, threshold: float, unseen: float, skip: bool) -> Shown:
    """A few photos, every object's fate by kind and size, and errors by threshold."""
    truth = true_boxes(photos)
    hit = served.hits(truth, 0.5)
    reached = hit_scores(served, hit, len(truth))
    marked = tuple(
        _marked(i, served, photos, hit, reached, threshold, _note(i, photos, taken, unseen, skip))
        for i in _chosen(photos)
    )
    missed = reached < threshold
    n = len(photos.pixels)
    return Shown(marked, _by_size(photos, missed), _curve(served, hit, reached, n), n, len(truth))


def _chosen(photos: Photos) -> list[int]:
    """Photos to show: the first and the last places that hold several things, and one repeat if there is one.

    The last ones are the newest, which a backlog run may not have seen.
    """
    several = np.bincount(photos.of, minlength=len(photos.pixels)) > 1
    places, again = np.flatnonzero(several & ~photos.repeats), np.flatnonzero(several & photos.repeats)[:1]
    some = np.unique([*places[: N_SHOWN - 3], *places[-2:], *(again if len(again) else places[N_SHOWN - 3 :][:1])])
    return some.tolist()


def _note(photo: int, photos: Photos, taken: np.ndarray, unseen: float, skip: bool) -> str:
    if photos.age[photo] < unseen:
        return "newer than the backlog run"
    if skip and taken[photo] != photo:
        return "boxes taken from an earlier photo"
    return "same place as the photo before" if photos.repeats[photo] else ""


def _marked(
    photo: int, served: Boxes, photos: Photos, hit: np.ndarray, reached: np.ndarray, threshold: float, note: str
) -> Marked:
    blurred = (served.of == photo) & (served.score >= threshold)
    missed = (photos.of == photo) & (reached < threshold)
    right = hit >= 0
    return Marked(
        photos.pixels[photo], served.box[blurred & right], photos.box[missed], served.box[blurred & ~right], note
    )


def _by_size(photos: Photos, missed: np.ndarray) -> tuple[tuple[str, str, int, int], ...]:
    root = np.sqrt((photos.box[:, 2:] - photos.box[:, :2]).prod(axis=1))
    size = np.digitize(root, (SMALL_PX, LARGE_PX))
    rows = []
    for kind, kind_name in enumerate(KINDS):
        for at, name in enumerate(SIZE_NAMES):
            mine = (photos.kind == kind) & (size == at)
            rows.append((kind_name, name, int(mine.sum()), int(missed[mine].sum())))
    return tuple(rows)


def _curve(served: Boxes, hit: np.ndarray, reached: np.ndarray, n_photos: int) -> Curve:
    wrong = served.score[hit < 0]
    misses = (reached[None] < THRESHOLDS[:, None]).sum(axis=1) / n_photos
    false = (wrong[None] >= THRESHOLDS[:, None]).sum(axis=1) / n_photos
    return Curve(THRESHOLDS, misses, false)


def best_threshold(curve: Curve, miss_price: float) -> int:
    """The place of the threshold with the least price, where a miss costs `miss_price` times a false blur.

    Equal prices go to the higher threshold, which blurs less.
    """
    price = miss_price * curve.misses + curve.false
    return len(price) - 1 - int(price[::-1].argmin())
