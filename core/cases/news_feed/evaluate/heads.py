"""What the heads know: AUC on the last day of the log, and calibration."""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.world import ACTIONS, BINARY
from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.heads import Scorer, rows_scored
from core.contract.case import Estimate, estimate
from core.metrics import area_interval, by_unit
from core.metrics.calibration import miscalibration
from core.metrics.classification import auc_by_row


def placements(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """For each positive the share of negatives scored below it, ties counting half (n_positive,): their mean is AUC."""
    negatives = np.sort(scores[~positive])
    if not len(negatives) or not positive.any():
        raise ValueError("an AUC needs a positive and a negative")
    own = scores[positive]
    below, upto = np.searchsorted(negatives, own), np.searchsorted(negatives, own, side="right")
    return (below + upto) / 2 / len(negatives)


def grade_heads(logged: Logged, scorer: Scorer) -> dict[str, Estimate]:
    """AUC of each head on the test rows as it serves (first place for all), and calibration at the places logged."""
    rows = logged.test
    scores = rows_scored(scorer, rows, with_place=False)
    if not scorer.knows:  # one order for all heads, and no chances
        scores = scorer.model.raw(rows.x, None)
    graded = {}
    for head, name in enumerate(BINARY):
        positive = rows.done[:, head] > 0
        if name in scorer.heads and positive.any() and not positive.all():
            graded[f"auc {name}"] = area(scores[:, head], positive, rows.reader)
    if scorer.knows:
        done = [head for head in range(len(ACTIONS)) if rows.done[:, head].any()]
        chance = rows_scored(scorer, rows, with_place=True)
        off, interval = miscalibration(chance[:, done], rows.done[:, done], rows.reader)
        graded["calibration"] = estimate(off, unit="readers", interval=interval)
    return graded


def area(scores: np.ndarray, positive: np.ndarray, reader: np.ndarray) -> Estimate:
    """AUC (DeLong et al. 1988) with what the impressions of each reader add to it, of both classes."""
    value, readers = float(placements(scores, positive).mean()), by_unit(auc_by_row(scores, positive), reader)
    return estimate(readers, unit="readers", value=value, interval=area_interval(value, readers, int(positive.sum())))
