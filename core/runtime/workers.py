"""Where pipelines run: in this process, in processes of their own, or wherever an executor that is given takes them.

All of them are executors of `concurrent.futures`. What a worker is sent is a function and plain arguments; what comes
back is its value. The memo, the models and torch live in the worker, so the process that draws stays small.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.runtime.allocator import few_arenas, give_back
from core.runtime.channel import Channel, stopped_by
from core.runtime.warming import warm_worker

LARGE_S = 0.3  # a call that took longer has worked on much memory, some of which is free now
PARENT_S = 2.0  # between two looks whether the server is still there
# A worker that has grown by more than this since it began is ended after its call, and another takes its place.
ENVIRONMENT = {"LOKY_MAX_MEMORY_LEAK_SIZE": "600e6", "PYTHONSAFEPATH": "1"}  # see launch.command


@dataclass
class Workers:
    """An executor, how many calls it takes at once, and how another is made when its processes have died."""

    make: Callable[[], Executor]
    n: int
    end: Callable[[Executor], None] = lambda executor: executor.shutdown(wait=False)
    executor: Executor | None = None
    ended: bool = False

    def submit(self, channel: Channel, function: Callable[..., Any], arguments: tuple[Any, ...], talks: bool) -> Future:
        """Send a call; one that `talks` gets the keywords `progress` and `cancelled`. RuntimeError after `shutdown`."""
        if self.ended:
            raise RuntimeError("This server is being shut down.")
        if self.executor is None:
            self.executor = self.make()
        return self.executor.submit(perform, channel, function, arguments, talks)

    def renew(self, broken: Executor) -> None:
        """Make new processes at the next call; nothing where that was done already."""
        if self.executor is broken:
            self.executor = None
            broken.shutdown(wait=False)  # its own thread may be the one that tells

    def shutdown(self) -> None:
        """End the processes for good."""
        self.ended, executor, self.executor = True, self.executor, None
        if executor is not None:
            self.end(executor)


def perform(channel: Channel, function: Callable[..., Any], arguments: tuple[Any, ...], talks: bool) -> Any:
    """What a worker does with a call. Raises what the function raises, Cancelled where it was asked to stop."""
    channel.begin()
    began_s = time.monotonic()
    with stopped_by(channel) as stopped:
        try:
            return function(*arguments, **(dict(progress=channel.tell, cancelled=stopped) if talks else {}))
        except Exception as error:
            if _arrives(error):
                raise
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        finally:
            if time.monotonic() - began_s > LARGE_S:
                give_back()


def _arrives(error: Exception) -> bool:
    """Whether another process can make this error again; one that it cannot make breaks all workers."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever its class needs to be made
        return False
    return True


def in_process() -> Workers:
    """A thread of this process: for the command line and for tests."""
    return Workers(lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker"), 1)


def processes() -> Workers:
    """Processes of this machine: one on two cores, one fewer than cores above, each on a core of its own.

    Where a container has the time of fewer cores than it sees, or LOKY_MAX_CPU_COUNT says so, those count.
    """
    from loky import cpu_count

    cores = usable_cores()
    n = max(1, min(len(cores), cpu_count()) - 1)
    return Workers(lambda: _pool(cores[-n:]), n, lambda pool: pool.shutdown(wait=True, kill_workers=True))


def _pool(cores: list[int]) -> Executor:
    # not the standard pool: its children import the main module, which is the page while a page runs
    from loky import ProcessPoolExecutor

    taken = tempfile.mkdtemp(prefix="kneepoint-cores-")
    pool = ProcessPoolExecutor(len(cores), initializer=_begin, initargs=(taken, cores), timeout=None, env=ENVIRONMENT)
    weakref.finalize(pool, shutil.rmtree, taken, ignore_errors=True)
    return pool


def _begin(taken: str, cores: list[int]) -> None:
    """Take the first core that no other worker of this pool has taken, and import what pipelines need."""
    few_arenas()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    free = (core for core in cores if _held(os.path.join(taken, str(core))))
    if (core := next(free, None)) is not None:
        keep_to({core})
    warm_worker()


def _held(name: str) -> bool:
    """Hold a file as long as this process lives; False where another one does."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Windows, where nothing is placed
        return True
    file = os.open(name, os.O_CREAT | os.O_RDWR)  # stays open; the system closes it with the process
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except OSError:
        os.close(file)
        return False
    return True


def _end_with(parent: int) -> None:
    """End this worker once the server is gone, also where that was killed and could tell nobody."""
    while os.getppid() == parent:
        time.sleep(PARENT_S)
    os._exit(0)


def usable_cores() -> list[int]:
    """The cores that this process may use, where the system tells; else as many as there are."""
    try:
        return sorted(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        return list(range(os.cpu_count() or 1))


def keep_to(cores: set[int], thread: int = 0) -> None:
    """Run a thread, by default this one, and those that it begins on these cores from now on, where that is allowed."""
    try:
        os.sched_setaffinity(thread, cores)
    except (AttributeError, OSError):
        return


def leave_to_workers(workers: Workers) -> None:
    """Keep this process off the workers' cores, so that what is timed there has its core to itself."""
    cores = usable_cores()
    if len(cores) > workers.n:
        for thread in _threads():
            keep_to(set(cores[: -workers.n]), thread)


def _threads() -> list[int]:
    """The threads of this process, where the system tells; a core is a thread's own matter."""
    try:
        return [int(name) for name in os.listdir("/proc/self/task")]
    except OSError:
        return [0]
