"""Alarm thresholds from a case's measured distributions.

z(q) is the q quantile of the standard normal distribution. A false-alarm rate is per look: at 1 in 100, one day in a
hundred without a change rings.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.metrics import Better, NotEnoughSamples

QUANTILE = 0.99
LEAST_BEYOND = 2  # measured values required beyond a threshold; the maximum alone is chance


@dataclass(frozen=True)
class Threshold:
    """An alarm threshold in the unit of the watched figure, and the number of measured values beyond it."""

    value: float
    beyond: int


def percentile_alarm(samples: ArrayLike, window: int, false_alarm: float, q: float = QUANTILE) -> Threshold:
    """The value that the q quantile of `window` requests exceeds with probability `false_alarm` without a change.

    The ideal bootstrap of an order statistic: the k-th of n draws, k = ⌈q·n⌉, is the Beta(k, n - k + 1) quantile of the
    measured distribution (Efron 1979, section 3; David & Nagaraja 2003, section 2.1). Assumes independent requests.
    NotEnoughSamples when too few measured values lie beyond it.
    """
    from scipy.special import betainccinv  # scipy is slow to import

    values, n = np.sort(_finite(samples)), _at_least_one(window)
    k = ceil(q * n)
    level = float(betainccinv(k, n - k + 1, _probability(false_alarm)))
    at = ceil(level * len(values)) - 1
    beyond = len(values) - 1 - at
    if beyond < LEAST_BEYOND:
        raise NotEnoughSamples(
            f"with {len(values):,} measured values a p{100 * q:g} over {n:,} requests has no threshold that rings "
            f"falsely once in {1 / false_alarm:,.0f}: take a longer window or more false alarms"
        )
    return Threshold(float(values[at]), beyond)


def mean_alarm(per_query: ArrayLike, daily: int, false_alarm: float, better: Better = "higher") -> float:
    """The daily mean that rings: mean ∓ z(1 - false_alarm)·s/√daily.

    A one-sided Shewhart chart of a mean (Shewhart 1931; Montgomery, Statistical Quality Control, section 6.2).
    """
    values = _finite(per_query)
    margin = _z(1 - _probability(false_alarm)) * _spread(values) / sqrt(_at_least_one(daily))
    return float(values.mean() - margin if better == "higher" else values.mean() + margin)


def labels_needed(per_query: ArrayLike, drop: float, false_alarm: float, power: float) -> int:
    """Labelled requests for a one-sided test to detect a drop: ⌈((z(1 - false_alarm) + z(power))·s/drop)²⌉.

    (NIST/SEMATECH e-Handbook of Statistical Methods, section 7.2.2.2.) ValueError unless the drop is above 0.
    """
    needed = (_z(1 - _probability(false_alarm)) + _z(_probability(power))) * _spread(_finite(per_query)) / _drop(drop)
    return max(1, ceil(needed**2))


def power_to_see(per_query: ArrayLike, drop: float, n: float, false_alarm: float) -> float:
    """The probability that n labelled requests detect a drop: Φ(drop·√n/s - z(1 - false_alarm))."""
    return _power(_drop(drop), _spread(_finite(per_query)) / sqrt(n), false_alarm) if n > 0 else false_alarm


@dataclass(frozen=True)
class Canary:
    """A canary release: its share of traffic, the hours until a drop is detected, and the requests exposed to it."""

    share: float
    hours: float
    exposed: float  # requests that the worse version answered until the roll-back
    power_in_a_day: float


def canary(
    per_query: ArrayLike,
    share: float,
    drop: float,
    rate_per_s: float,
    labelled: float,
    false_alarm: float,
    power: float,
    react_h: float,
) -> Canary:
    """A canary with a share of the traffic, judged with the rest on the `labelled` share of requests.

    n = ((z(1 - false_alarm) + z(power))·s/drop)² / (1 - share) labelled requests on the canary: the two-sample test of
    groups of share and 1 - share (Chow, Shao & Wang, Sample Size Calculations in Clinical Research, section 3.2).
    Detection takes n / (labelled·share·rate), the roll-back `react_h` hours more. ValueError unless the share is within
    (0, 1).
    """
    spread = _spread(_finite(per_query))
    a_second = rate_per_s * _probability(labelled) * _probability(share)  # labelled requests on the canary
    needed = ((_z(1 - _probability(false_alarm)) + _z(_probability(power))) * spread / _drop(drop)) ** 2 / (1 - share)
    hours = needed / a_second / 3600
    error = spread / sqrt(a_second * 24 * 3600 * (1 - share))
    exposed = (hours + react_h) * 3600 * rate_per_s * share
    return Canary(share, hours, exposed, _power(drop, error, false_alarm))


def _power(drop: float, error: float, false_alarm: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(drop / error - _z(1 - _probability(false_alarm)))) if error > 0 else 1.0


def _z(q: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(q)


def _spread(values: np.ndarray) -> float:
    """The standard deviation of single values; NotEnoughSamples below two."""
    if len(values) < 2:
        raise NotEnoughSamples(f"a spread needs at least 2 values, got {len(values)}")
    return float(values.std(ddof=1))


def _finite(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError("expected a non-empty 1-D list of finite numbers")
    return array


def _probability(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError(f"a probability or a share must be above 0 and below 1, got {value}")
    return value


def _drop(value: float) -> float:
    if not 0 < value < float("inf"):
        raise ValueError(f"a drop must be above 0, got {value}")
    return value


def _at_least_one(n: int) -> int:
    if n < 1:
        raise ValueError(f"at least one request is needed, got {n}")
    return n
