"""What rows add to AUC and average precision: exact against scikit-learn, DeLong and leaving each row out."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from core.metrics import area_interval, share_interval
from core.metrics.classification import auc_by_row, average_precision_by_row


def few_rows(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.4
    return (rng.normal(size=n) + positive).round(1), positive


def test_means_over_rows_are_the_figures_of_scikit_learn():
    for seed in range(5):
        score, positive = few_rows(seed)
        assert auc_by_row(score, positive).mean() == pytest.approx(roc_auc_score(positive, score))
        by_row = average_precision_by_row(score, positive)
        assert by_row.mean() == pytest.approx(average_precision_score(positive, score))
        weight = np.where(positive, 0.1 / positive.sum(), 0.9 / (~positive).sum())
        weighted = average_precision_score(positive, score, sample_weight=weight)
        assert average_precision_by_row(score, positive, 0.1).mean() == pytest.approx(weighted)


@pytest.mark.parametrize("prevalence", [None, 0.1])
def test_rows_of_average_precision_are_those_of_leaving_each_out(prevalence):
    score, positive = few_rows(3)
    whole = average_precision_by_row(score, positive, prevalence).mean()
    without = np.array(
        [
            average_precision_by_row(np.delete(score, i), np.delete(positive, i), prevalence).mean()
            for i in range(len(score))
        ]
    )
    n = len(score) if prevalence is None else np.where(positive, positive.sum(), (~positive).sum())
    moved = (n - 1) * (whole - without)
    classes = [np.ones(len(score), bool)] if prevalence is None else [positive, ~positive]
    expected = np.empty(len(score))
    for own in classes:
        expected[own] = whole + (moved[own] - moved[own].mean()) * len(score) / own.sum()
    np.testing.assert_allclose(average_precision_by_row(score, positive, prevalence), expected)


def test_the_variance_of_auc_is_that_of_delong():
    score, positive = few_rows(1, 200)
    own, other = score[positive], score[~positive]
    above = (own[:, None] > other) + 0.5 * (own[:, None] == other)
    parts = above.mean(axis=1), above.mean(axis=0)
    delong = sum(part.var() / len(part) for part in parts)
    assert auc_by_row(score, positive).var() / len(score) == pytest.approx(delong)


def test_an_area_that_no_row_moves_has_the_interval_of_a_share():
    assert area_interval(1.0, np.ones(6), 3) == share_interval(3, 3)


@pytest.mark.parametrize("by_row", [auc_by_row, average_precision_by_row])
def test_one_class_alone_is_refused(by_row):
    with pytest.raises(ValueError, match="rows of both"):
        by_row(np.arange(3.0), np.ones(3, bool))


def test_the_exact_interval_of_a_share_covers_and_none_of_n_is_not_surely_none():
    assert share_interval(0, 2_946) == (0, pytest.approx(1 - 0.025 ** (1 / 2_946)))
    assert share_interval(5, 10) == (pytest.approx(0.1871, abs=1e-4), pytest.approx(0.8129, abs=1e-4))
    for share, n in ((0.001, 2_946), (0.02, 200), (0.99, 300)):
        found = np.random.default_rng(0).binomial(n, share, 1_000)
        intervals = {k: share_interval(k, n) for k in set(found.tolist())}
        assert np.mean([intervals[k][0] <= share <= intervals[k][1] for k in found.tolist()]) > 0.94
    with pytest.raises(ValueError, match="0 <= successes <= n"):
        share_interval(3, 2)
