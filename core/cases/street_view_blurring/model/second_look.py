"""The second look: a small machine that looks again, at full size, at what the first stage would blur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.paint import FACE, KINDS, PLATE
from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.design import CHECKS
from core.cases.street_view_blurring.model.boxes import Boxes, true_boxes
from core.cases.street_view_blurring.model.hog import CELL, window

RIDGE = 30.0
LOOKS = {FACE: (8, 6), PLATE: (4, 9)}  # cells high and wide of what the second look sees


@dataclass(frozen=True)
class Verifier:
    """By kind: weights (d + 1,) over gradient histograms, and the score from which a box passes at each level."""

    weights: tuple[np.ndarray, ...]
    bars: tuple[tuple[float, ...], ...]


def taught_photos(n: int, share: float, seed: int) -> np.ndarray:
    """Rows (m,), rising, of a uniform share of n photos, at least one; a smaller share lies within a larger."""
    return np.sort(np.random.default_rng([seed, 2]).permutation(n)[: int(np.ceil(share * n))])


def fit_verifier(boxes: Boxes, photos: Photos, learnt_from: float, seed: int) -> Verifier:
    """Ridge regression that tells true boxes from false ones at full size, among what the first stage brings.

    It sees a `learnt_from` share of the photos. Raises ValueError where these show nothing of a kind.
    """
    taught = taught_photos(len(photos.pixels), learnt_from, seed)
    truth = true_boxes(photos)
    boxes, truth = (every.rows(np.isin(every.of, taught)) for every in (boxes, truth))
    right = boxes.hits(truth, 0.5) >= 0
    weights, bars = [], []
    for kind, name in enumerate(KINDS):
        mine = boxes.kind == kind
        brought, there = boxes.rows(mine), truth.rows(truth.kind == kind)
        if not len(brought) or not len(there):
            raise ValueError(
                f"{len(taught)} photos to learn from bring {len(brought)} boxes for {len(there)} true ones of {name}: "
                "keep more, or leave the second look out"
            )
        seen = np.concatenate([looks(photos.pixels, brought), looks(photos.pixels, there)])
        target = np.concatenate([np.where(right[mine], 1.0, -1.0), np.ones(len(there))])
        fitted, left_out = _ridge(seen, target)
        true = left_out[: mine.sum()][right[mine]]
        weights.append(fitted)
        bars.append(tuple(float(np.quantile(true, 1 - share)) if len(true) else -9.0 for share in CHECKS.values()))
    return Verifier(tuple(weights), tuple(bars))


def _ridge(seen: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weights (d + 1,), and what each row (n,) is given by weights fitted without it (closed form)."""
    x = np.concatenate([seen, np.ones((len(seen), 1))], axis=1).astype(np.float64)
    inverse = np.linalg.inv(x.T @ x + RIDGE * np.eye(x.shape[1]))
    fitted = inverse @ x.T @ target
    leverage = np.einsum("nd,de,ne->n", x, inverse, x, optimize=True)
    return fitted, target - (target - x @ fitted) / np.maximum(1 - leverage, 1e-6)


def looks(pixels: np.ndarray, boxes: Boxes) -> np.ndarray:
    """What the second look sees (m, d) of boxes of one kind."""
    if not len(boxes):
        return np.zeros((0, 0))
    h, w = LOOKS[int(boxes.kind[0])]
    return np.stack([window(pixels[of], _whole(box), h, w) for of, box in zip(boxes.of, boxes.box, strict=True)])


def look_pixels(kinds: np.ndarray) -> int:
    """Pixels that second looks at boxes of these kinds (m,) read."""
    return sum(int((kinds == kind).sum()) * h * w * CELL**2 for kind, (h, w) in LOOKS.items())


def _whole(box: np.ndarray) -> np.ndarray:
    """The box, at least a pixel wide and high."""
    return np.concatenate([box[:2], np.maximum(box[2:], box[:2] + 1)])


def passing(verifier: Verifier, pixels: np.ndarray, boxes: Boxes, level: str) -> np.ndarray:
    """Whether each box (m,) passes at a level of CHECKS."""
    passed = np.ones(len(boxes), bool)
    for kind, (weights, bars) in enumerate(zip(verifier.weights, verifier.bars, strict=True)):
        mine = np.flatnonzero(boxes.kind == kind)
        if len(mine):
            seen = looks(pixels, boxes.rows(mine))
            passed[mine] = seen @ weights[:-1] + weights[-1] >= bars[list(CHECKS).index(level)]
    return passed
