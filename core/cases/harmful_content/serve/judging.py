"""The steps between the parts: scores of whole worlds, probabilities, the batch store, and what the page is shown."""

from __future__ import annotations

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.features import Sparse
from core.cases.harmful_content.model import calibration
from core.cases.harmful_content.model.calibration import Calibration
from core.cases.harmful_content.model.joint import Joint
from core.cases.harmful_content.model.linear import Linear
from core.cases.harmful_content.model.trees import Trees
from core.cases.harmful_content.serve import policy
from core.cases.harmful_content.serve.matching import Matched
from core.cases.harmful_content.serve.policy import Verdicts
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def score_text(model: Linear, rows: np.ndarray | Sparse, posts: Posts) -> np.ndarray:
    """Scores of the calibration and the judged posts (n_valid + n_test,)."""
    return model.score(_rest(rows, posts))


def score_columns(trees: Trees, posts: Posts) -> np.ndarray:
    """Scores of the calibration and the judged posts by their columns."""
    return trees.score(posts.columns[posts.used[len(posts.train) :]])


def score_both(model: Joint, rows: np.ndarray | Sparse, posts: Posts) -> np.ndarray:
    """Scores of the calibration and the judged posts by one model over text and columns."""
    return model.score(_rest(rows, posts), posts.columns[posts.used[len(posts.train) :]])


def _rest(rows: np.ndarray | Sparse, posts: Posts) -> np.ndarray | Sparse:
    start = len(posts.train)
    return rows.rows(start, len(rows.ends) - 1) if isinstance(rows, Sparse) else rows[start:]


def calibrate(posts: Posts, *scores: np.ndarray, prevalence: float) -> Calibration:
    """Scores to a probability of harm on the platform."""
    return calibration.calibrate(posts, *scores, prevalence=prevalence)


def probabilities(calibration: Calibration, *scores: np.ndarray) -> np.ndarray:
    """Probabilities of the calibration and the judged posts (n_valid + n_test,)."""
    return calibration.probability(np.column_stack(scores))


def pass_on(posts: Posts, first: np.ndarray, threshold: float) -> np.ndarray:
    """Which judged posts (n_test,) the first pass hands to the main model: its most suspicious."""
    return first[len(posts.valid) :] >= threshold


def judge(
    posts: Posts, main: np.ndarray, *more: np.ndarray | Matched, passes: bool, similarity: float, serving: str,
    delay_min: int, refresh_h: int,
) -> Verdicts:  # fmt: skip
    """The verdict on every judged post and when it falls; `more` are first pass, what it passed on, and matches."""
    judged = main[len(posts.valid) :]
    first, passed = (more[0][len(posts.valid) :], more[1]) if passes else (None, None)
    matched = next((each.likeness for each in more if isinstance(each, Matched)), None)
    wait_h = {
        "hybrid": np.full(len(judged), delay_min / 60),
        "batch": policy.until_job_h(posts.hour[posts.test], refresh_h),
    }.get(serving, np.zeros(len(judged)))
    found = policy.verdicts(judged, first, passed, matched, similarity, wait_h)
    if serving == "batch":  # the match is part of the job
        found = Verdicts(found.rank, found.probability, found.matched, found.passed, wait_h)
    return found


def precompute(verdict: Verdicts, name: str) -> SnapshotReader:
    """The batch job: the verdict on every post that a run of the job found, in a store read by the post's number."""
    flags = np.column_stack([verdict.matched, verdict.passed, np.zeros(len(verdict.rank))]).astype(np.int64)
    place = np.unique(verdict.rank, return_inverse=True)[1]  # whole numbers: the store's 32 bits keep them apart
    facts = np.column_stack([verdict.probability, place, verdict.wait_h])
    keys = np.arange(len(verdict.rank))
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (keys, flags, facts))


def from_store(reader: SnapshotReader) -> Verdicts:
    """Batch serving: the verdicts as the store holds them."""
    keys = range(reader.rows)
    flags = np.stack([reader.get(key) for key in keys])
    probability, rank, wait_h = np.stack([reader.get_scores(key) for key in keys]).astype(np.float64).T
    return Verdicts(rank, probability, flags[:, 0] > 0, flags[:, 1] > 0, wait_h)


def act(
    verdict: Verdicts, posts: Posts, crowd: Audience, *classes: np.ndarray, remove_at: float, review_at: float,
    reviewers: int, order: str,
) -> policy.Outcome:  # fmt: skip
    """What is done with every judged post."""
    return policy.act(verdict, classes[0] if classes else None, posts, crowd, remove_at, review_at, reviewers, order)
