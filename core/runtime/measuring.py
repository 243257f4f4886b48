"""From the stages of a design to its measurement: what is timed, what a replica holds, and what is made ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.contract.case import SEED, Estimate, Measurement
from core.contract.design import Design
from core.runtime.memo import MEMO, Step, build_seconds, held_bytes, own_seconds, recording, trace
from core.runtime.timing import Timing, patient

_timed_anew: ContextVar[bool] = ContextVar("timed_anew", default=False)
_untimed: ContextVar[bool] = ContextVar("untimed", default=False)


@dataclass(frozen=True)
class Plan:
    """How a design is measured: its stages by the part that each of them plays. Steps are lazy until `measure`."""

    quality: Step  # → {name: Estimate}
    timed: Mapping[str, Step]  # part of a request, in order → a step that hands on a Timing, or has one as `timing`
    held: Mapping[str, Step | int]  # part of what a replica holds → its step, or its bytes
    built: Sequence[Step]  # what has to be made before the first request; what it rests on is counted too
    n_items: int  # what is searched, ranked or judged
    indexed: Sequence[Step] = ()  # of what is built, the steps that make the indexes
    passing: Callable[[str], np.ndarray | None] = lambda part: None  # part → which timed requests reach it (n,) bool
    store: Step | None = None  # precomputed answers, where there are any; part of `held` as well
    n_keys: int | Callable[[], int] = 0  # keys of one run of the job; a function where they follow from a step
    store_bytes: int | None = None  # of the store, where it is not simply its size
    refreshed: Sequence[Step] = ()  # what one run of the job does again: its CPU seconds are these steps' own
    refreshed_once: Sequence[Step] = ()  # those of them that a run does once, however many keys it serves
    refresh_s: float | Callable[[], float] = 0.0  # further ones; a function where they follow from a step's own
    refresh_every_h: float = 0.0
    answered: Callable[[], float] = lambda: (
        1.0
    )  # the share of requests whose key the store knows; asked if there is one
    ingest_h: float = 0.0  # how long a new item waits until requests can find it
    shipped_s: float = 0.0  # CPU seconds of vectors that come made, at what making one takes here
    batches: Step | None = None  # → {batch size: Timing}
    more_quality: Mapping[str, Estimate] = field(default_factory=dict)  # what grading alone cannot know
    counts: Mapping[str, float] = field(default_factory=dict)
    charged: Mapping[str, float] = field(default_factory=dict)
    charged_between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    traced: Sequence[Step] = ()  # further steps that the page's strip shows
    shown: Any = None  # a step, or a value, with what the page shows beyond figures


def measure(plan_of: Callable[[Any, int], Plan], design: Design, seed: int = SEED) -> Measurement:
    """Run the stages that a plan names and put what they say into a Measurement. Raises what a stage raises."""
    with recording() as computed:
        plan = plan_of(design, seed)
        if _untimed.get():
            return _graded(plan)
        if _timed_anew.get():
            MEMO.forget(Timing, *plan.timed.values(), *filter(None, [plan.batches]))
        timings = {part: timing_of(step) for part, step in plan.timed.items()}
        parts_ms = {part: _reached(timing.wall_ms, plan.passing(part)) for part, timing in timings.items()}
        parts_bytes = {part: held if isinstance(held, int) else held_bytes(held) for part, held in plan.held.items()}
        return Measurement(
            quality={**plan.quality.value, **plan.more_quality},
            service_ms=sum(parts_ms.values()),
            parts_ms=parts_ms,
            batches_ms={} if plan.batches is None else {n: t.median_ms for n, t in plan.batches.value.items()},
            memory_bytes=sum(parts_bytes.values()),
            parts_bytes=parts_bytes,
            n_items=plan.n_items,
            n_keys=plan.n_keys() if callable(plan.n_keys) else plan.n_keys,
            build_s=build_seconds(*plan.built) + plan.shipped_s,
            index_build_s=_work_seconds(plan.indexed),
            shipped_s=plan.shipped_s,
            refresh_s=_job_seconds(plan),
            refresh_once_s={MEMO.records[step.key].name: own_seconds(step) for step in plan.refreshed_once},
            refresh_every_h=float(plan.refresh_every_h),
            answered=1.0 if plan.store is None else float(plan.answered()),
            ingest_h=plan.ingest_h,
            store_bytes=_store_bytes(plan),
            counts=plan.counts,
            charged=plan.charged,
            charged_between=plan.charged_between,
            steps=trace(computed, plan.quality, *plan.timed.values(), *plan.traced),
            noise=_noise(timings.values()),
            interrupted=sum(timing.interrupted for timing in timings.values()),
            cpu_ms={part: _cpu_ms(timings[part], times) for part, times in parts_ms.items()},
            shown=plan.shown.value if isinstance(plan.shown, Step) else plan.shown,
        )


def _graded(plan: Plan) -> Measurement:
    quality = {**plan.quality.value, **plan.more_quality}
    return Measurement(quality, np.zeros(0), {}, memory_bytes=0, build_s=0.0, steps=(), n_items=plan.n_items)


def timing_of(step: Step) -> Timing:
    """The clock of a stage: its value, or the `timing` of what it hands on."""
    value = step.value
    return value if isinstance(value, Timing) else value.timing


@contextmanager
def timed_anew() -> Iterator[None]:
    """Inside the block, designs are timed again and with patience; their other stages are reused."""
    token = _timed_anew.set(True)
    try:
        with patient():
            yield
    finally:
        _timed_anew.reset(token)


@contextmanager
def untimed() -> Iterator[None]:
    """Inside the block, designs are graded and not timed: a measurement has its qualities and no times, bytes or steps.

    That is all another world is asked for, at about half the work, and the clock stays free.
    """
    token = _untimed.set(True)
    try:
        yield
    finally:
        _untimed.reset(token)


def _noise(timings: Iterable[Timing]) -> float:
    """Wall ÷ CPU over all parts, so that a part of a few microseconds does not decide it."""
    pairs = [(timing.cpu_ms * timing.noise, timing.cpu_ms) for timing in timings]
    wall_ms, cpu_ms = map(sum, zip(*pairs, strict=True))
    return wall_ms / cpu_ms if cpu_ms else 1.0


def _cpu_ms(timing: Timing, part_ms: np.ndarray) -> float:
    """CPU milliseconds of a part in the mean request: of the mean call, × the share of the calls' time in `part_ms`."""
    called = timing.wall_ms[timing.wall_ms > 0]  # a request that skips the part has 0
    return timing.cpu_ms * float(part_ms.mean() / called.mean()) if len(called) else 0.0


def _reached(wall_ms: np.ndarray, reached: np.ndarray | None) -> np.ndarray:
    return wall_ms if reached is None else wall_ms * reached


def _job_seconds(plan: Plan) -> float:
    """CPU seconds of one run of the job."""
    work_s = _work_seconds(plan.refreshed)
    return work_s + (plan.refresh_s() if callable(plan.refresh_s) else plan.refresh_s)


def _work_seconds(steps: Sequence[Step]) -> float:
    """CPU seconds of the steps' own work; steps that no figure needed are run for it."""
    for step in steps:
        held_bytes(step)
    return own_seconds(*steps)


def _store_bytes(plan: Plan) -> int:
    if plan.store_bytes is not None:
        return plan.store_bytes
    return 0 if plan.store is None else held_bytes(plan.store)
