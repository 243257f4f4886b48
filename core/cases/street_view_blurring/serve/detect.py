"""From photos as they are read to one likely box a thing, and to those of them that a second look lets pass."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring.data.photos import PHOTO_PX, Photos
from core.cases.street_view_blurring.features import corners, tile_side
from core.cases.street_view_blurring.model.boxes import Boxes, joined, sixteenths
from core.cases.street_view_blurring.model.calibration import Calibration, probability, refitted
from core.cases.street_view_blurring.model.detectors import DETECTORS, Model
from core.cases.street_view_blurring.model.second_look import Verifier, passing

MOST_BOXES = 40  # a photo, best first
UNLIKELY = 0.02  # less likely boxes are dropped at once


def load_model(name: str, precision: str) -> Model:
    """A detector ready to use. Raises DataError where its file is amiss."""
    return DETECTORS[name].load(precision)


def detect(model: Model, stack: np.ndarray, name: str, tiles: int) -> Boxes:
    """Every box the detector thinks of, in pixels of the photos; one tile at a time, as each request would."""
    by_tile = [DETECTORS[name].detect(model.use, stack[i : i + 1]) for i in range(len(stack))]
    return joined(*(on_photo(boxes, i, stack.shape[1], tiles) for i, boxes in enumerate(by_tile)))


def on_photo(boxes: Boxes, first: int, px: int, tiles: int) -> Boxes:
    """Boxes of tiles, the first of which is row `first`, as boxes of their photos."""
    tile = boxes.of + first
    start = np.array(corners(tiles), np.float32)[tile % tiles]
    box = boxes.box * np.float32(tile_side(tiles) / px) + np.tile(start, 2)
    return Boxes(tile // tiles, boxes.kind, box, boxes.score)


def pick(*by_detector: Boxes, faces: int, plates: int) -> Boxes:
    """Faces from one detector's boxes and plates from another's, given as places in `by_detector`."""
    parts = (by_detector[at].rows(by_detector[at].kind == kind) for kind, at in enumerate((faces, plates)))
    return joined(*parts)


def calibrate_scores(boxes: Boxes, calibration: Calibration) -> Boxes:
    """Boxes as the ground truth draws them, with how likely each is right."""
    score = probability(boxes, calibration)
    likely = np.flatnonzero(score >= UNLIKELY)
    kept = boxes.rows(likely)
    return Boxes(kept.of, kept.kind, sixteenths(refitted(kept, calibration), PHOTO_PX), score[likely])


def nms(boxes: Boxes, iou: float) -> Boxes:
    """Boxes without doubles, at most MOST_BOXES a photo."""
    kept = boxes.without_doubles(iou)
    order = np.lexsort((-kept.score, kept.of))
    if len(order) > MOST_BOXES:
        place = np.arange(len(order)) - np.searchsorted(kept.of[order], kept.of[order])
        order = order[place < MOST_BOXES]
    return kept.rows(order)


def verify(boxes: Boxes, verifier: Verifier, photos: Photos, level: str) -> Boxes:
    """The boxes that a second look lets pass."""
    return boxes.rows(passing(verifier, photos.pixels, boxes, level))
