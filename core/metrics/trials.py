"""Sums on trials: the slowest of n, tests looked at more than once, sizes of an A/B test, and random audits.

Φ is the standard normal distribution and z(q) its q quantile. Levels are two-sided unless a function says otherwise.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, inf, log, sqrt
from statistics import NormalDist

import numpy as np

from core.metrics.intervals import share_interval

NODES = 256  # of the quadrature between two looks: as many give 1,000 looks the .530 of the published table
MOST_LOOKS, MOST_AUDITS = 1_000, 10**9
LEVEL, POWER = 0.05, 0.8


def any_late(share_late: float, n: int) -> float:
    """The chance that at least one of n independent calls is among the `share_late` slowest: 1 - (1 - p)^n.

    (Dean & Barroso 2013, *The Tail at Scale*: 100 servers, one in a hundred slow, 63 % of requests.)
    """
    return 1 - (1 - _share(share_late, "the share of late calls")) ** _count(n, "calls")


def quantile_of_each(quantile: float, n: int) -> float:
    """The quantile that each of n independent calls has to keep for the slowest to keep `quantile`: q^(1/n)."""
    return _share(quantile, "the quantile") ** (1 / _count(n, "calls"))


def false_positives(looks: int, level: float = LEVEL) -> float:
    """The chance that a test without a difference shows one at any of `looks` equally spaced looks.

    Each look is a two-sided normal test at `level` on all data so far (Armitage, McPherson & Rowe 1969; 5 looks at .05
    give .142). The density of the sum that has not crossed yet is carried from look to look by Gauss quadrature.
    """
    if looks > MOST_LOOKS:
        raise ValueError(f"at most {MOST_LOOKS:,} looks can be worked out, got {looks:,}")
    bound = _z(1 - _share(level, "the level") / 2)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    sums, density = np.zeros(1), np.ones(1)  # before the first look the sum is 0
    for look in range(1, _count(looks, "looks") + 1):
        reach = bound * sqrt(look)
        after = reach * nodes
        density = reach * weights * (np.exp(-((after[:, None] - sums) ** 2) / 2) @ density) / sqrt(2 * np.pi)
        sums = after
    return float(1 - density.sum())


@lru_cache(maxsize=256)
def level_of_each_look(looks: int, level: float = LEVEL) -> float:
    """The level at every look with which all of them together keep `level` (Pocock 1977; 5 looks, .05: .0158)."""
    from scipy.optimize import brentq

    if looks == 1:
        return _share(level, "the level")
    return float(brentq(lambda each: false_positives(looks, each) - level, level / (2 * looks), level, xtol=1e-9))


def size_for_rates(base: float, changed: float, level: float = LEVEL, power: float = POWER) -> int:
    """Units in each of two groups for a test to tell two rates apart (Fleiss, Levin & Paik 2003, section 4.2).

    n = ((z(1 - level/2)·√(2·p̄·(1 - p̄)) + z(power)·√(p₁(1 - p₁) + p₂(1 - p₂))) / (p₁ - p₂))². ValueError for equal ones.
    """
    first, second = _share(base, "a rate"), _share(changed, "a rate")
    if first == second:
        raise ValueError("two equal rates cannot be told apart")
    middle = (first + second) / 2
    chance = _z(1 - _share(level, "the level") / 2) * sqrt(2 * middle * (1 - middle))
    spread = _z(_share(power, "the power")) * sqrt(first * (1 - first) + second * (1 - second))
    return ceil(((chance + spread) / (first - second)) ** 2)


def size_for_means(deviation: float, difference: float, level: float = LEVEL, power: float = POWER) -> int:
    """Units in each of two groups for a test to see a difference of means: 2·((z(1 - level/2) + z(power))·s/d)².

    (Chow, Shao & Wang, *Sample Size Calculations in Clinical Research*, section 3.2.) ValueError unless s and d are
    above 0 and finite.
    """
    if not (0 < deviation < inf and 0 < difference < inf):
        raise ValueError(f"a deviation and a difference above 0 are needed, got {deviation} and {difference}")
    needed = _z(1 - _share(level, "the level") / 2) + _z(_share(power, "the power"))
    return ceil(2 * (needed * deviation / difference) ** 2)


def miss_bound(missed: int, audited: int, level: float = LEVEL) -> float:
    """The one-sided upper bound of a miss rate after random audits (Clopper & Pearson 1934), e.g. 0 of 300: .0099."""
    return share_interval(missed, audited, 1 - 2 * _share(level, "the level"))[1]


def audits_needed(bound: float, missed: int = 0, level: float = LEVEL) -> int:
    """The fewest random audits that keep the miss rate below `bound` when `missed` of them are misses.

    Without a miss ⌈ln(level) / ln(1 - bound)⌉, about 3 / bound at .05: the rule of three (Hanley & Lippman-Hand 1983).
    """
    if missed < 0 or missed != int(missed):
        raise ValueError(f"misses are counted from 0, got {missed}")
    if _share(bound, "the bound") <= (missed + 3) / MOST_AUDITS:
        raise ValueError(f"so low a bound takes more than {MOST_AUDITS:,} audits")
    if missed == 0:
        return ceil(log(_share(level, "the level")) / log(1 - bound) - 1e-9)
    low, high = missed, MOST_AUDITS  # the bound falls with the audits
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if miss_bound(missed, middle, level) > bound else (low, middle)
    return high


def _z(q: float) -> float:
    return NormalDist().inv_cdf(q)


def _share(value: float, what: str) -> float:
    """The value; ValueError unless it is above 0 and below 1."""
    if not 0 < value < 1:
        raise ValueError(f"{what} must be above 0 and below 1, got {value}")
    return value


def _count(n: int, what: str) -> int:
    """The number; ValueError unless it is whole and above 0."""
    if not (1 <= n < inf and n == int(n)):
        raise ValueError(f"the {what} must be a whole number above 0, got {n}")
    return int(n)
