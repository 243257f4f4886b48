"""What rows add to AUC, average precision and recall: exact by hand, and intervals that cover at the cases' sizes."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import average_precision_score, roc_auc_score

from core.cases.ad_click.evaluate.metrics import by_group
from core.cases.harmful_content.evaluate import quality
from core.contract.case import Estimate, estimate
from core.metrics import area_interval, paired_difference, share_interval
from core.metrics.classification import auc_by_row, average_precision_by_row, recall_by_row

HARMFUL, HARMLESS, PREVALENCE = 519, 2_946, 0.02  # posts of harmful content
EXPOSURES, CLICK_RATE = 26_000, 0.0313  # of ad click
Scored = tuple[np.ndarray, np.ndarray, np.ndarray]  # scores of two scorers of equal quality, and the positives


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


def test_a_recall_of_all_or_nothing_moves_with_no_row():
    score, positive = np.arange(6.0), np.arange(6) > 2
    for threshold, recall in ((3.0, 1.0), (np.inf, 0.0)):
        assert (recall_by_row(score, positive, threshold, 0.9, 0.5) == recall).all()
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


# Simulations: two scorers that are equally good and correlated, scored on rows drawn anew.


def posts(apart: float, n: int, correlation: float = 0.8) -> Iterator[Scored]:
    harmful = np.arange(HARMFUL + HARMLESS) < HARMFUL
    for draw in range(n):
        yield *pair(np.random.default_rng(draw), harmful, apart, correlation), harmful


def exposures(apart: float, n: int) -> Iterator[Scored]:
    for draw in range(n):
        rng = np.random.default_rng(draw)
        clicked = rng.random(EXPOSURES) < CLICK_RATE
        yield *pair(rng, clicked, apart, 0.8), clicked


def pair(
    rng: np.random.Generator, positive: np.ndarray, apart: float, correlation: float
) -> tuple[np.ndarray, np.ndarray]:
    shared = np.sqrt(correlation) * rng.normal(size=len(positive)) + apart * positive
    one, other = (shared + np.sqrt(1 - correlation) * rng.normal(size=len(positive)) for _ in range(2))
    return one, other


def truth(apart: float, prevalence: float) -> tuple[float, float, float]:
    """AUC, average precision and recall at a precision of .9 of Gaussian scores that lie so far apart."""
    at = np.linspace(-6, 6 + apart, 200_001)
    passed, wrong = norm.sf(at - apart), norm.sf(at)
    precision = prevalence * passed / (prevalence * passed + (1 - prevalence) * wrong)
    average = np.trapezoid(precision * norm.pdf(at - apart), at)
    return norm.cdf(apart / np.sqrt(2)), average, passed[precision >= quality.PRECISION].max(initial=0.0)


def covered_and_rejected(
    draws: Iterator[Scored], graded: Callable[[np.ndarray, np.ndarray], Estimate], true: float
) -> tuple[float, float]:
    """How often the interval holds the truth, and how often a paired test tells equal scorers apart."""
    covered, rejected = [], []
    for one, other, positive in draws:
        first, second = graded(one, positive), graded(other, positive)
        covered.append(first.low <= true <= first.high)
        rejected.append(paired_difference(first.per_query, second.per_query, seed=0).distinguishable)
    return float(np.mean(covered)), float(np.mean(rejected))


def weights(harmful: np.ndarray) -> np.ndarray:
    share = harmful.mean()
    return np.where(harmful, PREVALENCE / share, (1 - PREVALENCE) / (1 - share))


def precision_of_posts(score: np.ndarray, harmful: np.ndarray) -> Estimate:
    return quality.average_precision(score, harmful, weights(harmful))


def recall_of_posts(score: np.ndarray, harmful: np.ndarray) -> Estimate:
    return quality.recall(score, harmful, weights(harmful))


def auc_of_exposures(score: np.ndarray, clicked: np.ndarray) -> Estimate:
    return of_groups(auc_by_row(score, clicked), clicked)


def precision_of_exposures(score: np.ndarray, clicked: np.ndarray) -> Estimate:
    return of_groups(average_precision_by_row(score, clicked), clicked)


def of_groups(by_row: np.ndarray, clicked: np.ndarray) -> Estimate:
    groups = by_group(by_row)
    return estimate(groups, interval=area_interval(float(groups.mean()), groups, int(clicked.sum())))


def test_average_precision_of_posts_covers_and_equal_scorers_are_not_told_apart_in_a_few_draws():
    covered, rejected = covered_and_rejected(posts(3.6, 60), precision_of_posts, truth(3.6, PREVALENCE)[1])
    assert covered >= 0.86 and rejected <= 0.15  # resampling the harmful posts alone: .62 and .47


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draws", "graded", "apart", "prevalence", "which"),
    [
        (posts, precision_of_posts, 3.6, PREVALENCE, 1),
        (posts, recall_of_posts, 3.6, PREVALENCE, 2),
        (exposures, auc_of_exposures, 2.16, CLICK_RATE, 0),
        (exposures, precision_of_exposures, 2.16, CLICK_RATE, 1),
    ],
    ids=["harmful-ap", "harmful-recall", "ads-auc", "ads-ap"],
)
def test_intervals_cover_and_equal_scorers_are_not_told_apart(draws, graded, apart, prevalence, which):
    covered, rejected = covered_and_rejected(draws(apart, 400), graded, truth(apart, prevalence)[which])
    assert 0.92 <= covered <= 0.98
    assert 0.03 <= rejected <= 0.08
