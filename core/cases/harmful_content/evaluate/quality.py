"""How good the verdicts are: precision at each rank under the platform's prevalence, and what became of harm."""

from __future__ import annotations

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.model.heads import RARE
from core.cases.harmful_content.serve.policy import Outcome, Verdicts
from core.contract.case import Estimate, estimate

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
    own = rank[harmful]
    good = own[precision >= PRECISION]
    return own >= (good.min() if len(good) else np.inf)


def grade(
    verdict: Verdicts, outcome: Outcome, posts: Posts, crowd: Audience, classes: np.ndarray | None, seed: int
) -> dict[str, Estimate]:
    """Every quality, each with the value of every post behind it."""
    harmful, planted = posts.harmful[posts.test], posts.planted[posts.test]
    precision = precision_of_harm(verdict.rank, harmful, crowd.weight)
    worth = (crowd.views * outcome.severity)[harmful]
    graded = {
        "ap": precision,
        "recall": recalled(verdict.rank, harmful, precision).astype(float),
        "stopped": outcome.stopped[harmful] * worth / worth.mean(),
        "wronged": outcome.removed[~harmful].astype(float),
    }
    if planted.any():
        graded["planted"] = precision_of_harm(verdict.rank[planted], harmful[planted], crowd.weight[planted] * 0 + 1)
    if classes is not None:
        graded["rare"] = precision_of_class(classes, posts, RARE)
    return {name: estimate(per_query, seed) for name, per_query in graded.items()}


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
