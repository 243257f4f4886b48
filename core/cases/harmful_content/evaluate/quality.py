"""How good the verdicts are: precision at each rank under the platform's prevalence, and what became of harm."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.model.heads import RARE
from core.cases.harmful_content.serve.policy import Outcome, Verdicts
from core.contract.case import Estimate, estimate
from core.metrics import area_interval, by_unit, effective_number
from core.metrics.classification import average_precision_by_row

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
    verdict: Verdicts,
    outcome: Outcome,
    posts: Posts,
    crowd: Audience,
    suspected: np.ndarray,
    classes: np.ndarray | None,
    copies: np.ndarray,
) -> dict[str, Estimate]:
    """Every quality with the value of every post behind it; near copies (n_test,) share a number and go together."""
    harmful, planted = posts.harmful[posts.test], posts.planted[posts.test]
    judged = digest(posts.source[posts.test], harmful)
    least = validated_threshold(suspected, posts, prevalence(harmful, crowd.weight))
    of_harm = dict(unit="harmful posts", units=judged, clusters=copies[harmful])
    wronged = outcome.removed[~harmful].astype(float)
    graded = {
        "ap": average_precision(verdict.rank, harmful, copies, crowd.weight, judged),
        "recall": estimate(verdict.probability[harmful] >= least, **of_harm),
        "stopped": stopped(outcome.stopped[harmful], (crowd.views * outcome.severity)[harmful], **of_harm),
        "wronged": estimate(wronged, unit="harmless posts", units=judged, clusters=copies[~harmful]),
    }
    if planted.any():
        graded["planted"] = average_precision(verdict.rank[planted], harmful[planted], copies[planted], units=judged)
    if classes is not None:
        rare = posts.classes[posts.test, RARE]
        graded["rare"] = average_precision(classes[:, RARE], rare, copies, units=judged)
    return graded


def stopped(share: np.ndarray, worth: np.ndarray, clusters: np.ndarray, **which: object) -> Estimate:
    """The share of harm that is stopped, by its worth (n,), of which a few posts have most."""
    value = float((share * worth / worth.mean()).mean())
    by_post = value + (share - value) * worth / worth.mean()
    few = effective_number(worth, clusters)
    interval = area_interval(value, by_post, len(share), clusters, few)
    return estimate(by_post, **which, clusters=clusters, value=value, interval=interval)


def digest(*arrays: np.ndarray) -> int:
    """One number for which posts are judged, and as what."""
    number = 0
    for array in arrays:
        number = crc32(array.tobytes(), number)
    return number


def average_precision(
    rank: np.ndarray, harmful: np.ndarray, copies: np.ndarray, weight: np.ndarray | None = None, units: int = 0
) -> Estimate:
    """Average precision with what every post (n,) adds to it, harmless ones too; posts count once without a weight."""
    precision = precision_of_harm(rank, harmful, np.ones(len(rank)) if weight is None else weight)
    rows = average_precision_by_row(rank, harmful, None if weight is None else prevalence(harmful, weight))
    return _area(float(precision.mean()), rows, harmful, copies, units)


def validated_threshold(suspected: np.ndarray, posts: Posts, prevalence: float) -> float:
    """The lowest probability at which PRECISION holds among the known posts that the model is calibrated on.

    `suspected` are the main model's probabilities of these and of the judged posts; only the former are looked at.
    Infinite where no threshold is as precise.
    """
    known, taught = suspected[: len(posts.valid)], posts.taught[posts.valid]
    if not 0 < taught.mean() < 1:
        return np.inf
    weight = np.where(taught, prevalence / taught.mean(), (1 - prevalence) / (1 - taught.mean()))
    return threshold(known, taught, precision_of_harm(known, taught, weight))


def prevalence(harmful: np.ndarray, weight: np.ndarray) -> float:
    """The share of harm among weighted posts."""
    return float(weight[harmful].sum() / weight.sum())


def _area(value: float, rows: np.ndarray, harmful: np.ndarray, copies: np.ndarray, units: int) -> Estimate:
    distinct = by_unit(rows, copies)
    interval = area_interval(value, distinct, int(harmful.sum()))
    return estimate(distinct, unit="distinct posts", units=units, value=value, interval=interval)


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
