"""Metrics that a score decides: rows of one score may stand in any order."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.cases.ad_click.evaluate import metrics as ads
from core.cases.ad_click.evaluate.metrics import auc_values, curve, precision_values
from core.cases.event_recommendation.evaluate.held_out import tied_lists
from core.cases.harmful_content.evaluate import quality as harm
from core.cases.harmful_content.evaluate.quality import precision_of_harm
from core.cases.news_feed.evaluate import heads
from core.cases.news_feed.evaluate.heads import placements
from core.cases.street_view_blurring import evaluate as street
from core.catalog import BY_SLUG
from core.metrics.calibration import miscalibration
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


# Every quality that a score decides, in the case's own words: rows with chances of two digits change places.

UNITS = RNG.integers(0, 60, N)


def of_ads(at):
    log, rows = SimpleNamespace(codes=UNITS[at][:, None]), SimpleNamespace(test=np.arange(N), background=0.3)
    rows.test_y = POSITIVE[at]
    graded = ads.grade(SCORE[at], log, rows, SimpleNamespace(earned=np.arange(4.0)))
    return {key: value for key, value in graded.items() if key != "earned"}  # auctions are of neighbouring rows


def of_posts(at):
    test = SimpleNamespace(
        test=np.arange(N), harmful=POSITIVE[at], planted=POSITIVE[at] | (UNITS[at] < 30), source=np.zeros(N),
        classes=np.column_stack([POSITIVE[at]] * 3), valid=np.arange(N), taught=POSITIVE[at],
    )  # fmt: skip
    crowd = SimpleNamespace(weight=np.where(POSITIVE[at], 0.1, 1.0), views=(1.0 + UNITS % 7)[at])
    verdict = SimpleNamespace(rank=SCORE[at], probability=SCORE[at])
    outcome = SimpleNamespace(severity=np.ones(N), stopped=SCORE[at] * POSITIVE[at], removed=SCORE[at] > 0.6)
    suspected = np.concatenate([SCORE[at], SCORE[at]])
    classes = np.column_stack([SCORE[at]] * 3)
    return harm.grade(verdict, outcome, test, crowd, suspected, classes, UNITS[at])


def of_heads(at):
    areas = {"auc": heads.area(SCORE[at], POSITIVE[at], UNITS[at])}
    chance, came = SCORE[at][:, None] + [0, 0.1], np.column_stack([POSITIVE[at], SCORE[at] > 0.5]) * 1.0
    values, interval = miscalibration(chance, came, UNITS[at])
    return areas | {"calibration": heads.estimate(values, interval=interval)}


def of_visits(at):
    by_visit, hits = tied_lists(UNITS[at], SCORE[at], POSITIVE[at])
    return {key: heads.estimate(values) for key, values in by_visit.items()} | {"hits": heads.estimate(hits.sum(1))}


@pytest.mark.parametrize("graded", [of_ads, of_posts, of_heads, of_visits])
def test_every_quality_and_its_interval_is_the_same_whatever_the_order_of_tied_rows(graded):
    before = graded(np.arange(N))
    for seed in range(3):
        after = graded(np.random.default_rng(seed).permutation(N))
        for key, value in before.items():
            now = (after[key].value, after[key].low, after[key].high)
            assert now == pytest.approx((value.value, value.low, value.high), abs=1e-9), key


@pytest.mark.slow
def test_every_quality_of_street_view_is_the_same_whatever_the_order_of_tied_boxes():
    case = BY_SLUG["street_view_blurring"]
    stages = case.checks[0].lab.stages(case.Design())
    served, photos = stages["served"].value, stages["photos"].value
    tied = replace(served, score=served.score.round(1))
    before = street.grade(tied, photos, 0.5)
    for seed in range(3):
        at = np.random.default_rng(seed).permutation(len(tied.score))
        boxes = {name: getattr(tied, name)[at] for name in ("of", "kind", "box", "score")}
        after = street.grade(replace(tied, **boxes), photos, 0.5)
        for key, value in before.items():
            assert after[key].value == pytest.approx(value.value, abs=1e-9), key
