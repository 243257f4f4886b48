"""Drift of a distribution: the population stability index and the Kolmogorov-Smirnov test, with false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

BINS = 10
RULE_OF_THUMB = 0.1  # "a small shift": Siddiqi, Credit Risk Scorecards, 2006
N_SHUFFLES = 500


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
    """Inner edges (at most n_bins - 1) that cut the reference into equal parts; fewer where values tie."""
    values = np.asarray(reference, dtype=np.float64)
    edges = np.unique(np.quantile(values, np.arange(1, n_bins) / n_bins, method="inverted_cdf"))
    return edges[edges < values.max()]


def psi(expected: ArrayLike, actual: ArrayLike) -> float:
    """Σ (a - e)·ln(a/e) over the shares of two lists of counts (Siddiqi 2006), with half a count added to each bin.

    ValueError for lists of different length or without counts.
    """
    e, a = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if e.shape != a.shape or e.ndim != 1 or not e.sum() or not a.sum():
        raise ValueError("the index needs two lists of counts over the same bins")
    e, a = (e + 0.5) / (e + 0.5).sum(), (a + 0.5) / (a + 0.5).sum()
    return float(((a - e) * np.log(a / e)).sum())


def psi_threshold(n_reference: int, n_batch: int, n_bins: int, false_alarm: float) -> float:
    """The index exceeded with probability `false_alarm` without drift: χ²(1 - α, B - 1)·(1/N + 1/M).

    (Yurdakul & Naranjo 2020, Statistical properties of the population stability index.)
    """
    from scipy.special import chdtri

    return float(chdtri(max(1, n_bins - 1), false_alarm)) * (1 / n_reference + 1 / n_batch)


def drift(reference: ArrayLike, batch: ArrayLike, false_alarm: float, seed: int) -> Drift:
    """Compare two samples; the false-alarm rate is counted over random splits of both together.

    ValueError for a sample below 20 values.
    """
    from scipy.stats import ks_2samp

    before, after = np.asarray(reference, dtype=np.float64), np.asarray(batch, dtype=np.float64)
    if min(len(before), len(after)) < 2 * BINS:
        raise ValueError(f"drift needs at least {2 * BINS} values on each side, got {len(before)} and {len(after)}")
    edges = edges_of(before)
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
    return np.array([psi(first, total - first) for first in firsts])
