"""Calibration without bins: the cumulative difference between what was predicted and what was observed."""

from __future__ import annotations

import numpy as np

from core.metrics.intervals import by_unit, share_interval, standard_error, student

RANGE_95 = 2.498  # 95 % of Brownian motions on [0, 1] range over less (Feller 1951)


def miscalibration(
    predicted: np.ndarray, observed: np.ndarray, units: np.ndarray
) -> tuple[np.ndarray, tuple[float, float]]:
    """The calibration error of predictions (n, heads), averaged over heads: each unit's part (g,), and its interval.

    Student's t on the logarithm, as errors are above 0 and skewed. Noise alone makes an error, of calibrated
    predictions more than 2.5 standard errors of their sum in one sample of twenty (Arrieta-Ibarra et al. 2022): the
    interval reaches down by as much, to 0 at the least.
    """
    rows = [miscalibration_by_row(*head) for head in zip(predicted.T, observed.T, strict=True)]
    values = by_unit(np.mean(rows, axis=0), units)
    error, off = float(values.mean()), (predicted - observed) / observed.mean(axis=0)
    if error == 0:
        return values, share_interval(0, len(values))
    noise = RANGE_95 * float(np.mean([standard_error(by_unit(head, units)) for head in off.T]))
    factor = float(np.exp(min(student(len(values)) * standard_error(values) / error, 500.0)))
    return values, (max(min(error / factor, error - noise), 0.0), error * factor)


def miscalibration_by_row(predicted: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """What each row (n,) adds to the calibration error, a share of all events; their mean is the error.

    The error is the largest difference between expected and observed events over any range of predictions (ECCE-R of
    Arrieta-Ibarra et al. 2022; the statistic of Kuiper 1960). It has no bins; rows of one prediction enter together.
    The range runs from where the cumulative difference is lowest to where it is highest, so to first order it stays as
    rows are resampled. `observed` (n,) is 0 or 1, or a true probability. ValueError without an event.
    """
    rate = float(observed.mean())
    if not rate > 0:
        raise ValueError("a calibration error needs an event")
    scores, place = np.unique(predicted, return_inverse=True)
    off = observed.astype(np.float64) - predicted
    summed = np.concatenate([[0.0], np.bincount(place, off, len(scores)).cumsum()])
    start, stop = int(summed.argmin()), int(summed.argmax())
    sign, inside = (1 if start < stop else -1), (place >= min(start, stop)) & (place < max(start, stop))
    error = (summed[stop] - summed[start]) / len(off) / rate
    return (sign * off * inside - error * (observed - rate)) / rate
