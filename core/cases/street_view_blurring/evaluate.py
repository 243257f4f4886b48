"""What the page shows beyond figures: photos with what was blurred and missed, misses by size, prices of errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring import boxes as b
from core.cases.street_view_blurring import pipeline as p
from core.cases.street_view_blurring.boxes import Found
from core.cases.street_view_blurring.paint import KINDS
from core.cases.street_view_blurring.world import Photos

N_SHOWN = 8
THRESHOLDS = np.round(np.arange(0.02, 1.0, 0.02), 2)
SIZE_NAMES = ("small", "medium", "large")


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


def show(served: Found, photos: Photos, taken: np.ndarray, threshold: float, unseen: float, skip: bool) -> Shown:
    """A few photos, every object's fate by kind and size, and errors by threshold."""
    truth = p.truth_of(photos)
    hit = b.match(served, truth, 0.5)
    found_at = p.hit_scores(served, hit, len(truth))
    marked = tuple(
        _marked(i, served, photos, hit, found_at, threshold, _note(i, photos, taken, unseen, skip))
        for i in _chosen(photos)
    )
    missed = found_at < threshold
    return Shown(marked, _by_size(photos, missed), _curve(served, hit, found_at, len(photos.pixels)),
                 len(photos.pixels), len(truth))  # fmt: skip


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
    photo: int, served: Found, photos: Photos, hit: np.ndarray, found_at: np.ndarray, threshold: float, note: str
) -> Marked:
    blurred = (served.of == photo) & (served.score >= threshold)
    missed = (photos.of == photo) & (found_at < threshold)
    right = hit >= 0
    return Marked(
        photos.pixels[photo], served.box[blurred & right], photos.box[missed], served.box[blurred & ~right], note
    )


def _by_size(photos: Photos, missed: np.ndarray) -> tuple[tuple[str, str, int, int], ...]:
    root = np.sqrt((photos.box[:, 2:] - photos.box[:, :2]).prod(axis=1))
    size = np.digitize(root, (p.SMALL_PX, p.LARGE_PX))
    rows = []
    for kind, kind_name in enumerate(KINDS):
        for at, name in enumerate(SIZE_NAMES):
            mine = (photos.kind == kind) & (size == at)
            rows.append((kind_name, name, int(mine.sum()), int(missed[mine].sum())))
    return tuple(rows)


def _curve(served: Found, hit: np.ndarray, found_at: np.ndarray, n_photos: int) -> Curve:
    wrong = served.score[hit < 0]
    misses = (found_at[None] < THRESHOLDS[:, None]).sum(axis=1) / n_photos
    false = (wrong[None] >= THRESHOLDS[:, None]).sum(axis=1) / n_photos
    return Curve(THRESHOLDS, misses, false)


def best_threshold(curve: Curve, miss_price: float) -> int:
    """The place of the threshold with the least price, where a miss costs `miss_price` times a false blur.

    Equal prices go to the higher threshold, which blurs less.
    """
    price = miss_price * curve.misses + curve.false
    return len(price) - 1 - int(price[::-1].argmin())
