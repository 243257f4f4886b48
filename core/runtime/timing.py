"""The only clock: one measurement at a time, every sample kept, and the disturbance by other processes."""

from __future__ import annotations

import gc
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata

import numpy as np

BUSY = 1.25  # wall ÷ CPU above which other processes disturbed the measurement
# wall ÷ CPU above which nothing that rests on times is claimed. With twenty processes waiting for two cores, designs
# read at 3 to 13 kept their CPU time within 6 % and their replicas, once interruptions are taken out. Beyond 20, where
# this process has a twentieth of a core, it was not tried whether a call that goes on with cold caches does as well.
TOO_BUSY = 20.0
BUDGET_S = 0.6  # no more repeats after this time, so that a slider stays responsive
ATTEMPTS = 3
FINE_CPU_CLOCK = time.get_clock_info("thread_time").resolution <= 1e-5  # 16 ms on Windows: nothing about single calls
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Timing:
    """Wall times of all calls without the interruptions by other processes, and the disturbance of the clock.

    A call whose own wall ÷ CPU is above BUSY was interrupted: another process had the processor, which is no work of
    this design. It counts with its CPU time, since leaving it out would leave out the long calls, which are hit most.
    Calls are work: none of them waits by itself, for a network or a lock.
    """

    wall_ms: np.ndarray  # (n,)
    cpu_ms: float  # mean CPU milliseconds per call
    noise: float  # wall ÷ CPU over the whole run, interruptions included; 1 is a quiet machine
    attempts: int
    interrupted: int = 0  # calls that count with their CPU time

    @property
    def median_ms(self) -> float:
        """The median wall time, the figure least affected by other processes."""
        return float(np.median(self.wall_ms))


def time_each(call: Callable[[int], object], n: int, warmup: int = 20, attempts: int = ATTEMPTS) -> Timing:
    """Time `call(0) … call(n - 1)` one by one, alone in the process; up to three attempts while disturbed.

    Calls that change what they work on have one attempt and no warm-up.
    Raises ValueError for n < 1, and whatever `call` raises.
    """
    if n < 1:
        raise ValueError("nothing to time: n must be at least 1")
    with quiet():
        for i in range(min(warmup, n)):
            call(i)
        best, started = _once(call, n, 1), time.perf_counter()
        for attempt in range(2, attempts + 1):
            again_s = max(best.wall_ms.sum(), n * best.cpu_ms * best.noise) / 1e3  # with the interruptions
            if best.noise <= BUSY or time.perf_counter() - started + again_s > BUDGET_S:
                break
            best = min(best, _once(call, n, attempt), key=lambda timing: timing.noise)
    return best


def time_batches(call: Callable[[int], object], sizes: Sequence[int], repeats: int = 5) -> dict[int, Timing]:
    """Time `call(size)` for each batch size, sizes in turn so that a slow spell affects all of them."""
    sizes = list(sizes)
    timed = time_each(lambda i: call(sizes[i % len(sizes)]), repeats * len(sizes), warmup=len(sizes))
    return {size: replace(timed, wall_ms=timed.wall_ms[i :: len(sizes)]) for i, size in enumerate(sizes)}


def _once(call: Callable[[int], object], n: int, attempt: int) -> Timing:
    wall_ms, cpu_ms = np.empty(n), np.empty(n)
    cpu, started = time.thread_time(), time.perf_counter()
    for i in range(n):
        own, before = time.thread_time_ns(), time.perf_counter_ns()  # wall inside, CPU outside: CPU is never short
        call(i)
        wall_ms[i] = (time.perf_counter_ns() - before) / 1e6
        cpu_ms[i] = (time.thread_time_ns() - own) / 1e6
    cpu, wall = time.thread_time() - cpu, time.perf_counter() - started
    noise = max(1.0, wall / max(cpu, 1e-9))
    if not FINE_CPU_CLOCK:
        return Timing(wall_ms, 1e3 * cpu / n, noise, attempt)
    interrupted = (wall_ms > BUSY * cpu_ms) & (cpu_ms > 0)
    own_ms = np.where(interrupted, cpu_ms, wall_ms)
    return Timing(own_ms, float(cpu_ms.mean()), noise, attempt, int(interrupted.sum()))


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
