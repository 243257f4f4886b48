"""The only clock: one measurement at a time, every sample kept, and the disturbance by other processes."""

from __future__ import annotations

import gc
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata

import numpy as np

BUSY = 1.25  # wall ÷ CPU above which other processes disturbed the measurement
# wall ÷ CPU above which nothing that rests on times is claimed. At 3.4 to 4.1 most readings of visual search and of ad
# click were within 15 % of one another; at 7 to 12 they took 13 to 60 % more CPU time, since others empty the caches.
TOO_BUSY = 5.0
BUDGET_S = 0.6  # no more repeats after this time, so that a slider stays responsive
QUIET_SHARE = 0.4  # of that, for repeats of what nobody disturbed
PATIENT_S = 3.0  # the same where a reader asked for a better reading
ATTEMPTS = 3
FINE_CPU_CLOCK = time.get_clock_info("thread_time").resolution <= 1e-5  # 16 ms on Windows: nothing about single calls
_LOCK = threading.Lock()
_budget_s: ContextVar[float] = ContextVar("budget_s", default=BUDGET_S)


@dataclass(frozen=True)
class Timing:
    """Wall times of all calls without the interruptions by other processes, and the disturbance of the clock.

    A call whose own wall ÷ CPU is above BUSY was interrupted: another process had the processor, which is no work of
    this design. It counts with its CPU time, since leaving it out would leave out the long calls, which are hit most.
    A call that was timed several times counts with its shortest reading: its work is the same each time, and what
    others add, by caches that they emptied, is not. With one reading on a quiet machine and three on a busy one, the
    mean moved by a quarter; with three on both by a tenth. Calls are work: none waits, for a network or a lock.
    """

    wall_ms: np.ndarray  # (n,)
    cpu_ms: float  # mean CPU milliseconds per call
    noise: float  # wall ÷ CPU over the quietest attempt, interruptions included; 1 is a quiet machine
    attempts: int
    interrupted: int = 0  # calls that count with their CPU time

    @property
    def median_ms(self) -> float:
        """The median wall time, the figure least affected by other processes."""
        return float(np.median(self.wall_ms))


def time_each(call: Callable[[int], object], n: int, warmup: int = 20, attempts: int = ATTEMPTS) -> Timing:
    """Time `call(0) … call(n - 1)` one by one, alone in the process; three attempts where the budget allows them.

    Calls that change what they work on have one attempt and no warm-up.
    Raises ValueError for n < 1, and whatever `call` raises.
    """
    if n < 1:
        raise ValueError("nothing to time: n must be at least 1")
    with quiet():
        for i in range(min(warmup, n)):
            call(i)
        made, started = [_once(call, n)], time.perf_counter()
        while len(made) < attempts:
            quietest = min(made, key=lambda attempt: attempt.noise)
            again_s = n * quietest.cpu_ms.mean() * quietest.noise / 1e3  # with the interruptions
            limit_s = _budget_s.get() * (QUIET_SHARE if quietest.noise <= BUSY else 1)
            if time.perf_counter() - started + again_s > limit_s:
                break
            made.append(_once(call, n))
    return _shortest(made)


def time_batches(call: Callable[[int], object], sizes: Sequence[int], repeats: int = 5) -> dict[int, Timing]:
    """Time `call(size)` for each batch size, sizes in turn so that a slow spell affects all of them."""
    sizes = list(sizes)
    timed = time_each(lambda i: call(sizes[i % len(sizes)]), repeats * len(sizes), warmup=len(sizes))
    return {size: replace(timed, wall_ms=timed.wall_ms[i :: len(sizes)]) for i, size in enumerate(sizes)}


@dataclass(frozen=True)
class _Attempt:
    """Wall and CPU milliseconds of all calls (n,), and wall ÷ CPU over the whole of them."""

    wall_ms: np.ndarray
    cpu_ms: np.ndarray
    noise: float


def _once(call: Callable[[int], object], n: int) -> _Attempt:
    wall_ms, cpu_ms = np.empty(n), np.empty(n)
    cpu, started = time.thread_time(), time.perf_counter()
    for i in range(n):
        own, before = time.thread_time_ns(), time.perf_counter_ns()  # wall inside, CPU outside: CPU is never short
        call(i)
        wall_ms[i] = (time.perf_counter_ns() - before) / 1e6
        cpu_ms[i] = (time.thread_time_ns() - own) / 1e6
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - started
    if not FINE_CPU_CLOCK:
        cpu_ms = np.full(n, 1e3 * cpu / n)
    return _Attempt(wall_ms, cpu_ms, max(1.0, wall / max(cpu, 1e-9)))


def _shortest(attempts: Sequence[_Attempt]) -> Timing:
    """Every call with its shortest reading; without a clock for single calls, the quietest attempt alone."""
    noise = min(attempt.noise for attempt in attempts)
    if not FINE_CPU_CLOCK:
        kept = next(attempt for attempt in attempts if attempt.noise == noise)
        return Timing(kept.wall_ms, float(kept.cpu_ms.mean()), noise, len(attempts))
    wall_ms, cpu_ms = (np.stack([getattr(attempt, name) for attempt in attempts]) for name in ("wall_ms", "cpu_ms"))
    interrupted = (wall_ms > BUSY * cpu_ms) & (cpu_ms > 0)
    own_ms = np.where(interrupted, cpu_ms, wall_ms).min(axis=0)
    return Timing(own_ms, float(cpu_ms.min(axis=0).mean()), noise, len(attempts), int(interrupted.all(axis=0).sum()))


@contextmanager
def patient() -> Iterator[None]:
    """Inside the block, disturbed calls are repeated for longer."""
    token = _budget_s.set(PATIENT_S)
    try:
        yield
    finally:
        _budget_s.reset(token)


def machine_noise(ms: float = 4.0) -> float:
    """Wall ÷ CPU of a few milliseconds of work done now: 1 on a machine that nobody else uses at the moment."""
    with _LOCK:
        cpu, started = time.thread_time(), time.perf_counter()
        while time.thread_time() - cpu < ms / 1e3:
            sum(range(1_000))
        return max(1.0, (time.perf_counter() - started) / max(time.thread_time() - cpu, 1e-9))


@contextmanager
def quiet() -> Iterator[None]:
    """Hold the process's one measuring slot, with the garbage collector off."""
    with _LOCK:
        was_enabled = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if was_enabled:
                gc.enable()


PACKAGES = ("numpy", "faiss-cpu", "scikit-learn", "lightgbm", "implicit", "torch", "onnxruntime")
PACKAGES += ("sentence-transformers", "tokenizers", "streamlit")


@cache
def environment() -> dict[str, str]:
    """The environment of a measurement: machine, threads and versions."""
    machine = {"processor": _processor(), "cores": str(os.cpu_count()), "system": platform.platform(terse=True)}
    versions = {name: metadata.version(name) for name in PACKAGES if _installed(name)}
    return {
        **machine,
        "python": platform.python_version(),
        **versions,
        "threads": os.environ.get("OMP_NUM_THREADS", "?"),
    }


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
