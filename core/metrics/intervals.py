"""Uncertainty of a figure: intervals over the units that vary, paired tests, and percentiles with intervals.

The unit is whatever comes anew: a query, a post, or a cluster of values that stand and fall together, such as all
requests of a person. Clusters are whole numbers from 0, one for each value; None where every value is its own unit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Clusters = NDArray[np.int64] | None
MIN_TAIL_SAMPLES = 10  # samples beyond a percentile, so p99 needs 1,000; below so many exceptions a mean is a share
MIN_PAIRS = 6  # with 5, all differences agree in sign by chance in 2 of 32 cases, above 1 in 20
FEW_PAIRS = 30  # up to here a paired test looks at subsets of the pairs
ALL_SUBSETS_OF, DRAWN_SUBSETS = 12, 4_000  # pairs of which every subset is looked at; subsets drawn of more
TAIL = 0.025  # either side of a 95 % interval
NORMAL_95 = 1.959964  # deviations of a normal variable either side
ROUNDING = 1e-12  # what is less apart is equal


class NotEnoughSamples(ValueError):
    """Raised when the samples are too few to support a figure."""


@dataclass(frozen=True)
class PairedDifference:
    """Mean of a - b over the same units, its 95 % interval, and whether the interval excludes 0."""

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


def mean_interval(values: ArrayLike, clusters: Clusters = None) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values (n,), whole clusters of them being what varies.

    Student's t over the jackknife that leaves out one cluster at a time (Efron & Tibshirani 1993, section 11.5; Bell &
    McCaffrey 2002), corrected for skewness (Hall 1992). Where fewer than MIN_TAIL_SAMPLES units differ from
    all the others, the interval of their share, exact for a share (see
    `_of_exceptions`). NotEnoughSamples below two units.
    """
    values = _samples(values)
    sums, sizes = _by_cluster(values, clusters)
    if len(sums) < 2:
        raise NotEnoughSamples(f"an interval needs at least 2 units, got {len(sums)}")
    usual = float(np.median(values))
    exceptions = int((_by_cluster(values != usual, clusters)[0] > 0).sum())
    if not exceptions and usual not in (0.0, 1.0):
        return usual, usual
    if usual in (values.min(), values.max()) and exceptions < MIN_TAIL_SAMPLES and 2 * exceptions <= len(sums):
        return _of_exceptions(values, usual, exceptions, len(sums))
    low, high = _skewed(values.mean(), _jackknife(sums, sizes))
    return max(low, float(values.min())), min(high, float(values.max()))


def by_unit(values: ArrayLike, clusters: NDArray[np.int64]) -> Floats:
    """Values of the clusters (g,), in ascending order, whose mean and error are those of the values (n,) by cluster."""
    values = _samples(values)
    sums, sizes = _by_cluster(values - values.mean(), clusters)
    return values.mean() + sums * (len(sizes) / len(values))


def _by_cluster(values: np.ndarray, clusters: Clusters) -> tuple[Floats, Floats]:
    """The sum and the number of the values of each cluster (g,)."""
    if clusters is None:
        return np.asarray(values, float), np.ones(len(values))
    sizes = np.bincount(clusters).astype(float)
    return np.bincount(clusters, values)[sizes > 0], sizes[sizes > 0]


def _jackknife(sums: Floats, sizes: Floats) -> Floats:
    """How far the mean moves as each cluster (g,) is left out, times g - 1."""
    total, n = sums.sum(), sizes.sum()
    return (len(sums) - 1) * (total / n - (total - sums) / (n - sizes))


def standard_error(values: ArrayLike, clusters: Clusters = None) -> float:
    """The standard error of the mean of values (n,), by clusters."""
    return _error(_jackknife(*_by_cluster(_samples(values), clusters)))


def _error(moves: Floats) -> float:
    """The standard error of a mean by its jackknife (g,)."""
    return float((moves**2).mean() / (len(moves) - 1)) ** 0.5


def _skewed(mean: float, moves: Floats) -> tuple[float, float]:
    """Hall's interval: of the t statistic made symmetric by a cubic, which has an inverse."""
    error, t = _error(moves), student(len(moves))
    if error <= ROUNDING * max(1.0, abs(mean)):
        return mean, mean
    skew = float((moves**3).mean() / (moves**2).mean() ** 1.5) / len(moves) ** 0.5
    if abs(skew) < 1e-6:
        return mean - t * error, mean + t * error
    low, high = (3 / skew * (np.cbrt(1 + skew * (side - skew / 6)) - 1) for side in (t, -t))
    return float(mean - low * error), float(mean - high * error)


def effective_number(weights: ArrayLike, clusters: Clusters = None) -> float:
    """As many equal units would weigh as evenly as these do, (Σw)² / Σw² (Kish 1965); 2 at the least."""
    sums, _ = _by_cluster(_samples(weights), clusters)
    return max(float(sums.sum() ** 2 / (sums**2).sum()), 2.0)


def student(n: float) -> float:
    """The 97.5 % quantile of Student's t for n units."""
    from scipy.special import stdtrit  # 40 ms to import, while every page imports this module

    return float(stdtrit(n - 1, 1 - TAIL))


def _of_exceptions(values: Floats, usual: float, exceptions: int, n_units: int) -> tuple[float, float]:
    """The usual value moved by as many exceptions as there may be, each as large as those seen; 1 where none is.

    Exact for a share, whose exceptions are all of one size; of other figures it takes the mean size as known.
    """
    moved = (values.mean() - usual) * n_units / exceptions if exceptions else 1.0 - 2.0 * usual
    ends = sorted(usual + moved * share for share in share_interval(exceptions, n_units))
    return float(ends[0]), float(ends[1])


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


def area_interval(
    value: float, per_row: ArrayLike, n_positive: int, clusters: Clusters = None, effective: float | None = None
) -> tuple[float, float]:
    """The 95 % interval of an area or a weighted share in 0..1 whose rows (n,) have it as their mean, by the logit.

    Near 1 such figures are skewed: on the logit scale the interval covers (Boyd, Eng & Page 2013, section 3). Where no
    row moves the figure it is that of a share of the positives. Weights leave only an `effective` number of units.
    """
    sums, sizes = _by_cluster(_samples(per_row), clusters)
    error = _error(_jackknife(sums, sizes)) if len(sums) > 1 else 0.0
    if not 0 < value < 1 or error == 0:
        return share_interval(round(min(max(value, 0.0), 1.0) * n_positive), n_positive)
    deviations = student(effective or len(sums)) * error / (value * (1 - value))
    odds, width = value / (1 - value), np.exp(min(deviations, 500.0))
    return float(odds / (odds + width)), float(odds / (odds + 1 / width))


def paired_difference(a: ArrayLike, b: ArrayLike, seed: int, clusters: Clusters = None) -> PairedDifference:
    """Compare two designs on the same units, a - b; never distinguishable on fewer than MIN_PAIRS of them.

    Over more than FEW_PAIRS units it is Student's t over the jackknife of whole clusters. Over fewer the interval comes
    from the means of subsets, which is exact where differences are symmetric, as they are when nothing differs
    (Hartigan 1969; the sign-flip test's own interval). Where most units do not differ at all, it comes from how many do
    and from the sign test: that none of n differs is not a difference of 0 ± 0.
    """
    first, second = _samples(a), _samples(b)
    if len(first) != len(second):
        raise ValueError(f"a pair needs the same queries: got {len(first)} and {len(second)}")
    spread = float(max(first.max(), second.max()) - min(first.min(), second.min())) or 1.0
    difference = first - second
    difference[np.abs(difference) <= ROUNDING * spread] = 0.0
    sums, sizes = _by_cluster(difference, clusters)
    if len(sums) < 2:
        raise NotEnoughSamples(f"a paired test needs at least 2 units, got {len(sums)}")
    mean, usual = float(difference.mean()), float(np.median(difference))
    excess, _ = _by_cluster(difference - usual, clusters)
    differ = int((_by_cluster(difference != usual, clusters)[0] > 0).sum())
    if not differ and usual == 0 and not (min(first.min(), second.min()) >= 0 and max(first.max(), second.max()) <= 1):
        return PairedDifference(0.0, 0.0, 0.0, False)  # nothing bounds what one that differs would differ by
    if not differ or (usual == 0 and differ < MIN_TAIL_SAMPLES and 2 * differ <= len(sums)):
        low, high = (usual + end for end in _of_few(excess / sizes.mean(), spread))
    elif MIN_PAIRS <= len(sums) <= FEW_PAIRS:
        low, high = _of_subsets(sums, sizes, seed)
    else:
        width = student(len(sums)) * _error(_jackknife(sums, sizes))
        low, high = mean - width, mean + width
    low, high = min(low, mean), max(high, mean)
    return PairedDifference(mean, low, high, len(sums) >= MIN_PAIRS and (low > 0 or high < 0))


def _of_few(excess: Floats, spread: float) -> tuple[float, float]:
    """The mean excess (g,) of which most are 0: how many differ, times by how much, times how one-sided the signs are.

    With none that differs, one may differ by the whole `spread` of the values.
    """
    apart = excess[excess != 0]
    n, size = len(apart), float(np.abs(apart).mean()) if len(apart) else spread
    shares = share_interval(n, len(excess))
    least, most = (2 * side - 1 for side in (share_interval(int((apart > 0).sum()), n) if n else (0.0, 1.0)))
    return size * least * shares[least < 0], size * most * shares[most > 0]


def _of_subsets(sums: Floats, sizes: Floats, seed: int) -> tuple[float, float]:
    """The 95 % interval of the mean of clusters (g,) between quantiles of the means of their subsets."""
    n = len(sums)
    if n <= ALL_SUBSETS_OF:
        subsets = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1
    else:
        subsets = np.random.default_rng(seed).integers(0, 2, (DRAWN_SUBSETS, n), np.int8)
    means = np.sort((subsets @ sums) / np.maximum(subsets @ sizes, 1e-12))
    at = int(TAIL * (len(means) + 1)) - 1  # the mean lies between any two neighbours equally often
    return float(means[at]), float(means[-1 - at])


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
    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, got {q}")
    values = np.sort(_samples(samples))
    tail = round(len(values) * min(q, 1 - q), 6)
    if tail < MIN_TAIL_SAMPLES:
        raise NotEnoughSamples(f"p{100 * q:g} needs {MIN_TAIL_SAMPLES} samples beyond it; {len(values)} have {tail:g}")
    low, high = _ranks(len(values), q)
    return Percentile(of_sorted(values, q), float(values[low - 1]), float(values[high]))


def of_sorted(values: Floats, q: float) -> float:
    """The exact `np.quantile` of ascending values (n,), in a tenth of its time."""
    at = q * (len(values) - 1)
    low, share = int(at), at - int(at)
    before, after = float(values[low]), float(values[min(low + 1, len(values) - 1)])
    return before + (after - before) * share if share < 0.5 else after - (after - before) * (1 - share)


@lru_cache(maxsize=256)
def _ranks(n: int, q: float) -> tuple[int, int]:
    """The 95 % interval of the number of n samples below their q quantile, from the binomial distribution."""
    from scipy.special import bdtrik  # 40 ms to import, while every page imports this module

    low, high = np.ceil(bdtrik([0.025, 0.975], n, q))
    return int(low), int(high)


def _samples(values: ArrayLike) -> Floats:
    """Return values as a 1-D float array; ValueError when empty, not 1-D or not finite."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError("expected a non-empty 1-D list of finite numbers")
    return array
