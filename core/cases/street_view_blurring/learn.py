"""What is fitted on the training photos: a detector's own way of drawing boxes and scoring, and the second look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring import boxes as b
from core.cases.street_view_blurring.boxes import Found
from core.cases.street_view_blurring.design import CHECKS
from core.cases.street_view_blurring.hog import CELL, window
from core.cases.street_view_blurring.paint import FACE, KINDS, PLATE
from core.cases.street_view_blurring.world import Photos

LOOSE = 0.3  # overlap from which a box speaks of an object, however its detector draws boxes
DOUBLES = 0.4
WEIGHT = 1e-2  # ridge of the logistic fit
RIDGE = 30.0
LOOKS = {FACE: (8, 6), PLATE: (4, 9)}  # cells high and wide of what the second look sees


@dataclass(frozen=True)
class Learned:
    """By kind: how boxes must be moved and scaled (2, 4), and the slope and intercept (2, 2) of log odds by score."""

    box: np.ndarray
    odds: np.ndarray


def learn(found: Found, photos: Photos) -> Learned:
    """Fit both to the training photos, so that one threshold means the same for every detector and kind."""
    truth = Found(photos.of, photos.kind, photos.box, np.ones(len(photos.of), np.float32))
    kept = b.suppress(found, DOUBLES)
    hit = b.match(kept, truth, LOOSE)
    fits, odds = np.tile([0.0, 0.0, 1.0, 1.0], (len(KINDS), 1)), np.tile([1.0, 0.0], (len(KINDS), 1))
    for kind in range(len(KINDS)):
        mine = kept.kind == kind
        right = mine & (hit >= 0)
        if right.sum() >= 5:
            fits[kind] = _box_fit(kept.box[right], photos.box[hit[right]])
    moved = Found(kept.of, kept.kind, refitted(kept, Learned(fits, odds)), kept.score)
    sound = b.match(moved, truth, 0.5) >= 0
    for kind in range(len(KINDS)):
        mine = kept.kind == kind
        if sound[mine].any() and not sound[mine].all():
            odds[kind] = _logistic(kept.score[mine], sound[mine])
    return Learned(fits, odds)


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
        likely = 1 / (1 + np.exp(-np.clip(x @ fitted, -30, 30)))
        slope = x.T @ (likely - target) + WEIGHT * fitted * [1, 0]
        curve = (x * (likely * (1 - likely))[:, None]).T @ x + WEIGHT * np.diag([1.0, 1e-6])
        fitted = fitted - np.linalg.solve(curve, slope)
    return fitted / [scale, 1.0]


def refitted(found: Found, learned: Learned) -> np.ndarray:
    """The boxes (m, 4) drawn as the ground truth draws them."""
    fit, low, high = learned.box[found.kind].astype(np.float32), found.box[:, :2], found.box[:, 2:]
    size = high - low
    middle, half = (low + high) / 2 + fit[:, :2] * size, fit[:, 2:] * size / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def probability(found: Found, learned: Learned) -> np.ndarray:
    """How likely (m,) each box hits something."""
    slope, intercept = learned.odds[found.kind].T
    odds = np.clip(slope * found.score + intercept, -30, 30)
    return (1 / (1 + np.exp(-odds))).astype(np.float32)


@dataclass(frozen=True)
class Verifier:
    """By kind: weights (d + 1,) over gradient histograms, and the score from which a box passes at each level."""

    weights: tuple[np.ndarray, ...]
    bars: tuple[tuple[float, ...], ...]


def taught_photos(n: int, share: float, seed: int) -> np.ndarray:
    """Rows (m,), rising, of a uniform share of n photos, at least one; a smaller share lies within a larger."""
    return np.sort(np.random.default_rng([seed, 2]).permutation(n)[: int(np.ceil(share * n))])


def fit_verifier(found: Found, photos: Photos, learnt_from: float, seed: int) -> Verifier:
    """Ridge regression that tells true boxes from false ones at full size, among what the first stage brings.

    It sees a `learnt_from` share of the photos. Raises ValueError where these show nothing of a kind.
    """
    taught = taught_photos(len(photos.pixels), learnt_from, seed)
    truth = Found(photos.of, photos.kind, photos.box, np.ones(len(photos.of), np.float32))
    found, truth = (each.rows(np.isin(each.of, taught)) for each in (found, truth))
    right = b.match(found, truth, 0.5) >= 0
    weights, bars = [], []
    for kind, name in enumerate(KINDS):
        mine = found.kind == kind
        brought, there = found.rows(mine), truth.rows(truth.kind == kind)
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


def looks(pixels: np.ndarray, found: Found) -> np.ndarray:
    """What the second look sees (m, d) of boxes of one kind."""
    if not len(found):
        return np.zeros((0, 0))
    h, w = LOOKS[int(found.kind[0])]
    return np.stack([window(pixels[of], _whole(box), h, w) for of, box in zip(found.of, found.box, strict=True)])


def look_pixels(kinds: np.ndarray) -> int:
    """Pixels that second looks at boxes of these kinds (m,) read."""
    return sum(int((kinds == kind).sum()) * h * w * CELL**2 for kind, (h, w) in LOOKS.items())


def _whole(box: np.ndarray) -> np.ndarray:
    """The box, at least a pixel wide and high."""
    return np.concatenate([box[:2], np.maximum(box[2:], box[:2] + 1)])


def passing(verifier: Verifier, pixels: np.ndarray, found: Found, level: str) -> np.ndarray:
    """Whether each box (m,) passes at a level of CHECKS."""
    passed = np.ones(len(found), bool)
    for kind, (weights, bars) in enumerate(zip(verifier.weights, verifier.bars, strict=True)):
        mine = np.flatnonzero(found.kind == kind)
        if len(mine):
            seen = looks(pixels, found.rows(mine))
            passed[mine] = seen @ weights[:-1] + weights[-1] >= bars[list(CHECKS).index(level)]
    return passed
