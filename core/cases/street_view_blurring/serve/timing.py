"""What one photo takes at of_photo stage: a thousand requests, one by one."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring import features
from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.boxes import Boxes
from core.cases.street_view_blurring.model.calibration import Calibration
from core.cases.street_view_blurring.model.detectors import DETECTORS, Model
from core.cases.street_view_blurring.model.second_look import Verifier, passing
from core.cases.street_view_blurring.serve import detect, repeats
from core.cases.street_view_blurring.serve.blur import blur
from core.runtime.timing import Timing, time_batches, time_each
from core.stages.index import BuiltIndex, searcher
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def time_reading(photos: Photos, px: int, tiles: int) -> Timing:
    """Reducing a photo, already decoded, to what is searched."""
    pixels = photos.pixels
    return time_each(lambda i: features.read_one(pixels[i % len(pixels)], px, tiles), N_TIMED)


def time_comparing(index: BuiltIndex, photos: Photos) -> Timing:
    """Describing a photo and finding those like it."""
    one, pixels = searcher(index, k=min(repeats.NEIGHBOURS, index.n), effort=1), photos.pixels
    return time_each(lambda i: one(features.describe_one(pixels[i % len(pixels)]), None), N_TIMED)


def time_detecting(model: Model, stack: np.ndarray, name: str, tiles: int) -> Timing:
    """One detector over the tiles of one photo."""
    detect, n = DETECTORS[name].detect, len(stack) // tiles

    def request(i: int) -> None:
        first = i % n * tiles
        detect(model.use, stack[first : first + tiles])

    return time_each(request, N_TIMED)


def time_merging(boxes: Boxes, calibration: Calibration, photos: Photos, iou: float) -> Timing:
    """Calibrating the scores of a photo's boxes, and non-maximum suppression."""
    of_photo = by_photo(boxes, len(photos.pixels))
    return time_each(
        lambda i: detect.nms(detect.calibrate_scores(of_photo[i % len(of_photo)], calibration), iou), N_TIMED
    )


def time_checking(boxes: Boxes, verifier: Verifier, photos: Photos, threshold: float, level: str) -> Timing:
    """The second look at the boxes of a photo that are over the threshold."""
    of_photo, pixels = by_photo(boxes.rows(boxes.score >= threshold), len(photos.pixels)), photos.pixels
    return time_each(lambda i: passing(verifier, pixels, of_photo[i % len(of_photo)], level), N_TIMED)


def time_blurring(served: Boxes, photos: Photos, threshold: float) -> Timing:
    """Blurring the boxes of a photo."""
    of_photo, pixels = by_photo(served.rows(served.score >= threshold), len(photos.pixels)), photos.pixels
    return time_each(lambda i: blur(pixels[i % len(pixels)], of_photo[i % len(of_photo)].box), N_TIMED)


def time_looking_up(reader: SnapshotReader) -> Timing:
    """Getting the boxes of a photo from the store."""
    return time_each(lambda i: (reader.get(i), reader.get_scores(i)), N_TIMED)


def time_in_batches(
    stack: np.ndarray, *models: Model, names: tuple[str, ...], tiles: int, size: int
) -> dict[int, Timing]:
    """All detectors over photos that came together, for batches of 1, a quarter and all of `size`."""

    def together(n: int) -> None:
        for model, name in zip(models, names, strict=True):
            DETECTORS[name].detect(model.use, stack[: n * tiles])

    return time_batches(together, sorted({1, max(2, size // 4), size}), repeats=7)


def by_photo(boxes: Boxes, n: int) -> list[Boxes]:
    """The boxes of of_photo photo (n), as a request has them."""
    return [boxes.rows(boxes.of == photo) for photo in range(n)]
