"""Uncertainty of a figure: bootstrap intervals, paired tests, and percentiles with intervals."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MIN_TAIL_SAMPLES = 10  # samples beyond a percentile, so p99 needs 1,000
MIN_PAIRS = 6  # with 5, all differences agree in sign by chance in 2 of 32 cases, above 1 in 20
NORMAL_95 = 1.959964  # deviations of a normal variable either side
BLOCK = 1_000_000  # resampled values at once: 8 MB


class NotEnoughSamples(ValueError):
    """Raised when the samples are too few to support a figure."""


@dataclass(frozen=True)
class PairedDifference:
    """Mean of a - b over the same queries, its interval, and whether the interval excludes 0."""

    mean: float
    low: float
    high: float
    distinguishable: bool


@dataclass(frozen=True)
class Percentile:
    """A percentile and its 95 % interval, in the unit of the samples."""

    value: float
    low: float
    high: float


def bootstrap_interval(per_query: ArrayLike, seed: int, n_boot: int = 1000, level: float = 0.95) -> tuple[float, float]:
    """Return the percentile-bootstrap interval of the mean over queries (Efron & Tibshirani 1993, section 13.3).

    Equal values give an interval of width 0. NotEnoughSamples below two queries.
    """
    values = _samples(per_query)
    if len(values) < 2:
        raise NotEnoughSamples(f"an interval needs at least 2 queries, got {len(values)}")
    if n_boot < 1 or not 0 < level < 1:
        raise ValueError(f"need n_boot >= 1 and 0 < level < 1, got {n_boot} and {level}")
    counts, first = _resamples(len(values), n_boot, seed), values[0]
    # Relative to the first value, so that equal values stay equal to the last bit.
    means = first + np.concatenate([part @ (values - first) for part in _in_blocks(counts)]) / len(values)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@lru_cache(maxsize=8)
def _resamples(n: int, n_boot: int, seed: int) -> np.ndarray:
    """The count of each of n queries in each resample: uint8 (n_boot, n), cached because pages reuse it."""
    rng, counts = np.random.default_rng(seed), np.empty((n_boot, n), np.uint8)
    for row in counts:
        row[:] = np.minimum(np.bincount(rng.integers(0, n, n), minlength=n), 255)  # 256 in 1 of 10^500 draws
    return counts


def _in_blocks(counts: np.ndarray) -> Iterator[np.ndarray]:
    """The rows as float64, in blocks."""
    block = max(1, BLOCK // counts.shape[1])
    return (counts[start : start + block].astype(np.float64) for start in range(0, len(counts), block))


def share_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper & Pearson 1934): none of n is 0 to about 3.7 / n, not 0 to 0.

    ValueError unless 0 <= successes <= n and n > 0.
    """
    from scipy.special import betaincinv  # 40 ms to import, while every page imports this module

    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"a share needs 0 <= successes <= n and n > 0, got {successes} of {n}")
    tail, failures = (1 - level) / 2, n - successes
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return float(low), float(high)


def area_interval(value: float, per_row: ArrayLike, n_positive: int) -> tuple[float, float]:
    """The 95 % interval of an area or a recall in 0..1 whose rows (n,) have it as their mean, by the logit.

    Near 1 such figures are skewed: on the logit scale the interval covers (Boyd, Eng & Page 2013, section 3). Where no
    row moves the figure it is that of a share of the positives.
    """
    rows = _samples(per_row)
    error = float(rows.std(ddof=1)) / len(rows) ** 0.5 if len(rows) > 1 else 0.0
    if not 0 < value < 1 or error == 0:
        return share_interval(round(min(max(value, 0.0), 1.0) * n_positive), n_positive)
    odds, width = value / (1 - value), np.exp(min(NORMAL_95 * error / (value * (1 - value)), 500.0))
    return float(odds / (odds + width)), float(odds / (odds + 1 / width))


def paired_difference(a: ArrayLike, b: ArrayLike, seed: int) -> PairedDifference:
    """Compare two designs on the same queries, a - b; never distinguishable on fewer than MIN_PAIRS queries."""
    first, second = _samples(a), _samples(b)
    if len(first) != len(second):
        raise ValueError(f"a pair needs the same queries: got {len(first)} and {len(second)}")
    difference = first - second
    low, high = bootstrap_interval(difference, seed)
    return PairedDifference(float(difference.mean()), low, high, len(first) >= MIN_PAIRS and (low > 0 or high < 0))


def mean_difference(differences: ArrayLike) -> PairedDifference:
    """The mean of a few differences, one a world, with Student's interval: so few cannot be resampled.

    Equal values give an interval of width 0. NotEnoughSamples below two.
    """
    values = _samples(differences)
    mean, half = float(values.mean()), student_half_width(values)
    return PairedDifference(mean, mean - half, mean + half, abs(mean) > half)


def student_half_width(samples: ArrayLike) -> float:
    """Half the 95 % interval of a mean by Student's t (Student 1908). NotEnoughSamples below two."""
    from scipy.special import stdtrit  # 40 ms to import, while every page imports this module

    values = _samples(samples)
    if len(values) < 2:
        raise NotEnoughSamples(f"an interval needs at least 2 values, got {len(values)}")
    return float(stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / len(values) ** 0.5)


def percentile(samples: ArrayLike, q: float) -> Percentile:
    """Return the q quantile, 0 < q < 1, with its order-statistic 95 % interval (David & Nagaraja 2003, section 7.1).

    NotEnoughSamples when fewer than 10 samples lie beyond it, so p99 needs 1,000. The interval assumes independent
    samples; response times under load are not, so use several seeds there.
    """
    from scipy.special import bdtrik  # 40 ms to import, while every page imports this module

    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, got {q}")
    values = np.sort(_samples(samples))
    tail = round(len(values) * min(q, 1 - q), 6)
    if tail < MIN_TAIL_SAMPLES:
        raise NotEnoughSamples(f"p{100 * q:g} needs {MIN_TAIL_SAMPLES} samples beyond it; {len(values)} have {tail:g}")
    ranks = np.ceil(bdtrik([0.025, 0.975], len(values), q))  # quantiles of the binomial number of samples below
    low, high = int(ranks[0]) - 1, int(ranks[1])
    return Percentile(float(np.quantile(values, q)), float(values[low]), float(values[high]))


def _samples(values: ArrayLike) -> Floats:
    """Return values as a 1-D float array; ValueError when empty, not 1-D or not finite."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError("expected a non-empty 1-D list of finite numbers")
    return array
