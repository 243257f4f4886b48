"""The calibration error without bins: by hand, by its definition, and what noise alone makes of it."""

import numpy as np
import pytest

from core.metrics import by_unit
from core.metrics.calibration import RANGE_95, miscalibration, miscalibration_by_row

RNG = np.random.default_rng(0)


def test_the_error_is_the_largest_gap_over_any_range_of_predictions_by_hand():
    predicted, observed = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.0, 1.0, 0.0, 1.0])
    # off by -.1, +.8, -.6, +.1: the cumulative sum is lowest at -.1 and highest at .7, the second prediction alone
    assert miscalibration_by_row(predicted, observed).mean() == pytest.approx(0.8 / 2)


def test_the_error_is_that_of_every_range_looked_at_one_by_one():
    predicted, observed = RNG.integers(0, 12, 60) / 12, (RNG.random(60) < 0.4).astype(float)
    edges = np.unique(predicted)
    ranges = [(low, high) for low in edges for high in edges if low <= high]
    gaps = [
        abs(((observed - predicted) * ((predicted >= low) & (predicted <= high))).sum()) / observed.sum()
        for low, high in ranges
    ]
    assert miscalibration_by_row(predicted, observed).mean() == pytest.approx(max(gaps))


def test_rows_are_those_of_the_jackknife_where_the_range_stays():
    predicted = RNG.uniform(0.05, 0.5, 4_000)
    observed = (RNG.random(4_000) < predicted / 2).astype(float)
    rows, whole = miscalibration_by_row(predicted, observed), miscalibration_by_row(predicted, observed).mean()
    for i in range(5):
        without = miscalibration_by_row(np.delete(predicted, i), np.delete(observed, i)).mean()
        assert rows[i] - whole == pytest.approx(3_999 * (whole - without), rel=0.02, abs=0.02)


def test_calibrated_predictions_may_be_without_error_and_doubled_ones_are_not():
    predicted = RNG.uniform(0.05, 0.5, 40_000)[:, None]
    observed = (RNG.random((40_000, 1)) < predicted).astype(float)
    (right, (low, _)), (wrong, (least, most)) = (
        miscalibration(factor * predicted, observed, np.arange(40_000)) for factor in (1, 2)
    )
    assert right.mean() < 0.05 and low == 0
    assert wrong.mean() == pytest.approx(1, abs=0.03) and 0.9 < least < 1 < most < 1.1


def test_the_error_of_several_heads_is_their_mean_by_unit():
    predicted, observed = RNG.random((300, 2)), (RNG.random((300, 2)) < 0.5).astype(float)
    units = np.arange(300) // 3
    rows = [miscalibration_by_row(predicted[:, head], observed[:, head]) for head in range(2)]
    np.testing.assert_allclose(miscalibration(predicted, observed, units)[0], by_unit(np.mean(rows, axis=0), units))


def test_calibrated_predictions_are_called_so_in_nineteen_samples_of_twenty():
    predicted, n = RNG.uniform(0.02, 0.3, (1_000, 1)), 1_000
    lows = [miscalibration(predicted, (RNG.random((n, 1)) < predicted) * 1.0, np.arange(n))[1][0] for _ in range(500)]
    assert 0.93 <= np.mean(np.array(lows) == 0) <= 0.97
    steps = RNG.normal(size=(2_000, 1_500)).cumsum(axis=1) / 1_500**0.5
    assert np.quantile(np.maximum(steps.max(1), 0) - np.minimum(steps.min(1), 0), 0.95) == pytest.approx(
        RANGE_95, abs=0.08
    )


def test_no_event_has_no_calibration():
    with pytest.raises(ValueError, match="needs an event"):
        miscalibration_by_row(np.array([0.1, 0.2]), np.zeros(2))
