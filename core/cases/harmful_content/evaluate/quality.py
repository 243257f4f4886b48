"""How good the verdicts are: precision at each rank under the platform's prevalence, and what became of harm."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.model.heads import RARE
from core.cases.harmful_content.serve.policy import Outcome, Verdicts
from core.contract.case import Estimate, estimate
from core.metrics import area_interval
from core.metrics.classification import average_precision_by_row, recall_by_row

PRECISION = 0.9  # at which recall is told
N_CURVE = 40  # points of the precision-recall curve


def precision_of_harm(rank: np.ndarray, harmful: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """For each harmful post (n_harmful,) the precision among all posts that rank as high; its mean is AP.

    Average precision without interpolation (Manning et al. 2008, section 8.4), posts weighted; ties count together.
    """
    order = np.argsort(-rank, kind="stable")
    ranked, right = rank[order], np.cumsum((weight * harmful)[order])
    last = np.searchsorted(-ranked, -rank[harmful], side="right") - 1  # the last post of the same rank
    return right[last] / np.cumsum(weight[order])[last]


def recalled(rank: np.ndarray, harmful: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Which harmful posts (n_harmful,) stand above the lowest rank whose precision is still PRECISION."""
    return rank[harmful] >= threshold(rank, harmful, precision)


def threshold(rank: np.ndarray, harmful: np.ndarray, precision: np.ndarray) -> float:
    """The lowest rank of a harmful post whose precision is still PRECISION; infinite where there is none.

    It is chosen on the posts that are judged, so recall there is what the best threshold would have given.
    """
    good = rank[harmful][precision >= PRECISION]
    return float(good.min()) if len(good) else np.inf


def grade(
    verdict: Verdicts, outcome: Outcome, posts: Posts, crowd: Audience, classes: np.ndarray | None, seed: int
) -> dict[str, Estimate]:
    """Every quality, each with the value of every post behind it."""
    harmful, planted = posts.harmful[posts.test], posts.planted[posts.test]
    judged = digest(posts.source[posts.test], harmful)
    worth = (crowd.views * outcome.severity)[harmful]
    graded = {
        "ap": average_precision(verdict.rank, harmful, crowd.weight, judged),
        "recall": recall(verdict.rank, harmful, crowd.weight, judged),
        "stopped": estimate(outcome.stopped[harmful] * worth / worth.mean(), seed, unit="harmful posts", units=judged),
        "wronged": estimate(outcome.removed[~harmful].astype(float), seed, unit="harmless posts", units=judged),
    }
    if planted.any():
        graded["planted"] = average_precision(verdict.rank[planted], harmful[planted], units=judged)
    if classes is not None:
        graded["rare"] = average_precision(classes[:, RARE], posts.classes[posts.test, RARE], units=judged)
    return graded


def digest(*arrays: np.ndarray) -> int:
    """One number for which posts are judged, and as what."""
    number = 0
    for array in arrays:
        number = crc32(array.tobytes(), number)
    return number


def average_precision(
    rank: np.ndarray, harmful: np.ndarray, weight: np.ndarray | None = None, units: int = 0
) -> Estimate:
    """Average precision with what every post (n,) adds to it, harmless ones too; posts count once without a weight."""
    precision = precision_of_harm(rank, harmful, np.ones(len(rank)) if weight is None else weight)
    rows = average_precision_by_row(rank, harmful, None if weight is None else prevalence(harmful, weight))
    return _area(float(precision.mean()), rows, harmful, units)


def recall(rank: np.ndarray, harmful: np.ndarray, weight: np.ndarray, units: int = 0) -> Estimate:
    """Recall at PRECISION with what every post (n,) adds to it."""
    precision = precision_of_harm(rank, harmful, weight)
    value = float(recalled(rank, harmful, precision).astype(float).mean())
    least = threshold(rank, harmful, precision)
    rows = recall_by_row(rank, harmful, least, PRECISION, prevalence(harmful, weight))
    return _area(value, rows, harmful, units)


def prevalence(harmful: np.ndarray, weight: np.ndarray) -> float:
    """The share of harm among weighted posts."""
    return float(weight[harmful].sum() / weight.sum())


def _area(value: float, rows: np.ndarray, harmful: np.ndarray, units: int) -> Estimate:
    interval = area_interval(value, rows, int(harmful.sum()))
    return estimate(rows, unit="posts", units=units, value=value, interval=interval)


def precision_of_class(classes: np.ndarray, posts: Posts, which: int) -> np.ndarray:
    """For each judged post of a sub-class the precision at its rank, every message counted once."""
    return precision_of_harm(classes[:, which], posts.classes[posts.test, which], np.ones(len(classes)))


def curve(verdict: Verdicts, posts: Posts, crowd: Audience) -> tuple[tuple[float, float], ...]:
    """Recall and precision at N_CURVE ranks, from the most suspicious down."""
    harmful = posts.harmful[posts.test]
    order = np.argsort(-verdict.rank, kind="stable")
    right = np.cumsum((crowd.weight * harmful)[order])
    precision, recall = right / np.cumsum(crowd.weight[order]), right / right[-1]
    at = np.searchsorted(recall, np.linspace(0.02, 1, N_CURVE)).clip(0, len(recall) - 1)
    return tuple(zip(recall[at].tolist(), precision[at].tolist(), strict=True))
