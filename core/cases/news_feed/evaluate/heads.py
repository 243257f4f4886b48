"""What the heads know: AUC on the last day of the log, and calibration."""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.world import ACTIONS, BINARY
from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.heads import Scorer, rows_scored
from core.contract.case import Estimate
from core.metrics import bootstrap_interval
from core.metrics.classification import auc_by_row

BINS = 5  # for calibration: fewer would hide, more would be noise where a head has a few dozen positives


def placements(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """For each positive the share of negatives scored below it, ties counting half (n_positive,): their mean is AUC."""
    negatives = np.sort(scores[~positive])
    if not len(negatives) or not positive.any():
        raise ValueError("an AUC needs a positive and a negative")
    own = scores[positive]
    below, upto = np.searchsorted(negatives, own), np.searchsorted(negatives, own, side="right")
    return (below + upto) / 2 / len(negatives)


def grade_heads(logged: Logged, scorer: Scorer, seed: int) -> dict[str, Estimate]:
    """AUC of each head on the test rows as it serves (first place for all), and calibration at the places logged."""
    rows = logged.test
    scores = rows_scored(scorer, rows, with_place=False)
    if not scorer.knows:  # one order for all heads, and no chances
        scores = scorer.model.raw(rows.x, None)
    graded = {}
    for head, name in enumerate(BINARY):
        positive = rows.done[:, head] > 0
        if name in scorer.heads and positive.any() and not positive.all():
            graded[f"auc {name}"] = area(scores[:, head], positive)
    if scorer.knows:
        gaps = calibration_gaps(rows_scored(scorer, rows, with_place=True), rows.done)
        graded["calibration"] = _with_interval(gaps, seed)
    return graded


def area(scores: np.ndarray, positive: np.ndarray) -> Estimate:
    """AUC with the interval of DeLong et al. 1988, which costs no resampling, over impressions of both classes."""
    of_positives, of_negatives = placements(scores, positive), placements(-scores, ~positive)
    variance = sum(part.var(ddof=1) / len(part) for part in (of_positives, of_negatives) if len(part) > 1)
    value, width = float(of_positives.mean()), 1.96 * float(variance) ** 0.5
    return Estimate(
        value, max(0.0, value - width), min(1.0, value + width), auc_by_row(scores, positive), "impressions"
    )


def calibration_gaps(chance: np.ndarray, done: np.ndarray) -> np.ndarray:
    """Each impression's share (n,) of the calibration error, averaged over the actions.

    For every action rows are put into BINS equal bins by predicted chance; the gap between mean prediction and what
    happened, over the action's base rate, belongs to each row of its bin (expected calibration error, Guo et al. 2017).
    """
    gaps = np.zeros(len(chance))
    for head in range(len(ACTIONS)):
        order = np.argsort(chance[:, head], kind="stable")
        for bin in np.array_split(order, BINS):
            gap = abs(float(chance[bin, head].mean()) - float(done[bin, head].mean()))
            gaps[bin] += gap / max(float(done[:, head].mean()), 1e-6) / len(ACTIONS)
    return gaps


def _with_interval(gaps: np.ndarray, seed: int) -> Estimate:
    """Calibration error with an interval over blocks of rows, for gaps of a bin are all alike."""
    blocks = np.array([block.mean() for block in np.array_split(gaps, 200)])
    low, high = bootstrap_interval(blocks, seed)
    value = float(gaps.mean())
    return Estimate(value, min(low, value), max(high, value), gaps, "bins of the design's own order", pairable=False)
