"""From probabilities to what is done: two thresholds, a queue of reviewers, and the views that harm still gets.

Simulated: how views come in after posting, and reviewers, who are taken to be right. Each judged post stands for
`weight` posts of the platform, so that harm has the prevalence that the dial says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.datasets.mails import CLASSES

HALF_OF_VIEWS_H = 6.0  # illustrative: half of a post's views come within so many hours
REVIEW_H = 2.0  # illustrative: from the queue to a reviewer's verdict
SEVERITY = {"scam": 3.0, "adult": 2.0, "like malware": 4.0}  # illustrative; any other harm counts 1
WORTH = np.array([SEVERITY[name] for name in CLASSES])
ORDERS = ("oldest", "score", "reach", "severity")


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What is known of each judged post (n_test,) when its verdict falls."""

    rank: np.ndarray  # the order of suspicion
    probability: np.ndarray  # of harm; 1 where it matched known harm
    matched: np.ndarray
    passed: np.ndarray  # to the main model
    wait_h: np.ndarray  # from posting to the verdict


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of each judged post (n_test,)."""

    removed: np.ndarray  # by the machine
    queued: np.ndarray
    reviewed: np.ndarray  # the share of the posts it stands for that a reviewer reaches
    stopped: np.ndarray  # the share of views that never happen
    severity: np.ndarray  # of the harm, 0 for a harmless post


def threshold(posts: Posts, first: np.ndarray, share: float, prevalence: float) -> float:
    """The probability from which the first pass hands on, so that on known posts a `share` of the platform's is.

    `first` are its probabilities over the calibration and the judged posts; only the former are looked at.
    """
    if share >= 1:
        return 0.0
    known, taught = first[: len(posts.valid)], posts.taught[posts.valid]
    common = float(np.clip(taught.mean(), 1e-3, 1 - 1e-3))
    weight = np.where(taught, prevalence / common, (1 - prevalence) / (1 - common))
    order = np.argsort(-known, kind="stable")
    at = int(np.searchsorted(np.cumsum(weight[order]) / weight.sum(), share))
    return float(known[order[min(at, len(order) - 1)]])


def verdicts(
    probability: np.ndarray,
    first: np.ndarray | None,
    passed: np.ndarray | None,
    likeness: np.ndarray | None,
    similarity: float,
    wait_h: np.ndarray,
) -> Verdicts:
    """One verdict from a match, a first pass and the main model; what was not passed on is taken for harmless."""
    n = len(probability)
    passed = np.ones(n, bool) if passed is None else passed
    matched = np.zeros(n, bool) if likeness is None else likeness >= similarity
    rank = probability if first is None else np.where(passed, 1 + probability, first)
    rank = rank if likeness is None else np.where(matched, 3 + likeness, rank)
    sure = np.where(matched, 1.0, np.where(passed, probability, 0.0))
    return Verdicts(rank, sure, matched, passed & ~matched, np.where(matched, 0.0, wait_h))


def viewed_h(n: int, seed: int) -> np.ndarray:
    """Hours (n,) from posting to the view of each post by one viewer, drawn at random from all of its views."""
    return np.random.default_rng([seed, 6]).exponential(HALF_OF_VIEWS_H / np.log(2), n)


def views_after(wait_h: np.ndarray) -> np.ndarray:
    """The share of each post's views (n,) that come after so many hours."""
    return 0.5 ** (wait_h / HALF_OF_VIEWS_H)


def act(
    verdict: Verdicts,
    posts: Posts,
    crowd: Audience,
    classes: np.ndarray | None,
    remove_at: float,
    review_at: float,
    reviewers: int,
    order: str,
) -> Outcome:
    """Remove what is surely harmful, queue what may be, leave the rest; reviewers take the queue day by day."""
    removed = verdict.probability >= remove_at
    queued = (verdict.probability >= review_at) & ~removed & (reviewers > 0)
    reviewed = _reviewed(verdict, classes, posts, crowd, queued, reviewers, order)
    unseen_now, unseen_later = (views_after(verdict.wait_h + wait) for wait in (0.0, REVIEW_H))
    harmful = posts.harmful[posts.test]
    stopped = np.where(removed, unseen_now, reviewed * unseen_later * harmful)
    return Outcome(removed, queued, reviewed, stopped, severity(posts))


def severity(posts: Posts) -> np.ndarray:
    """How much each judged post's harm counts (n_test,)."""
    worst = (posts.classes[posts.test] * WORTH).max(axis=1)
    return np.where(posts.harmful[posts.test], np.maximum(worst, 1.0), 0.0)


def _reviewed(
    verdict: Verdicts,
    classes: np.ndarray | None,
    posts: Posts,
    crowd: Audience,
    queued: np.ndarray,
    reviewers: int,
    order: str,
) -> np.ndarray:
    """The share of each queued post that is reached, with room for `reviewers` of 1,000 posts each day."""
    day = (posts.hour[posts.test] // 24).astype(np.int64)
    day -= day.min()
    room = np.bincount(day, crowd.weight) * reviewers / 1_000
    rows = np.flatnonzero(queued)
    rows = rows[np.lexsort((-priority(verdict, classes, crowd, order)[rows], day[rows]))]
    weight = crowd.weight[rows]
    before = np.cumsum(weight) - weight
    starts = np.searchsorted(day[rows], np.arange(len(room)))
    before -= np.append(before, 0.0)[starts][day[rows]] if len(rows) else 0.0
    share = np.zeros(len(queued))
    share[rows] = np.clip((room[day[rows]] - before) / weight, 0, 1)
    return share


def priority(verdict: Verdicts, classes: np.ndarray | None, crowd: Audience, order: str) -> np.ndarray:
    """Who is reviewed first (n_test,): by age, as the posts come, by suspicion, by reach, or by reach and kind."""
    if order == "oldest":
        return np.zeros(len(verdict.probability))
    reach = crowd.views if order in ("reach", "severity") else 1.0
    likely = 1.0 if classes is None or order != "severity" else 1 + classes @ (WORTH - 1)
    return verdict.probability * reach * likely


def until_job_h(hour: np.ndarray, refresh_h: float) -> np.ndarray:
    """Hours from posting to the next run of a job that starts at two in the night and every `refresh_h` hours."""
    return refresh_h - (hour - 2.0) % refresh_h
