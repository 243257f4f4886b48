"""Scaling fits with a held-out check: a law is fitted on small sizes and has to predict the largest one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import cachetools
import numpy as np

from core.contract.scaling_spec import GrowingPart, IndexPart, Share
from core.formatting import count_text
from core.runtime.calls import there
from core.scaling.laws import Law, LinearLaw, band_factor, count_words, fitted_counts, slow_at
from core.scaling.samples import FOOTPRINTS, Progress, Sample, measure_shares, measure_sizes, sizes_for, slowdown


@dataclass(frozen=True)
class ScalingFit:
    """A law, the samples it was fitted on, and the held-out sample it had to predict."""

    law: Law | LinearLaw
    fitted: tuple[Sample, ...]
    held_out: Sample
    cpu_s: float

    @property
    def predicted_us(self) -> float:
        """The law's time at the held-out size."""
        return self.law.time_us(self.held_out.n)

    @property
    def error(self) -> float:
        """Predicted ÷ measured − 1 at the held-out size; negative when the law is too fast."""
        return self.predicted_us / self.held_out.us - 1

    @property
    def bytes_error(self) -> float:
        """Predicted ÷ measured bytes − 1 at the held-out size."""
        return self.law.nbytes(self.held_out.n) / self.held_out.nbytes - 1

    @property
    def within(self) -> bool:
        """True when the held-out time lies within the error band for that size."""
        allowed = band_factor(self.held_out.n, self.law.largest)
        return 1 / allowed <= self.held_out.us / self.predicted_us <= allowed


def fit_law(
    kind: str, dim: int, effort: int, samples: tuple[Sample, ...], slow: tuple[tuple[float, float], ...]
) -> Law:
    """The law with the least relative squared error over the samples, by non-negative least squares."""
    from scipy.optimize import nnls

    counts = fitted_counts(kind, effort, [s.n for s in samples], [s.distances for s in samples])
    work = np.array([1e-3 * s.distances * slow_at(slow, s.nbytes) for s in samples])
    us = np.array([s.us for s in samples])
    (fixed_us, ns_each), _ = nnls(np.column_stack([1 / us, work / us]), np.ones(len(us)))
    return Law(kind, dim, effort, float(fixed_us), float(ns_each), counts, slow, samples[-1].n)


def fit_line(samples: tuple[Sample, ...]) -> LinearLaw:
    """The lines of time and bytes with the least relative squared error, by non-negative least squares."""
    from scipy.optimize import nnls

    n = np.array([s.n for s in samples], dtype=float)

    def line(values: np.ndarray) -> tuple[float, float]:
        (start, slope), _ = nnls(np.column_stack([1 / values, n / values]), np.ones(len(values)))
        return float(start), float(slope)

    us, nbytes = (np.array([getattr(s, name) for s in samples], dtype=float) for name in ("us", "nbytes"))
    return LinearLaw(*line(us), *line(nbytes), samples[-1].n)


MOST_FITS = 500


class Fits:
    """The fits of this process by key, and how many were made so far; thread-safe."""

    def __init__(self, most: int = MOST_FITS) -> None:
        self._known: cachetools.LRUCache[Hashable, ScalingFit] = cachetools.LRUCache(most)
        self._lock, self.made = threading.Lock(), 0

    def known(self, key: Hashable) -> ScalingFit | None:
        """The fit under a key, or None."""
        with self._lock:
            return self._known.get(key)

    def add(self, key: Hashable, fit: ScalingFit) -> ScalingFit:
        """Keep a fit, and hand it on."""
        with self._lock:
            self._known[key] = fit
            self.made += 1
        return fit


_FITS = Fits()


def _index_key(
    kind: str, dim: int, effort: int, seed: int, sizes: tuple[int, ...] = (), footprints: tuple[int, ...] = FOOTPRINTS
) -> Hashable:
    return kind, dim, effort, seed, sizes or sizes_for(kind, dim), footprints


def cached_index_fit(
    kind: str, dim: int, effort: int, seed: int, *, sizes: tuple[int, ...] = ()
) -> ScalingFit | None:  # fmt: skip
    """The fit of an index kind if `index_fit` has made it, else None."""
    return _FITS.known(_index_key(kind, dim, effort, seed, sizes))


def index_fit(
    kind: str, dim: int, effort: int, seed: int, *, sizes: tuple[int, ...] = (),
    footprints: tuple[int, ...] = FOOTPRINTS,
    progress: Progress = lambda share, text: None, cancelled: Callable[[], bool] = lambda: False,
) -> ScalingFit:  # fmt: skip
    """Measure an index kind at several sizes, fit its law and check it at the largest; cached.

    Raises ValueError for an unknown kind or fewer than three sizes, Cancelled on a cancel.
    """
    sizes = sizes or sizes_for(kind, dim)
    if len(sizes) < 3:
        raise ValueError(f"a law is fitted on at least two sizes and checked on a third, got {len(sizes)}")
    key = _index_key(kind, dim, effort, seed, sizes, footprints)
    what = (kind, dim, effort, seed, sizes, footprints)
    known = _FITS.known(key)
    return known or _FITS.add(key, there(_measured_index, *what, progress=progress, cancelled=cancelled))


def _measured_index(
    kind: str, dim: int, effort: int, seed: int, sizes: tuple[int, ...], footprints: tuple[int, ...], *,
    progress: Progress, cancelled: Callable[[], bool],
) -> ScalingFit:  # fmt: skip
    started = time.thread_time()
    progress(0.02, "Probing the caches")
    slow = slowdown(kind, dim, footprints)
    *fitted, held_out = measure_sizes(kind, dim, effort, seed, sizes, progress, cancelled)
    law = fit_law(kind, dim, effort, tuple(fitted), slow)
    return ScalingFit(law, tuple(fitted), held_out, time.thread_time() - started)


def fits_made() -> int:
    """How many fits this process has made so far: what rests on them is out of date when it moves."""
    return _FITS.made


def part_key(slug: str, design: Hashable, seed: int, part: GrowingPart) -> Hashable:
    """The key of a linear part's fit."""
    return slug, design, seed, part.what


def fit_of(slug: str, design: Hashable, seed: int, part: GrowingPart) -> ScalingFit | None:
    """The fit of a part that this process has made, or None."""
    if isinstance(part, IndexPart):
        return cached_index_fit(part.kind, part.dim, part.effort, seed)
    return cached_linear_fit(part_key(slug, design, seed, part))


def cached_linear_fit(key: Hashable) -> ScalingFit | None:
    """The fit of a linear part if `linear_fit` has made it under this key, else None."""
    return _FITS.known(key)


def linear_fit(
    key: Hashable, over: Callable[[float], Share], *, progress: Progress = lambda share, text: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ScalingFit:  # fmt: skip
    """Measure a linear part at several shares, fit a line and check it at all items; cached under `key`.

    Raises Cancelled on a cancel.
    """
    return _FITS.known(key) or _FITS.add(key, there(_measured_line, over, progress=progress, cancelled=cancelled))


def _measured_line(over: Callable[[float], Share], *, progress: Progress, cancelled: Callable[[], bool]) -> ScalingFit:
    started = time.thread_time()
    *fitted, held_out = measure_shares(over, progress, cancelled)
    return ScalingFit(fit_line(tuple(fitted)), tuple(fitted), held_out, time.thread_time() - started)


def time_law_words(law: Law | LinearLaw) -> str:
    """The law of time as a formula with its constants."""
    if isinstance(law, LinearLaw):
        return f"{law.fixed_us:.1f} µs + {count_text(1e3 * law.us_each)} ns × items"
    slow = f" × slowdown of memory (1 to {law.slowdown[-1][1]:.2f} here)" if len(law.slowdown) > 1 else ""
    return f"{law.fixed_us:.1f} µs + {law.ns_each:.2f} ns × ({count_words(law)}){slow}"
