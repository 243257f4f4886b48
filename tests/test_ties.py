"""Metrics that a score decides: rows of one score may stand in any order."""

import numpy as np
import pytest

from core.cases.ad_click.evaluate.metrics import auc_values, curve, precision_values
from core.cases.harmful_content.evaluate.quality import precision_of_harm
from core.cases.news_feed.evaluate.heads import placements
from core.metrics.detection import average_precision
from core.metrics.maths import tied_means

RNG = np.random.default_rng(0)
N = 300
SCORE, POSITIVE = RNG.integers(0, 7, N) / 7, RNG.random(N) < 0.3
OF_CLASSES = {
    "ad click: AUC": lambda score, positive: auc_values(score, positive).mean(),
    "ad click: average precision": lambda score, positive: precision_values(score, positive).mean(),
    "ad click: calibration curve": lambda score, positive: curve(score, positive).observed,
    "harmful content: average precision": lambda score, positive: precision_of_harm(
        score, positive, np.ones(len(score))
    ).mean(),
    "news feed: AUC": lambda score, positive: placements(score, positive).mean(),
    "street view: average precision": lambda score, positive: average_precision(score, positive, N),
}


@pytest.mark.parametrize("metric", OF_CLASSES.values(), ids=list(OF_CLASSES))
def test_shuffling_rows_of_equal_scores_leaves_the_figure(metric):
    figure = metric(SCORE, POSITIVE)
    for seed in range(5):
        at = np.random.default_rng(seed).permutation(N)
        assert metric(SCORE[at], POSITIVE[at]) == pytest.approx(figure, abs=1e-12)
    last_first = np.lexsort((~POSITIVE, SCORE))
    assert metric(SCORE[last_first], POSITIVE[last_first]) == pytest.approx(figure, abs=1e-12)


def test_means_of_tied_rows_by_hand():
    assert tied_means(np.array([0.5, 0.1, 0.5]), np.array([1.0, 7.0, 0.0])).tolist() == [0.5, 7.0, 0.5]
    values = np.array([1.0, 2.0])
    assert tied_means(np.array([1.0, 0.0]), values) is values
