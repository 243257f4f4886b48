"""A figure over worlds, which are data drawn anew: the error between worlds and that of the units within one.

Random effects: the figure of world j is m + b_j + e_j, where b_j varies between worlds and e_j is the sampling error
of the units within it. The interval is that of m, the mean over drawn worlds; one further world strays more than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.metrics.intervals import NORMAL_95

T_95 = {1: 12.706205, 2: 4.302653, 3: 3.182446, 4: 2.776445}  # deviations of Student's t either side, by n - 1 worlds
# what S² / W² of n - 1 degrees of freedom falls below in 1 of 100 cases where nothing but sampling moves the figures
TOO_ALIKE = {1: 0.000157, 2: 0.010050, 3: 0.038277, 4: 0.074277}
LEAST_WORLDS, MOST_WORLDS = 2, 5


@dataclass(frozen=True)
class Span:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error that the interval stands for."""
        return (self.high - self.low) / (2 * NORMAL_95)

    def widened(self, half: float) -> Span:
        """The figure with an independent error of that 95 % half-width added: half-widths add by their squares."""
        below, above = (sqrt(own**2 + half**2) for own in (self.value - self.low, self.high - self.value))
        return Span(self.value, self.value - below, self.value + above)


def between_worlds(worlds: Sequence[Span], shared: bool) -> float:
    """The standard deviation of b_j: the variance of the figures less that of sampling (DerSimonian & Laird 1986).

    Nothing is taken off where the worlds `shared` their units, since sampling then moves all of them alike. ValueError
    below two worlds.
    """
    if len(worlds) < LEAST_WORLDS:
        raise ValueError(f"a spread between worlds needs at least {LEAST_WORLDS}, got {len(worlds)}")
    variance = float(np.var([world.value for world in worlds], ddof=1))
    return sqrt(variance if shared else max(0.0, variance - _within(worlds)))


def agree_too_well(worlds: Sequence[Span]) -> bool:
    """Whether the figures agree better than their sampling errors let units drawn anew (a chi-squared test at 1 %).

    Such worlds share units, though their values may come in another order.
    """
    if len(worlds) < LEAST_WORLDS:
        return False
    variance, within = float(np.var([world.value for world in worlds], ddof=1)), _within(worlds)
    return variance < within * TOO_ALIKE[len(worlds) - 1]


def over_worlds(worlds: Sequence[Span], shared: bool) -> Span:
    """The mean over worlds with its 95 % interval, for two to five worlds of about as many units each.

    Worlds of their own units: mean ± t_{k-1} √(max(S², W²) / k), where S² is the variance of the k figures and W² the
    mean sampling variance within one. S² holds both errors; the maximum is the modification of Knapp and Hartung, so
    that k figures that agree by luck do not narrow it (Röver, Knapp & Friede 2015, BMC Med. Res. Methodol. 15:99).
    Worlds that `shared` their units: sampling is one error of all, so only S² / k shrinks and both add up.
    """
    if not LEAST_WORLDS <= len(worlds) <= MOST_WORLDS:
        raise ValueError(f"a mean over worlds needs {LEAST_WORLDS} to {MOST_WORLDS} of them, got {len(worlds)}")
    figures, k = np.array([world.value for world in worlds]), len(worlds)
    mean, variance = float(figures.mean()), float(figures.var(ddof=1))
    if not shared:
        half = T_95[k - 1] * sqrt(max(variance, _within(worlds)) / k)
        return Span(mean, mean - half, mean + half)
    below, above = (
        sqrt(float(np.mean(np.square(ends))))
        for ends in ([w.value - w.low for w in worlds], [w.high - w.value for w in worlds])
    )
    return Span(mean, mean - below, mean + above).widened(T_95[k - 1] * sqrt(variance / k))


def _within(worlds: Sequence[Span]) -> float:
    return float(np.mean([world.error**2 for world in worlds]))
