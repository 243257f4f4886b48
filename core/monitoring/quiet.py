"""Quiet history: days on which nothing changed, made from a design's own log of single values."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

GRIDS = (*range(1, 121), 840)  # steps from the lowest to the highest value; the last takes values that fit none
SIGMAS = 10.0  # kept on each side of the mean
DRAWS = 500_000  # held in memory at once


@dataclass(frozen=True)
class DayMeans:
    """The distribution of a day's mean: the i-th possible mean is lowest + i·step, `at_most[i]` its probability."""

    lowest: float
    step: float
    at_most: np.ndarray


def day_means(per_query: np.ndarray, daily: int) -> DayMeans:
    """The distribution of the mean of `daily` independent draws from finite values (n,) of which two differ.

    The ideal bootstrap (Efron 1979, section 3) without drawing: the n-fold convolution, a power of the Fourier
    transform. Exact where the values lie on a grid of up to 120 steps, else on one of 840 with the mean kept.
    """
    low, width = float(per_query.min()), float(np.ptp(per_query))
    place, grid = _on_grid((per_query - low) / width)
    step = width / grid
    shares = np.bincount(place, minlength=grid + 1) / len(place)
    size = _size(place, grid, daily)
    sums = np.fft.irfft(np.fft.rfft(shares, size) ** daily, size)
    first = max(0, int(daily * place.mean()) - size // 2)
    at_most = np.cumsum(np.maximum(np.roll(sums, -(first % size)), 0.0))[: daily * grid + 1 - first]
    off = float(per_query.mean()) - (low + step * float(place.mean()))  # what the grid moved the mean
    return DayMeans(low + off + step * first / daily, step / daily, at_most)


def _on_grid(shares: np.ndarray) -> tuple[np.ndarray, int]:
    """Each value's place (n,) on the coarsest grid that holds all, and the grid's number of steps."""
    distinct = np.unique(shares)
    held = (grid for grid in GRIDS[:-1] if np.abs(distinct * grid - np.rint(distinct * grid)).max() < 1e-6)
    grid = next(held, GRIDS[-1])
    return np.rint(shares * grid).astype(np.int64), grid


def _size(place: np.ndarray, grid: int, daily: int) -> int:
    """The length of the transform, a power of two: all sums, or those within SIGMAS of the mean."""
    near = int(2 * SIGMAS * place.std() * daily**0.5) + 4 * (grid + 1)
    return 1 << (max(min(daily * grid + 1, near), grid + 1) - 1).bit_length()


def quiet_looks(times: np.ndarray, window: int, q: float, looks: int, days: int, seed: int) -> np.ndarray:
    """The highest q quantile of each of `days` days (days,) of `looks` windows drawn from the measured times.

    The k-th of n draws, k = ⌈q·n⌉, is drawn as the Beta(k, n - k + 1) quantile (David & Nagaraja 2003, section 2.1).
    """
    k = ceil(q * window)
    highest = np.random.default_rng(seed).beta(k, window - k + 1, size=(days, looks)).max(axis=1)
    return np.sort(times)[np.ceil(highest * len(times)).astype(np.int64) - 1]


def quiet_days(per_query: np.ndarray, daily: int, days: int, seed: int) -> np.ndarray:
    """The means (days,) of days whose `daily` labels are drawn from the log with replacement."""
    rng = np.random.default_rng(seed)
    distinct, counts = np.unique(per_query, return_counts=True)
    chunk = max(1, DRAWS // min(daily, len(distinct)))
    parts = [min(chunk, days - start) for start in range(0, days, chunk)]
    if daily < len(distinct):
        return np.concatenate([rng.choice(per_query, size=(n, daily)).mean(axis=1) for n in parts])
    shares = counts / counts.sum()
    return np.concatenate([rng.multinomial(daily, shares, size=n) @ distinct / daily for n in parts])
