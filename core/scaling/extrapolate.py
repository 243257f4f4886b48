"""A measurement as it would be at another number of items: memory by formula, times and work by laws, with a band."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np

from core.contract.case import Measurement
from core.contract.scaling_spec import GrowingPart, ScalingPart
from core.metrics.intervals import of_sorted
from core.scaling.growth import Grown, LawOf, Retune, grow
from core.scaling.size import (
    Size,
    base_items,
    checked_items,
    fixed_bytes,
    growing,
    grown_bytes,
    keyed_bytes,
    shards_needed,
)

# A job is timed by one run. Seven fresh runs of the batch default of video search lay within 1.4 times their median for
# each key on a quiet machine, and between .4 and 1.9 times on a busy one.
JOB_BAND = 2.6


@dataclass(frozen=True)
class Projected:
    """A measurement at the size that was asked. Modelled, but for what does not grow.

    `work`, `p99` and `job` are (low, high) factors of the CPU time and the p99 of a request and of the CPU time of the
    batch job: the band of what grows, by its share; the p99's also has the interval of the measured one. `unsupported`
    says in words which laws do not cover the size; empty where all do.
    """

    measured: Measurement
    base: int  # items of the measurement
    items: int
    work: tuple[float, float] = (1.0, 1.0)
    p99: tuple[float, float] = (1.0, 1.0)
    job: tuple[float, float] = (1.0, 1.0)  # of the CPU time of the batch job, which is timed once
    efforts: Mapping[str, int] = field(default_factory=dict)  # re-tuned nprobe or efSearch by part
    unsupported: tuple[str, ...] = ()
    untuned: tuple[str, ...] = ()  # parts whose effort at this size no law says

    @property
    def grown(self) -> bool:
        """True where this is another size than the measured one."""
        return self.items != self.base

    @property
    def retimed(self) -> bool:
        """True where requests take other times than the measured ones, which every law knows within a band only."""
        return self.work != (1.0, 1.0)


def project(
    scaling_parts: Sequence[ScalingPart], measured: Measurement, size: Size, law_of: LawOf, retune: Retune,
    shards: int = 0,
) -> Projected:  # fmt: skip
    """The measurement at a size, over as few shards as hold it unless `shards` is given; ValueError for nonsense."""
    items, base = checked_items(size.items), measured.n_items or base_items(scaling_parts)
    needed = shards or shards_needed(scaling_parts, measured, size)
    unsupported = () if needed < inf else ("no number of machines holds what every shard needs",)
    shards = 1 if needed == inf else int(min(needed, items))
    ratio = items / base if base else 1.0
    grown = {
        part: grow(part, part.items * ratio / shards, measured.parts_ms.get(part.part), law_of, retune)
        for part in growing(scaling_parts)
    }
    timed = {part.part: change for part, change in grown.items() if part.part in measured.parts_ms and change.moved}
    larger = _built(grown, _requested(timed, measured, shards), size, ratio, shards)
    larger = replace(larger, memory_bytes=_memory(scaling_parts, measured, size, shards), n_items=items, shards=shards)
    uncovered = tuple(f"the time of the {part.what}" for part, change in grown.items() if not change.covered)
    work, p99 = _bands(timed, larger)
    return Projected(
        larger,
        base or items,
        items,
        work,
        _with_interval(p99, measured),
        _job_band(grown, measured, larger),
        efforts={part.what: change.effort for part, change in grown.items() if change.effort},
        unsupported=unsupported + uncovered,
        untuned=tuple(part.what for part, change in grown.items() if change.effort is None),
    )


def _requested(timed: Mapping[str, Grown], measured: Measurement, shards: int) -> Measurement:
    """The times and the work of requests; the measured ones themselves where none of their parts grows."""
    if not timed:
        return measured
    parts_ms = {
        name: _slowest(timed[name].ms, shards) if name in timed else ms for name, ms in measured.parts_ms.items()
    }
    service_ms = sum(parts_ms.values())
    slower = float(service_ms.mean() / measured.service_ms.mean())
    return replace(
        measured,
        parts_ms=parts_ms,
        service_ms=service_ms,
        cpu_ms={name: ms * _work(timed.get(name), shards) for name, ms in _own_cpu_ms(measured).items()},
        batches_ms={n: ms * slower for n, ms in measured.batches_ms.items()},
    )


def _own_cpu_ms(measured: Measurement) -> dict[str, float]:
    """CPU milliseconds by part without the clock's own, some microseconds: no more than the wall time of the part."""
    return {name: min(ms, float(measured.parts_ms[name].mean())) for name, ms in measured.cpu_ms.items()}


def _built(
    grown: Mapping[GrowingPart, Grown], measured: Measurement, size: Size, ratio: float, shards: int
) -> Measurement:
    """Builds and the batch job: what it does once grows with the items, the rest with the keys and its own work."""
    growing_s, once_s = _growing_build_s(grown, measured), _once_s(grown, measured, ratio)
    job = max((change.times * shards for part, change in grown.items() if part.in_job), default=1.0)
    keys = size.keys / measured.n_keys if size.keys and measured.n_keys else 1.0
    each_s = measured.refresh_s - sum(measured.refresh_once_s.values())
    return replace(
        measured,
        build_s=measured.build_s + (ratio - 1) * growing_s,
        item_build_s=growing_s / measured.n_items if measured.n_items else 0.0,
        shipped_s=measured.shipped_s * ratio,
        refresh_s=each_s * keys * job + sum(once_s.values()),
        refresh_once_s=once_s,
        store_bytes=int(measured.store_bytes * keys),
        n_keys=int(measured.n_keys * keys),
    )


def _with_interval(p99: tuple[float, float], measured: Measurement) -> tuple[float, float]:
    """The factors of a p99 with the interval of the measured one in them."""
    alone = measured.percentiles_ms["p99"]
    return (p99[0] * alone.low / alone.value, p99[1] * alone.high / alone.value) if alone.value else p99


def _job_band(grown: Mapping[GrowingPart, Grown], measured: Measurement, larger: Measurement) -> tuple[float, float]:
    """The factors of the job's time: the band of what it searches, and that of one timing carried to other keys."""
    off = max((change.band for part, change in grown.items() if part.in_job), default=1.0)
    off *= JOB_BAND if larger.n_keys != measured.n_keys else 1.0
    return 1 / off, off


def _memory(scaling_parts: Sequence[ScalingPart], measured: Measurement, size: Size, shards: int) -> int:
    """Bytes of one replica over all its shards, each of which holds what is fixed."""
    base = base_items(scaling_parts)
    grown = grown_bytes(scaling_parts, size.items) if base else 0.0
    grown += keyed_bytes(scaling_parts, size.keys or measured.n_keys)
    return int(shards * fixed_bytes(scaling_parts, measured) + grown)


def _once_s(grown: Iterable[GrowingPart], measured: Measurement, ratio: float) -> dict[str, float]:
    """CPU seconds of what a run of the job does once, by step; steps that a growing part names grow with the items."""
    names = {name for part in grown for name in part.built_by}
    return {step: s * (ratio if step in names else 1.0) for step, s in measured.refresh_once_s.items()}


def _growing_build_s(grown: Iterable[GrowingPart], measured: Measurement) -> float:
    """CPU seconds of the build that grow with the items: the steps that a growing part names, and what comes made."""
    names = {name for part in grown for name in part.built_by}
    return measured.shipped_s + sum(step.cpu_s for step in measured.steps if step.name in names)


def _work(change: Grown | None, shards: int) -> float:
    """The factor of a part's CPU time: every shard does the work of its share."""
    return 1.0 if change is None else change.times * shards


def _slowest(ms: np.ndarray, shards: int) -> np.ndarray:
    """Times (n,) of the slowest of several shards: request i at the quantile u_i^(1/shards), from the same draws.

    A request that is answered from a store, in no time here, asks no shard.
    """
    computed = ms > 0
    if shards == 1 or not computed.any():
        return ms
    u = np.random.default_rng(0).random(len(ms))
    return np.where(computed, np.quantile(ms[computed], u ** (1 / shards)), 0.0)


def _bands(timed: Mapping[str, Grown], larger: Measurement) -> tuple[tuple[float, float], tuple[float, float]]:
    """(low, high) factors of the mean and of the p99 of a request, where each growing part is off by its band."""
    if not timed:
        return (1.0, 1.0), (1.0, 1.0)
    parts_ms, service_ms = larger.parts_ms, larger.service_ms

    def at(sign: int) -> np.ndarray:
        moved = (ms * (timed[name].band ** sign - 1) for name, ms in parts_ms.items() if name in timed)
        return service_ms + sum(moved, np.zeros(len(service_ms)))

    low, high = at(-1), at(1)
    mean, p99 = float(service_ms.mean()) or 1.0, of_sorted(np.sort(service_ms), 0.99) or 1.0
    work = float(low.mean()) / mean, float(high.mean()) / mean
    return work, (of_sorted(np.sort(low), 0.99) / p99, of_sorted(np.sort(high), 0.99) / p99)
