"""Drift of a distribution: the population stability index and the Kolmogorov-Smirnov test, with false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics import NotEnoughSamples
from core.monitoring.alarms import finite, probability

BINS = 10
RULE_OF_THUMB = 0.1  # "a small shift": Siddiqi, Credit Risk Scorecards, 2006
N_SHUFFLES = 500
N_QUIET = 20_000  # days that a threshold is set on
LEAST_RINGS = 10  # of them that must lie beyond a threshold


@dataclass(frozen=True)
class Drift:
    """Two samples of one figure: their distance, the alarm threshold, and the false-alarm rate."""

    psi: float
    n_bins: int
    threshold: float  # of the index, at the chosen false-alarm rate
    false_alarms: float  # share of random splits of both samples above the threshold
    rule_false_alarms: float  # the same for the rule of thumb
    ks: float
    ks_p: float

    @property
    def rings(self) -> bool:
        """True when the index exceeds the threshold."""
        return self.psi > self.threshold


def edges_of(reference: ArrayLike, n_bins: int = BINS) -> np.ndarray:
    """Inner edges (at most n_bins - 1) that cut the reference into parts as equal as its ties allow.

    The cuts run between distinct values, those nearest to the quantiles, so that a mirrored reference has mirrored
    edges; up to n_bins distinct values have a bin of their own. ValueError for values that are not finite.
    """
    distinct, counts = np.unique(finite(reference), return_counts=True)
    between = (distinct[:-1] + distinct[1:]) / 2
    between = np.where(between < distinct[1:], between, distinct[:-1])  # neighbouring floats have no middle
    if len(distinct) <= n_bins:
        return between
    upto = n_bins * np.cumsum(counts)[:-1]  # whole numbers, so that ties are seen as ties
    cuts = {_nearest(upto, k * counts.sum(), n_bins * counts.sum()) for k in range(1, n_bins)}
    return between[sorted(cuts - {None})]


def _nearest(upto: np.ndarray, target: int, total: int) -> int | None:
    """The cut nearest to the target, of two the one nearer to the middle; None where two lie around the middle."""
    off = np.abs(upto - target)
    nearest = np.flatnonzero(off == off.min())
    from_middle = np.abs(2 * upto[nearest] - total)
    nearest = nearest[from_middle == from_middle.min()]
    return int(nearest[0]) if len(nearest) == 1 else None


def psi(expected: ArrayLike, actual: ArrayLike) -> float:
    """Σ (a - e)·ln(a/e) over the shares of two lists of counts (Siddiqi 2006), with half a count added to each bin.

    ValueError for lists of different length, without counts, or with counts that are negative or not finite.
    """
    e, a = finite(expected), finite(actual)
    if e.shape != a.shape or min(e.min(), a.min()) < 0 or not e.sum() or not a.sum():
        raise ValueError("the index needs two lists of counts over the same bins")
    return float(_psi(e, a))


def _psi(e: np.ndarray, a: np.ndarray) -> np.ndarray:
    """The index of counts (..., n_bins) over their last axis."""
    e, a = ((counts + 0.5) / (counts + 0.5).sum(axis=-1, keepdims=True) for counts in (e, a))
    return ((a - e) * np.log(a / e)).sum(axis=-1)


def psi_threshold(n_reference: int, n_batch: int, n_bins: int, false_alarm: float) -> float:
    """The index exceeded with probability `false_alarm` without drift: χ²(1 - α, B - 1)·(1/N + 1/M).

    (Yurdakul & Naranjo 2020, Statistical properties of the population stability index.) ValueError below two bins.
    """
    from scipy.special import chdtri

    if not (n_bins >= 2 and 0 < n_reference < float("inf") and 0 < n_batch < float("inf")):
        raise ValueError(f"a threshold needs two bins and two samples, got {n_bins}, {n_reference} and {n_batch}")
    return float(chdtri(n_bins - 1, probability(false_alarm))) * (1 / n_reference + 1 / n_batch)


def quiet_psi(counts: ArrayLike, daily: int, days: int, seed: int) -> np.ndarray:
    """The index (days,) of days of `daily` values drawn from the reference with these counts: nothing drifts."""
    counts = finite(counts)
    drawn = np.random.default_rng(seed).multinomial(daily, counts / counts.sum(), size=days)
    return _psi(counts, drawn.astype(np.float64))


@dataclass(frozen=True)
class QuietThreshold:
    """A threshold of the index, the share of quiet days above it, and the counts of the reference by bin."""

    value: float
    false_alarm: float
    counts: np.ndarray


def daily_threshold(reference: ArrayLike, daily: int, false_alarm: float, seed: int) -> QuietThreshold:
    """The index that at most `false_alarm` of the quiet days exceed, set between two values that it can take.

    NotEnoughSamples where the reference has one bin, or where so rare an alarm cannot be set on N_QUIET days.
    """
    counts = _counts(finite(reference), _edges_to_tell_by(reference))
    index = np.sort(quiet_psi(counts, daily, N_QUIET, seed))
    n_beyond = int(probability(false_alarm) * N_QUIET)
    if n_beyond < LEAST_RINGS:
        raise NotEnoughSamples(f"{N_QUIET:,} quiet days are too few to set an alarm of once in {1 / false_alarm:,.0f}")
    own = index[-n_beyond - 1]  # at most n_beyond lie above it, fewer where values tie
    above = index[index > own * (1 + 1e-9)]
    if not len(above):
        raise NotEnoughSamples(f"the index of {daily:,} values never gets rarer than once in {1 / false_alarm:,.0f}")
    return QuietThreshold(float(own + above[0]) / 2, len(above) / N_QUIET, counts)


def _edges_to_tell_by(reference: ArrayLike) -> np.ndarray:
    edges = edges_of(reference)
    if not len(edges):
        raise NotEnoughSamples("all values of the reference are alike: a detector with one bin cannot tell any drift")
    return edges


def drift(reference: ArrayLike, batch: ArrayLike, false_alarm: float, seed: int) -> Drift:
    """Compare two samples; the false-alarm rate is counted over random splits of both together.

    ValueError for a sample below 20 values or with one that is not finite; NotEnoughSamples, which is one too, where
    all values of the reference are alike.
    """
    from scipy.stats import ks_2samp

    before, after = finite(reference), finite(batch)
    if min(len(before), len(after)) < 2 * BINS:
        raise ValueError(f"drift needs at least {2 * BINS} values on each side, got {len(before)} and {len(after)}")
    edges = _edges_to_tell_by(before)
    n_bins = len(edges) + 1
    threshold = psi_threshold(len(before), len(after), n_bins, false_alarm)
    shuffled = _shuffled(np.concatenate([before, after]), len(before), edges, seed)
    tested = ks_2samp(before, after)
    return Drift(
        psi=psi(_counts(before, edges), _counts(after, edges)),
        n_bins=n_bins,
        threshold=threshold,
        false_alarms=float((shuffled > threshold).mean()),
        rule_false_alarms=float((shuffled > RULE_OF_THUMB).mean()),
        ks=float(tested.statistic),
        ks_p=float(tested.pvalue),
    )


def _counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)


def _shuffled(both: np.ndarray, n_first: int, edges: np.ndarray, seed: int) -> np.ndarray:
    """The index of N_SHUFFLES random splits, its distribution without drift.

    The counts of a random split follow the multivariate hypergeometric distribution, so they are drawn directly.
    """
    total = _counts(both, edges)
    firsts = np.random.default_rng(seed).multivariate_hypergeometric(
        total, n_first, size=N_SHUFFLES, method="marginals"
    )
    return _psi(firsts, total - firsts)
