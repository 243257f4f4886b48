"""Measuring the scaling laws that ship: work of every index kind, effort that keeps a recall, quality."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from math import log, log10
from pathlib import Path
from typing import Any

import numpy as np

from core.contract.case import Case
from core.contract.scaling_spec import QualityGrowth
from core.runtime.timing import environment
from core.scaling.fit import ScalingFit, fit_law
from core.scaling.laws import Law
from core.scaling.quality import scale
from core.scaling.recorded import FILE, SYNTHETIC, recorded_laws
from core.scaling.samples import FOOTPRINTS, N_QUERIES, K, Sample, clustered, sizes_for, slowdown, time_in_turns
from core.stages.index import INDEXES, BuiltIndex, build_index, exact_neighbours, search

DIMS = (16, 64, 256)
EFFORTS = {None: (1,), "nprobe": (2, 8, 32, 128), "efSearch": (8, 32, 128, 512)}
KEPT = 0.95  # of the recall that the kind has at the largest effort
TRIED = tuple(2**i for i in range(11))  # efforts, up to 1,024
RECALL_QUERIES = 200
CACHED_BYTES = 2**21  # of a scan that a core's own cache holds
SYNTHETIC_ITEMS, SYNTHETIC_DIM = 160_000, 32
TUNED = tuple(kind for kind, of in INDEXES.items() if of.effort_name)
KEYS = {"work": ("kind", "dim", "effort"), "effort": ("of", "kind"), "quality": ("of", "like")}
SEEDS = (0, 1)  # of a law of quality

Told = Callable[[str], None]


def record_laws(cases: Sequence[Case], every: bool, tell: Told = print, file: Path = FILE) -> None:
    """Measure the laws of the cases, and of every index kind where `every`, and keep them beside those of others."""
    said = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"work": [], "effort": [], "quality": []}
    ours = {case.slug for case in cases} | ({SYNTHETIC} if every else set())
    if every:
        said["work"] = list(_told(tell, work_rows(0), "kind", "dim", "effort", "error"))
    said["effort"] = [row for row in said["effort"] if row["of"] not in ours]
    said["effort"] += _told(tell, effort_rows(cases, every), "of", "kind", "exponent", "held_out")
    _write(said, file)  # a quality below tunes its index by the efforts of this recording
    for case in cases:
        rows = quality_rows(case, tell)
        said["quality"] = [row for row in said["quality"] if row["of"] != case.slug] + rows
        _write(said, file)  # whoever stops here has the laws so far


def _told(tell: Told, rows: Iterator[dict[str, Any]], *names: str) -> Iterator[dict[str, Any]]:
    for row in rows:
        tell(", ".join(f"{name} {row[name]}" for name in names))
        yield row


def _write(said: dict[str, Any], file: Path) -> None:
    """A row a line in order, with the machine and the day; what this process remembers of the file is forgotten."""
    about = {"recorded_on": date.today().isoformat(), "processor": environment()["processor"]}
    lists = {
        name: ",\n".join(map(json.dumps, sorted(said[name], key=lambda row: [row[key] for key in keys])))
        for name, keys in KEYS.items()
    }
    text = ",\n".join([json.dumps(about)[1:-1], *(f'"{name}": [\n{rows}\n]' for name, rows in lists.items())])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{{{text}}}\n", encoding="utf-8")
    recorded_laws.cache_clear()


def effort_rows(cases: Sequence[Case], every: bool) -> Iterator[dict[str, Any]]:
    """The effort of each kind on the vectors of each case that has some, and on clustered ones where `every`."""
    for case in cases:
        if case.law_basis and case.law_basis.vectors:
            vectors, queries = case.law_basis.vectors(0)
            yield from (effort_row(case.slug, kind, vectors, queries[:RECALL_QUERIES], 0) for kind in TUNED)
    if every:
        vectors, queries = np.split(clustered(SYNTHETIC_ITEMS + RECALL_QUERIES, SYNTHETIC_DIM, 0), [SYNTHETIC_ITEMS])
        yield from (effort_row(SYNTHETIC, kind, vectors, queries, 0) for kind in TUNED)


def quality_rows(case: Case, tell: Told) -> list[dict[str, Any]]:
    """A law for every likeness of the designs that the case names."""

    def like(design: Any) -> str:
        return case.quality_growth(design).like

    designs = sorted(case.law_basis.designs, key=like) if case.law_basis else ()
    return [
        quality_row(case.slug, case.quality_growth(some[0]), some, SEEDS, case.run(some[0]).n_items, tell)
        for some in (list(group) for _, group in groupby(designs, key=like))
    ]


def work_rows(seed: int, kinds: Sequence[str] = tuple(INDEXES), dims: Sequence[int] = DIMS) -> Iterator[dict[str, Any]]:
    """The law of each kind, width and effort, fitted on three sizes, with its error at the fourth."""
    for kind in kinds:
        for dim in dims:
            sizes, slow = sizes_for(kind, dim), slowdown(kind, dim, FOOTPRINTS)
            sizes = (CACHED_BYTES // (4 * dim), *sizes) if kind == "flat" else sizes
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
    if kind == "flat":
        *fitted, law = *fitted[1:], _scan_law(dim, fitted[0], fitted[1:])
    else:
        law = fit_law(kind, dim, effort, tuple(fitted), slow)
    fit = ScalingFit(law, tuple(fitted), held_out, 0.0)
    return {
        "kind": kind, "dim": dim, "effort": effort, "fixed_us": round(law.fixed_us, 4),
        "ns_each": round(law.ns_each, 5), "counts": [round(count, 5) for count in law.counts],
        "slowdown": [[footprint, round(times, 3)] for footprint, times in law.slowdown],
        "largest": law.largest, "error": round(fit.error, 4),
    }  # fmt: skip


def _scan_law(dim: int, cached: Sample, fitted: Sequence[Sample]) -> Law:
    """The law of a scan: so long for each vector once they come from memory, and less where a cache holds them all."""
    ns_each = float(np.median([1e3 * sample.us / sample.n for sample in fitted]))
    faster = min(1.0, 1e3 * cached.us / cached.n / ns_each)
    caches = ((float(cached.nbytes), faster), (float(fitted[0].nbytes), 1.0))
    return Law("flat", dim, 1, 0.0, ns_each, (1.0, 0.0), caches, fitted[-1].n)


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
    tell: Told = lambda text: None,
) -> dict[str, Any]:  # fmt: skip
    """The slope of the first quality per decade of items over designs and seeds, and the error at the held-out size.

    The slopes range over those of all sizes and of the last step alone, since a line may bend.
    """
    at = [log10(times) for times in growth.times]
    lines, first = [], ()
    for design in designs:
        for seed in seeds:
            values = [growth.at(design, times, seed).value for times in growth.times]
            first = first or tuple(round(value, 7) for value in values)
            lines.append([scale(value) for value in values])
            tell(f"{of} {growth.like} seed {seed}: " + ", ".join(f"{value:.3f}" for value in values))
    slopes = [float(np.polyfit(at, line, 1)[0]) for line in lines]
    last = [float((line[-1] - line[-2]) / (at[-1] - at[-2])) for line in lines]
    misses = [float(np.polyval(np.polyfit(at[:-1], line[:-1], 1), at[-1])) - line[-1] for line in lines]
    return {
        "of": of, "like": growth.like, "slope": round(float(np.mean(slopes)), 5), "low": round(min(slopes + last), 5),
        "high": round(max(slopes + last), 5), "held_out": round(max(misses, key=abs), 5),
        "largest": round(base * growth.times[-1]), "sizes": tuple(round(base * times) for times in growth.times),
        "values": first,
    }  # fmt: skip
