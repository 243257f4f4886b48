"""Scaling laws of an index: bytes by formula, comparisons by counting, time as comparisons × cost per comparison."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2, log10

import numpy as np

from core.stages.index import INDEXES, bytes_law, n_lists

# Kinds with random access to full vectors, where caches matter. Codes are small, and a flat scan streams: at ten times
# the largest size, a plain line was off by 3 %, a line times the slowdown by 35 %.
SCATTERED = ("ivf_flat", "hnsw")
# (multiple of the largest fitted size, error factor of an extrapolated time). The first two are errors observed at 10
# times; nothing was tested beyond 100.
BAND = ((1.0, 1.15), (10.0, 1.3), (100.0, 2.0), (10_000.0, 4.0))
MOST_TIMES = BAND[-1][0]  # beyond it the law does not apply
# A ratio of two recorded times, 10,000 vectors and a million, was 1.5 times off when both were timed again: what lies
# in which cache is another thing on another day. The error of a law taken as a ratio is no less, and a search that
# takes more than this here, as a law of its kind says, does other work beside it.
OTHER_MACHINE = 1.5


@lru_cache(maxsize=8_000)
def index_bytes(kind: str, n: float, dim: int) -> float:
    """Bytes of an index of n vectors by the formula of its kind, exact but for list padding; 0 for n below 1."""
    return bytes_law(kind, int(n), dim) * int(n) if n >= 1 else 0.0


@dataclass(frozen=True)
class Law:
    """Microseconds of one search = `fixed_us` + `ns_each` × comparisons × slowdown of memory at that size.

    `counts` holds the two constants of the comparisons: a + b log2 n for a graph, nlist + a × nprobe × n / nlist for
    lists. `slowdown` gives the cost of reading at a footprint relative to the nearest cache.
    """

    kind: str
    dim: int
    effort: int
    fixed_us: float
    ns_each: float
    counts: tuple[float, float]
    slowdown: tuple[tuple[float, float], ...]  # (bytes, times), rising
    largest: int  # the largest size it was fitted on

    def nbytes(self, n: float) -> float:
        """Bytes of an index of n vectors."""
        return index_bytes(self.kind, n, self.dim)

    def distances(self, n: float) -> float:
        """Comparisons of one query over n vectors."""
        return comparisons(self.kind, n, self.effort, self.counts)

    def slow(self, n: float) -> float:
        """The slowdown of memory at n vectors; constant beyond the largest measured footprint."""
        return slow_at(self.slowdown, index_bytes(self.kind, n, self.dim))

    def time_us(self, n: float) -> float:
        """Microseconds of one search over n vectors."""
        return self.fixed_us + 1e-3 * self.ns_each * self.distances(n) * self.slow(n)


@dataclass(frozen=True)
class LinearLaw:
    """Microseconds of a request = `fixed_us` + `us_each` × items, bytes = `fixed_bytes` + `bytes_each` × items."""

    fixed_us: float
    us_each: float
    fixed_bytes: float
    bytes_each: float
    largest: int  # the largest size it was fitted on

    def nbytes(self, n: float) -> float:
        """Bytes over n items."""
        return self.fixed_bytes + self.bytes_each * n

    def time_us(self, n: float) -> float:
        """Microseconds of one request over n items."""
        return self.fixed_us + self.us_each * n


def comparisons(kind: str, n: float, effort: int, counts: tuple[float, float]) -> float:
    """Vectors, codes and centroids compared per query; exact for the flat kinds, 0 for n below 1."""
    if n < 1:
        return 0.0
    by = INDEXES[kind].effort_name
    if by is None:
        return float(int(n))
    if by == "nprobe":
        lists = n_lists(int(n))
        return lists + min(counts[0] * min(effort, lists) / lists, 1.0) * n
    return min(float(n), max(1.0, counts[0] + counts[1] * log2(n)))


def fitted_counts(kind: str, effort: int, sizes: list[int], counted: list[float]) -> tuple[float, float]:
    """The constants of `comparisons`, fitted to counts at several sizes."""
    by = INDEXES[kind].effort_name
    if by is None:
        return 1.0, 0.0
    if by == "nprobe":  # lists are of unequal length and long ones are probed more often
        lists = np.array([n_lists(n) for n in sizes])
        even = np.minimum(effort, lists) * np.array(sizes) / lists
        return float(np.median((np.array(counted) - lists) / even)), 0.0
    slope, start = np.polyfit(np.log2(sizes), counted, 1)
    return float(start), max(0.0, float(slope))


def slow_at(slowdown: tuple[tuple[float, float], ...], footprint: float) -> float:
    """The slowdown at a footprint in bytes, interpolated linearly over the logarithm of bytes."""
    if not slowdown or footprint <= 0:
        return 1.0
    at, times = zip(*slowdown, strict=True)
    return float(np.interp(log10(footprint), np.log10(at), times))


def band_factor(n: float, largest: int, error: float = 0.0) -> float:
    """The error factor, either way, of a time extrapolated to n; at least the error of this fit."""
    times = max(1.0, n / largest)
    at, factors = zip(*BAND, strict=True)
    usual = 10 ** float(np.interp(log10(times), np.log10(at), np.log10(factors)))
    off = max(1 + error, 1 / max(1 + error, 1e-3))  # predicted ÷ measured, either way
    return max(usual, off ** max(1.0, log10(times)))


COUNTED = {
    None: "n, every one of them",
    "nprobe": "nlist + {a:.2f} × nprobe × n ÷ nlist, nlist = 2 √n",
    "efSearch": "{a:,.0f} + {b:.1f} × log₂ n, fitted at this efSearch",
}


def count_words(law: Law) -> str:
    """The comparisons per query as a formula of n, with the constants."""
    return COUNTED[INDEXES[law.kind].effort_name].format(a=law.counts[0], b=law.counts[1])


def formula(kind: str, n: float, dim: int) -> str:
    """Bytes per vector and of the index at n, in words and numbers."""
    bytes_each = index_bytes(kind, n, dim) / int(n)
    return f"{bytes_each:,.1f} bytes a vector of {dim} numbers × {int(n):,}"
