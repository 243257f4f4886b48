"""Alarm thresholds from a case's measured distributions.

z(q) is the q quantile of the standard normal distribution. A false-alarm rate is per look: at 1 in 100, one day in a
hundred without a change rings.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from core.metrics import Better, NotEnoughSamples
from core.monitoring.quiet import day_means

QUANTILE = 0.99
SELDOM = 1e-12  # a rate that rounding alone can make
LEAST_BEYOND = 2  # measured values required beyond a threshold; the maximum alone is chance


@dataclass(frozen=True)
class Threshold:
    """An alarm threshold in the unit of the watched figure, and how often it rings without a change.

    `beyond` is the number of measured values beyond it; a mean has none.
    """

    value: float
    beyond: int
    false_alarm: float = 0.0  # a look, at most what was wished: a figure that ties cannot have every rate


def percentile_alarm(samples: ArrayLike, window: int, false_alarm: float, q: float = QUANTILE) -> Threshold:
    """The value that the q quantile of `window` requests exceeds with probability `false_alarm` without a change.

    The ideal bootstrap of an order statistic: the k-th of n draws, k = ⌈q·n⌉, is the Beta(k, n - k + 1) quantile of the
    measured distribution (Efron 1979, section 3; David & Nagaraja 2003, section 2.1). Assumes independent requests.
    NotEnoughSamples when too few measured values lie beyond it.
    """
    from scipy.special import betaincc, betainccinv  # scipy is slow to import

    values, n = np.sort(finite(samples)), at_least_one(window)
    k = ceil(probability(q) * n)
    level = float(betainccinv(k, n - k + 1, probability(false_alarm)))
    at = ceil(level * len(values)) - 1
    upto = int(np.searchsorted(values, values[at], side="right"))  # equal values do not ring
    beyond = len(values) - upto
    if beyond < LEAST_BEYOND:
        raise NotEnoughSamples(
            f"with {len(values):,} measured values a p{100 * q:g} over {n:,} requests has no threshold that rings "
            f"falsely once in {1 / false_alarm:,.0f}: take a longer window or more false alarms"
        )
    return Threshold(float(values[at]), beyond, float(betaincc(k, n - k + 1, upto / len(values))))


def mean_alarm(per_query: ArrayLike, daily: int, false_alarm: float, better: Better = "higher") -> Threshold:
    """The daily mean beyond which at most `false_alarm` of the days without a change lie, between two possible means.

    A one-sided Shewhart chart (Shewhart 1931) whose limit is the quantile of the bootstrap distribution of the mean
    (Efron 1979, section 3) and not of a normal one, which for a share may lie where no mean can. NotEnoughSamples
    where all values are alike, or where even the worst mean comes more often than that.
    """
    values, n, wished = varied(per_query), at_least_one(daily), probability(false_alarm)
    sign = 1.0 if better == "higher" else -1.0
    days = day_means(sign * values, n)
    at = int(np.searchsorted(days.at_most, wished, side="right")) - 1
    if at < 0 or days.at_most[at] < SELDOM:
        raise NotEnoughSamples(
            f"no mean of {n:,} labels is rarer than once in {1 / wished:,.0f} days, not even the worst: "
            "take more labels or more false alarms"
        )
    value = days.lowest + (at + 0.5) * days.step  # halfway to the next mean, so that rounding decides nothing
    return Threshold(sign * value, 0, float(days.at_most[at]))


def labels_needed(
    per_query: ArrayLike, drop: float, false_alarm: float, power: float, better: Better = "higher"
) -> int:
    """Labelled requests for a one-sided test to detect a drop: ⌈((z(1 - false_alarm) + z(power))·s/drop)²⌉.

    (NIST/SEMATECH e-Handbook of Statistical Methods, section 7.2.2.2.) At least so many that a threshold can ring.
    ValueError unless the drop is above 0; NotEnoughSamples where all values are alike.
    """
    values = varied(per_query)
    needed = (_z(1 - probability(false_alarm)) + _z(probability(power))) * _spread(values) / _drop(drop)
    return max(ceil(needed**2), fewest_to_ring(values, false_alarm, better))


def fewest_to_ring(per_query: ArrayLike, false_alarm: float, better: Better = "higher") -> int:
    """Labels from which the worst mean, all of them the worst value, is as rare as a false alarm may be."""
    values = varied(per_query)
    share_worst = float((values == (values.min() if better == "higher" else values.max())).mean())
    return max(1, ceil(log(probability(false_alarm)) / log(share_worst) - 1e-9))


def power_to_see(per_query: ArrayLike, drop: float, n: int, false_alarm: float, better: Better = "higher") -> float:
    """The probability that n labelled requests detect a drop: Φ(drop·√n/s - z(1 - false_alarm)).

    0 where n labels are too few for a threshold that can ring. NotEnoughSamples where all values are alike.
    """
    values, n = varied(per_query), at_least_one(n)
    if n < fewest_to_ring(values, false_alarm, better):
        return 0.0
    return _power(_drop(drop), _spread(values) / sqrt(n), false_alarm)


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
    (0, 1), the rate above 0 and the roll-back not negative; NotEnoughSamples where all values are alike.
    """
    if not (0 < rate_per_s < inf and 0 <= react_h < inf):
        raise ValueError(f"a canary needs requests and a time to roll back, got {rate_per_s} a second, {react_h} h")
    spread = _spread(varied(per_query))
    a_second = rate_per_s * probability(labelled) * probability(share)  # labelled requests on the canary
    needed = ((_z(1 - probability(false_alarm)) + _z(probability(power))) * spread / _drop(drop)) ** 2 / (1 - share)
    hours = needed / a_second / 3600
    error = spread / sqrt(a_second * 24 * 3600 * (1 - share))
    exposed = (hours + react_h) * 3600 * rate_per_s * share
    return Canary(share, hours, exposed, _power(drop, error, false_alarm))


def _power(drop: float, error: float, false_alarm: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(drop / error - _z(1 - probability(false_alarm))))


def _z(q: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(q)


def _spread(values: np.ndarray) -> float:
    """The standard deviation of single values; NotEnoughSamples below two."""
    if len(values) < 2:
        raise NotEnoughSamples(f"a spread needs at least 2 values, got {len(values)}")
    return float(values.std(ddof=1))


def varied(values: ArrayLike) -> np.ndarray:
    """Finite values of which two differ; NotEnoughSamples where all are alike, for 0 of n is not 0 ± 0."""
    array = finite(values)
    if (array == array[0]).all():
        raise NotEnoughSamples(f"all {len(array):,} values are alike, so they cannot tell how far a mean strays")
    return array


def finite(values: ArrayLike) -> np.ndarray:
    """The values as float64 (n,); ValueError unless there is one and all are finite."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError("expected a non-empty 1-D list of finite numbers")
    return array


def probability(value: float) -> float:
    """The value; ValueError unless it is above 0 and below 1."""
    if not 0 < value < 1:
        raise ValueError(f"a probability or a share must be above 0 and below 1, got {value}")
    return value


def _drop(value: float) -> float:
    if not 0 < value < float("inf"):
        raise ValueError(f"a drop must be above 0, got {value}")
    return value


def at_least_one(n: int) -> int:
    """The number; ValueError unless it is whole and above 0."""
    if not (1 <= n < inf and n == int(n)):
        raise ValueError(f"at least one request is needed, and a whole number of them, got {n}")
    return int(n)
