"""What the blurred boxes are worth, and what the page shows of it: photos, misses by size, prices of errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.paint import KINDS
from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.boxes import Boxes, true_boxes
from core.contract.case import Estimate, estimate
from core.metrics import area_interval
from core.metrics.detection import average_precision_by_photo, recall_at_budget_by_photo, threshold_at_budget

BUDGET = 0.5  # false positives per image that the recall of the charts is taken at
SMALL_PX, LARGE_PX = 24.0, 44.0  # root of the area, on the photo as stored
N_SHOWN = 8
THRESHOLDS = np.round(np.arange(0.02, 1.0, 0.02), 2)
SIZE_NAMES = ("small", "medium", "large")


def grade(served: Boxes, photos: Photos, threshold: float) -> dict[str, Estimate]:
    """Every quality: recall by object, the others by photo; photos of one scene, repeats among them, go together."""
    truth, n = true_boxes(photos), len(photos.pixels)
    hit, tight = served.hits(truth, 0.5), served.hits(truth, 0.75)
    blurred = served.score >= threshold
    reached = hit_scores(served, hit, len(truth))
    small = np.sqrt((photos.box[:, 2:] - photos.box[:, :2]).prod(axis=1)) < SMALL_PX
    by_photo, by_object = (dict(unit="scenes", clusters=places) for places in (photos.place, photos.place[photos.of]))
    of_small = by_object | dict(clusters=photos.place[photos.of[small]])
    false = np.bincount(served.of[blurred & (hit < 0)], minlength=n).astype(np.float64)
    return {
        "recall_budget": recall_at_budget(served, hit, reached, photos),
        "ap50": average_precision_of(served, hit >= 0, truth, photos),
        "ap75": average_precision_of(served, tight >= 0, truth, photos),
        "recall": estimate(reached >= threshold, **by_object),
        "false_blurs": estimate(false, **by_photo),
        **(
            {"recall_small": estimate(reached[small] >= threshold, **of_small)}
            if len(np.unique(of_small["clusters"])) > 1
            else {}
        ),
    }


def recall_at_budget(served: Boxes, hit: np.ndarray, reached: np.ndarray, photos: Photos) -> Estimate:
    """Recall at the budget with what every photo adds: what it hits, and the false boxes that move the threshold."""
    n, wrong = len(photos.pixels), hit < 0
    value = float((reached > budget_threshold(served, hit, n)).mean())
    return _area(
        recall_at_budget_by_photo(reached, photos.of, served.score[wrong], served.of[wrong], n, BUDGET), photos, value
    )


def average_precision_of(served: Boxes, right: np.ndarray, truth: Boxes, photos: Photos) -> Estimate:
    """The mean over kinds of average precision, with what every photo adds to it."""
    by_photo = mean_average_precision(served, right, truth, len(photos.pixels))
    return _area(by_photo, photos, float(by_photo.mean()))


def _area(by_photo: np.ndarray, photos: Photos, value: float) -> Estimate:
    interval = area_interval(value, by_photo, len(photos.box), photos.place)
    return estimate(by_photo, unit="scenes", clusters=photos.place, value=value, interval=interval)


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
    return threshold_at_budget(served.score[hit < 0], int(BUDGET * n_photos))


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
    """The place of the threshold with the least price, where a miss costs `miss_price` times a false positive.

    Equal prices go to the higher threshold, which blurs less.
    """
    price = miss_price * curve.misses + curve.false
    return len(price) - 1 - int(price[::-1].argmin())
