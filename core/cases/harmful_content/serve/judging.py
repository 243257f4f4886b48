"""The steps between the models: scores of whole worlds, probabilities, verdicts, and the batch store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.data import Posts
from core.cases.harmful_content.model.calibration import Calibration
from core.cases.harmful_content.serve import policy
from core.cases.harmful_content.serve.matching import Matched
from core.cases.harmful_content.serve.policy import Verdicts
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

UNJUDGED = -1.0  # below every order of suspicion


def probabilities(calibration: Calibration, *scores: np.ndarray) -> np.ndarray:
    """Probabilities of the calibration and the judged posts (n_valid + n_test,)."""
    return calibration.probability(np.column_stack(scores))


def pass_on(posts: Posts, first: np.ndarray, threshold: float) -> np.ndarray:
    """Which judged posts (n_test,) the first pass hands to the main model: its most suspicious."""
    return first[len(posts.valid) :] >= threshold


def judge(
    posts: Posts,
    main: np.ndarray,
    first: np.ndarray | None,
    passed: np.ndarray | None,
    match: Matched | None,
    similarity: float,
    serving: str,
    delay_min: int,
    refresh_h: int,
) -> Verdicts:
    """The verdict on every judged post and when it falls."""
    n_valid = len(posts.valid)
    wait_h = {
        "hybrid": np.full(len(posts.test), delay_min / 60),
        "batch": policy.until_job_h(posts.hour[posts.test], refresh_h),
    }.get(serving, np.zeros(len(posts.test)))
    verdict = policy.verdicts(
        main[n_valid:],
        None if first is None else first[n_valid:],
        passed,
        None if match is None else match.likeness,
        similarity,
        wait_h,
    )
    return replace(verdict, wait_h=wait_h) if serving == "batch" else verdict  # the match is part of the job


def when_shown(verdict: Verdicts, seed: int) -> Verdicts:
    """What a viewer's request finds: a post that no run of the job has reached yet ranks below all that are judged."""
    judged = policy.viewed_h(len(verdict.rank), seed) >= verdict.wait_h
    return replace(
        verdict, rank=np.where(judged, verdict.rank, UNJUDGED), probability=np.where(judged, verdict.probability, 0.0)
    )


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
