"""Measuring the scaling laws that ship: work of every index kind, effort that keeps a recall, quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import log, log10
from typing import Any

import numpy as np

from core.contract.scaling_spec import QualityGrowth
from core.scaling.fit import (
    FOOTPRINTS,
    N_QUERIES,
    K,
    Sample,
    ScalingFit,
    clustered,
    fit_law,
    sizes_for,
    slowdown,
    time_in_turns,
)
from core.scaling.quality import scale
from core.stages.index import INDEXES, BuiltIndex, build_index, exact_neighbours, search

DIMS = (16, 64, 256)
EFFORTS = {None: (1,), "nprobe": (2, 8, 32, 128), "efSearch": (8, 32, 128, 512)}
KEPT = 0.95  # of the recall that the kind has at the largest effort
TRIED = tuple(2**i for i in range(11))  # efforts, up to 1,024
RECALL_QUERIES = 300


def work_rows(seed: int, kinds: Sequence[str] = tuple(INDEXES), dims: Sequence[int] = DIMS) -> Iterator[dict[str, Any]]:
    """The law of each kind, width and effort, fitted on three sizes, with its error at the fourth."""
    for kind in kinds:
        for dim in dims:
            sizes, slow = sizes_for(kind, dim), slowdown(kind, dim, FOOTPRINTS)
            vectors = clustered(sizes[-1] + N_QUERIES, dim, seed)
            queries = vectors[sizes[-1] :].copy()
            built = [build_index(vectors[:n], kind=kind, seed=seed) for n in sizes]
            for effort in EFFORTS[INDEXES[kind].effort_name]:
                yield _work_row(kind, dim, effort, built, queries, slow)


def _work_row(
    kind: str, dim: int, effort: int, built: list[BuiltIndex], queries: np.ndarray, slow: tuple
) -> dict[str, Any]:
    times = time_in_turns(built, queries, [effort] * len(built))
    *fitted, held_out = (
        Sample(index.n, float(us), float(search(index, queries, k=K, effort=effort).n_distances.mean()), index.nbytes)
        for index, us in zip(built, times, strict=True)
    )
    fit = ScalingFit(fit_law(kind, dim, effort, tuple(fitted), slow), tuple(fitted), held_out, 0.0)
    law = fit.law
    return {
        "kind": kind, "dim": dim, "effort": effort, "fixed_us": round(law.fixed_us, 4),
        "ns_each": round(law.ns_each, 5), "counts": [round(count, 5) for count in law.counts],
        "slowdown": [[footprint, round(times, 3)] for footprint, times in law.slowdown],
        "largest": law.largest, "error": round(fit.error, 4),
    }  # fmt: skip


def effort_row(of: str, kind: str, vectors: np.ndarray, queries: np.ndarray, seed: int) -> dict[str, Any]:
    """How the effort that keeps the recall grows over nested sizes of real or synthetic vectors (n, d).

    A line through the logarithms of the three smaller sizes has to predict the effort at the largest.
    """
    sizes = [len(vectors) // 8, len(vectors) // 4, len(vectors) // 2, len(vectors)]
    needed = [_needed(vectors[:n], queries, kind, seed) for n in sizes]
    exponent, start = np.polyfit(np.log(sizes[:-1]), np.log(needed[:-1]), 1)
    predicted = float(np.exp(start + exponent * log(sizes[-1])))
    whole, _ = np.polyfit(np.log(sizes), np.log(needed), 1)  # what ships has seen every size
    return {
        "of": of, "kind": kind, "exponent": round(max(0.0, float(whole)), 4),
        "held_out": round(predicted / needed[-1], 4), "largest": sizes[-1],
    }  # fmt: skip


def _needed(vectors: np.ndarray, queries: np.ndarray, kind: str, seed: int) -> float:
    """The effort, interpolated between powers of two, with KEPT of the recall of the largest effort."""
    exact = exact_neighbours(vectors, queries, k=K)
    index = build_index(vectors, kind=kind, seed=seed)
    recalls = np.array([_recall(search(index, queries, k=K, effort=effort).ids, exact) for effort in TRIED])
    recalls = np.maximum.accumulate(recalls)
    return float(np.exp2(np.interp(KEPT * recalls[-1], recalls, np.log2(TRIED))))


def _recall(ids: np.ndarray, exact: np.ndarray) -> float:
    return float(
        np.mean([len(np.intersect1d(got, wanted)) / len(wanted) for got, wanted in zip(ids, exact, strict=True)])
    )


def quality_row(
    of: str, growth: QualityGrowth, designs: Sequence[Any], seeds: Sequence[int], base: int,
    progress: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:  # fmt: skip
    """The slope of the first quality per decade of items over designs and seeds, and the error at the held-out size."""
    at = [log10(times) for times in growth.times]
    lines, first = [], ()
    for design in designs:
        for seed in seeds:
            values = [growth.at(design, times, seed).value for times in growth.times]
            first = first or tuple(round(value, 5) for value in values)
            lines.append([scale(value) for value in values])
            progress(f"{of} {growth.like} seed {seed}: " + ", ".join(f"{value:.3f}" for value in values))
    slopes = [float(np.polyfit(at, line, 1)[0]) for line in lines]
    misses = [float(np.polyval(np.polyfit(at[:-1], line[:-1], 1), at[-1])) - line[-1] for line in lines]
    return {
        "of": of, "like": growth.like, "slope": round(float(np.mean(slopes)), 5), "low": round(min(slopes), 5),
        "high": round(max(slopes), 5), "held_out": round(float(np.mean(misses)), 5),
        "largest": round(base * growth.times[-1]), "sizes": [round(base * times) for times in growth.times],
        "values": first,
    }  # fmt: skip
