"""The samples that laws are fitted on: an index at several sizes, or a part over shares of a design's items.

The index has the design's kind, width and effort, over clustered vectors drawn from the seed. The work of a search
depends on size, width and the shape of the data; only the first two come from the design.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract.scaling_spec import Share
from core.runtime.channel import Cancelled
from core.runtime.timing import FINE_CPU_CLOCK, quiet
from core.scaling.laws import SCATTERED
from core.stages.index import INDEXES, BuiltIndex, build_index, search, searcher
from core.stages.index.kinds import faiss_module

K = 10
N_QUERIES, ROUNDS = 40, 5
N_REQUESTS = 100  # timed requests of a linear part per round
WIDTH = 64  # the sizes below take 2 to 4 CPU seconds at this width; wider vectors get smaller sizes
SIZES = {  # three sizes to fit and the held-out one, by kind, else by the name of its effort
    # All beyond a last-level cache of 64 MiB, since a line through sizes on both sides of it fits badly.
    "flat": (300_000, 400_000, 500_000, 800_000),
    None: (20_000, 40_000, 80_000, 160_000),
    "nprobe": (5_000, 10_000, 20_000, 40_000),
    "efSearch": (3_000, 6_000, 12_000, 24_000),
}
FOOTPRINTS = tuple(2**18 * 2**i for i in range(9))  # 256 KiB to 64 MiB
SHARES = (0.125, 0.25, 0.5, 1.0)  # of a design's items, for linear parts; the last one is held out
GATHERED = 2_048  # vectors read per memory probe
RUNS = {"hnsw": 1, "ivf_flat": 64}  # consecutive vectors per read

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Sample:
    """One size: median µs of a search, comparisons counted (items for a linear part), and serialised bytes."""

    n: int
    us: float
    distances: float
    nbytes: int


def sizes_for(kind: str, dim: int) -> tuple[int, ...]:
    """The measured sizes, smaller for wider vectors, a scan's larger for narrower ones; the last one is held out."""
    share = WIDTH / dim if kind == "flat" else min(1.0, WIDTH / dim)
    return tuple(max(1_000, int(n * share)) for n in SIZES.get(kind) or SIZES[INDEXES[kind].effort_name])


def clustered(n: int, dim: int, seed: int) -> np.ndarray:
    """Unit vectors (n, dim) float32: 1,000 clusters of Zipf sizes in at most 24 true dimensions, and a little noise."""
    rng = np.random.default_rng(seed)
    inside = min(24, dim)
    weights = 1 / np.arange(1, 1_001)
    clusters = rng.choice(1_000, n, p=weights / weights.sum())
    inner = rng.standard_normal((1_000, inside), np.float32)[clusters]
    inner += np.float32(0.5) * rng.standard_normal((n, inside), np.float32)
    vectors = inner @ rng.standard_normal((inside, dim), np.float32)
    vectors += np.float32(0.05) * rng.standard_normal((n, dim), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def slowdown(kind: str, dim: int, footprints: tuple[int, ...] = FOOTPRINTS) -> tuple[tuple[float, float], ...]:
    """(footprint in bytes, slowdown of one comparison against the smallest footprint) for this machine's caches.

    Vectors are read singly as in a graph, or in runs as in inverted lists. Constant 1 for codes and for a scan, which
    streams.
    """
    if kind not in SCATTERED:
        return ((float(footprints[0]), 1.0),)
    rows = np.full((footprints[-1] // (4 * dim), dim), 0.5, np.float32)
    sizes = [max(1, size // (4 * dim)) for size in footprints]
    costs = [_ns_a_vector(rows[:n], RUNS[kind]) for n in sizes]
    times = np.maximum.accumulate(np.array(costs) / costs[0])
    return tuple((float(size), float(cost)) for size, cost in zip(footprints, times, strict=True))


def _ns_a_vector(rows: np.ndarray, run: int, tries: int = 9) -> float:
    """Nanoseconds per vector of faiss' inner product over runs at random places; the first quartile."""
    faiss, (n, dim), rng = faiss_module(), rows.shape, np.random.default_rng(0)
    query, spent, run = rows[0].copy(), [], min(run, n)
    products = np.empty(GATHERED, np.float32)
    products_ptr, query_ptr, rows_ptr = map(faiss.swig_ptr, (products, query, rows))
    with quiet():
        for _ in range(tries):
            starts = rng.integers(0, n - run + 1, max(1, GATHERED // run))
            ids = np.ascontiguousarray((starts[:, None] + np.arange(run)).ravel(), np.int64)
            before = time.perf_counter_ns()
            faiss.fvec_inner_products_by_idx(products_ptr, query_ptr, rows_ptr, faiss.swig_ptr(ids), dim, 1, len(ids))
            spent.append((time.perf_counter_ns() - before) / len(ids))
    return float(np.quantile(spent, 0.25))  # an interrupted try does not measure memory


def measure_sizes(
    kind: str, dim: int, effort: int, seed: int, sizes: tuple[int, ...], progress: Progress,
    cancelled: Callable[[], bool],
) -> tuple[Sample, ...]:  # fmt: skip
    """Build the index at each size and time its searches, sizes in turn; raises Cancelled on a cancel."""
    vectors = clustered(sizes[-1] + N_QUERIES, dim, seed)
    queries, built = vectors[sizes[-1] :].copy(), []
    for done, n in enumerate(sizes):
        if cancelled():
            raise Cancelled("stopped before the next size")
        progress(0.15 + 0.6 * sum(sizes[:done]) / sum(sizes), f"Building {INDEXES[kind].label} over {n:,} vectors")
        built.append(build_index(vectors[:n], kind=kind, seed=seed))
    del vectors
    progress(0.8, "Timing searches, sizes in turn")
    times = time_in_turns(built, queries, [effort] * len(built))
    counted = [search(index, queries, k=K, effort=effort).n_distances.mean() for index in built]
    return tuple(
        Sample(index.n, float(us), float(count), index.nbytes)
        for index, us, count in zip(built, times, counted, strict=True)
    )


def time_in_turns(built: list[BuiltIndex], queries: np.ndarray, efforts: Sequence[int]) -> np.ndarray:
    """Median µs of a search in each index, indexes in turn so that a slow spell affects all of them."""
    asks = [searcher(index, k=K, effort=effort) for index, effort in zip(built, efforts, strict=True)]
    return np.array([np.median(us.min(axis=0)) for us in _in_turns([(ask, queries) for ask in asks])])


def _in_turns(ways: Sequence[tuple[Callable[[Any], object], Sequence[Any]]]) -> list[np.ndarray]:
    """Microseconds (ROUNDS, n_requests) of each way to serve its requests, the ways in turn."""
    us = [np.empty((ROUNDS, len(requests))) for _, requests in ways]
    with quiet():
        for turn in range(ROUNDS):
            for (ask, requests), times in zip(ways, us, strict=True):
                times[turn] = [_us(ask, request) for request in requests]
    return us


def _us(ask: Callable[[Any], object], request: Any) -> float:
    clock = time.thread_time_ns if FINE_CPU_CLOCK else time.perf_counter_ns
    before = clock()
    ask(request)
    return (clock() - before) / 1e3


def measure_shares(
    over: Callable[[float], Share], progress: Progress, cancelled: Callable[[], bool]
) -> tuple[Sample, ...]:
    """Build the part over each share of the items and time it, shares in turn; raises Cancelled on a cancel.

    The time is the mean over requests of the median over rounds. A machine stall affects one round only, while an
    expensive request is slow in all of them.
    """
    parts = []
    for done, share in enumerate(SHARES):
        if cancelled():
            raise Cancelled("stopped before the next size")
        progress(0.1 + 0.6 * done / len(SHARES), f"Making it over {share:.3g} of the items")
        parts.append(over(share))
    progress(0.8, "Timing requests, sizes in turn")
    ways = [(part.ask, np.arange(part.n_requests)[:: max(1, part.n_requests // N_REQUESTS)]) for part in parts]
    times = [np.median(us, axis=0).mean() for us in _in_turns(ways)]
    return tuple(
        Sample(part.items, float(us), float(part.items), part.nbytes) for part, us in zip(parts, times, strict=True)
    )
