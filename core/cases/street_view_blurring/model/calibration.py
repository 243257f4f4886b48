"""What is fitted to a detector on the training photos: its own way of drawing boxes and of scoring them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.paint import KINDS
from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.boxes import Boxes, true_boxes
from core.metrics.maths import sigmoid

LOOSE = 0.3  # overlap from which a box speaks of an object, however its detector draws boxes
DOUBLES = 0.4
WEIGHT = 1e-2  # ridge of the logistic fit


@dataclass(frozen=True)
class Calibration:
    """By kind: how boxes must be moved and scaled (2, 4), and the slope and intercept (2, 2) of log odds by score."""

    box: np.ndarray
    odds: np.ndarray


def calibrate(boxes: Boxes, photos: Photos) -> Calibration:
    """Fit both to the training photos, so that one threshold means the same for every detector and kind."""
    truth = true_boxes(photos)
    kept = boxes.without_doubles(DOUBLES)
    hit = kept.hits(truth, LOOSE)
    fits, odds = np.tile([0.0, 0.0, 1.0, 1.0], (len(KINDS), 1)), np.tile([1.0, 0.0], (len(KINDS), 1))
    for kind in range(len(KINDS)):
        mine = kept.kind == kind
        right = mine & (hit >= 0)
        if right.sum() >= 5:
            fits[kind] = _box_fit(kept.box[right], photos.box[hit[right]])
    moved = Boxes(kept.of, kept.kind, refitted(kept, Calibration(fits, odds)), kept.score)
    sound = moved.hits(truth, 0.5) >= 0
    for kind in range(len(KINDS)):
        mine = kept.kind == kind
        if sound[mine].any() and not sound[mine].all():
            odds[kind] = _logistic(kept.score[mine], sound[mine])
    return Calibration(fits, odds)


def _box_fit(drawn: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Middle shifts in widths and heights and the factors of width and height (4,), medians over pairs of boxes."""
    size, true_size = drawn[:, 2:] - drawn[:, :2], true[:, 2:] - true[:, :2]
    shift = ((true[:, :2] + true[:, 2:]) - (drawn[:, :2] + drawn[:, 2:])) / 2 / size
    return np.concatenate([np.median(shift, axis=0), np.median(true_size / size, axis=0)])


def _logistic(score: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Slope and intercept (2,) of the log odds that a box is right (Platt 1999), by Newton's method."""
    scale = max(float(score.std()), 1e-6)
    x = np.stack([score / scale, np.ones(len(score))], axis=1).astype(np.float64)
    target = np.where(right, (right.sum() + 1) / (right.sum() + 2), 1 / ((~right).sum() + 2))
    fitted = np.zeros(2)
    for _ in range(25):
        likely = sigmoid(x @ fitted)
        slope = x.T @ (likely - target) + WEIGHT * fitted * [1, 0]
        curve = (x * (likely * (1 - likely))[:, None]).T @ x + WEIGHT * np.diag([1.0, 1e-6])
        fitted = fitted - np.linalg.solve(curve, slope)
    return fitted / [scale, 1.0]


def refitted(boxes: Boxes, calibration: Calibration) -> np.ndarray:
    """The boxes (m, 4) drawn as the ground truth draws them."""
    fit, low, high = calibration.box[boxes.kind].astype(np.float32), boxes.box[:, :2], boxes.box[:, 2:]
    size = high - low
    middle, half = (low + high) / 2 + fit[:, :2] * size, fit[:, 2:] * size / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def probability(boxes: Boxes, calibration: Calibration) -> np.ndarray:
    """How likely (m,) each box hits something."""
    slope, intercept = calibration.odds[boxes.kind].T
    return sigmoid(slope * boxes.score + intercept).astype(np.float32)
