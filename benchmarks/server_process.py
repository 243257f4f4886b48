"""The app on a free port in a process of its own, what it and its child processes use, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.runtime.launch import command

HEALTHY_S = 180  # a busy machine is slow, and slow is not wrong
GONE = (psutil.NoSuchProcess, psutil.ZombieProcess)
NO_WORKER = ("resource_tracker", "forkserver")  # children that keep house for the others


@dataclass(frozen=True)
class Usage:
    """What a server has used so far; a child that has ended counts with its CPU time."""

    cpu_s: float
    worker_cpu_s: float
    rss_mb: float
    worker_rss_mb: float


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: psutil.Process
    log: Path
    classes: Path  # the file that its classes are kept in
    started: float  # by time.perf_counter()

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def children(self) -> list[psutil.Process]:
        """Its child processes and theirs."""
        return self.process.children(recursive=True)

    def usage(self) -> Usage:
        """CPU seconds and resident megabytes of the server and of its children."""
        own, children = self.process.cpu_times(), self.children()
        ended_s = own.children_user + own.children_system
        return Usage(
            own.user + own.system,
            ended_s + sum(_read(child, _cpu_s) for child in children),
            self.process.memory_info().rss / 1e6,
            sum(_read(child, lambda process: process.memory_info().rss / 1e6) for child in children),
        )

    def kill_worker(self) -> bool:
        """SIGKILL to the child that holds most memory; False where there is none."""
        workers = [child for child in self.children() if not any(name in _words(child) for name in NO_WORKER)]
        if not workers:
            return False
        with suppress(*GONE):
            max(workers, key=lambda child: _read(child, lambda process: process.memory_info().rss)).kill()
        return True

    def tracebacks(self) -> int:
        """How many tracebacks stand in the server's log."""
        return self.log.read_text(errors="replace").count("Traceback (most recent call last)")

    def log_end(self) -> str:
        """The end of the server's log."""
        return self.log.read_text(errors="replace")[-5_000:]

    def wait_until_healthy(self) -> None:
        """Wait until it answers. Raises RuntimeError with the end of its log where it does not."""
        until = time.monotonic() + HEALTHY_S
        while time.monotonic() < until and self.process.status() != psutil.STATUS_ZOMBIE:
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the server did not come up: {self.log_end()}")

    def wait_until_idle(self, most_s: float) -> None:
        """Wait until the server and its children use less than a tenth of a core for two seconds."""
        until = time.monotonic() + most_s
        while time.monotonic() < until:
            before = self.usage()
            time.sleep(2)
            after = self.usage()
            if after.cpu_s + after.worker_cpu_s - before.cpu_s - before.worker_cpu_s < 0.2:
                return


@contextmanager
def serving() -> Iterator[Server]:
    """A server that ends with the block, with all its children, also where the block is interrupted or terminated."""
    handled = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the end of the block is reached
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="kneepoint-benchmark-") as folder:
        log, classes = Path(folder) / "server.log", Path(folder) / "classes.sqlite"
        options = ("--server.address", "127.0.0.1")
        # nothing of a run before, nothing left behind, and tracebacks in Python's own words
        own = {"KNEEPOINT_CACHE": folder, "KNEEPOINT_CLASSROOM": str(classes), "STREAMLIT_LOGGER_ENABLE_RICH": "false"}
        with log.open("w") as out:
            started = time.perf_counter()
            # a session of its own: Ctrl-C in the terminal reaches this process alone, which ends the server
            child = subprocess.Popen(
                [*command(port), *options], stdout=out, stderr=out, env=os.environ | own, start_new_session=True
            )
        try:
            yield Server(port, psutil.Process(child.pid), log, classes, started)
        finally:
            _end(child)
            signal.signal(signal.SIGTERM, handled)


def _end(child: subprocess.Popen) -> None:
    """End a server and whatever it started, by their ids."""
    with suppress(*GONE):
        family = psutil.Process(child.pid).children(recursive=True)
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(10)
        for process in family:
            with suppress(*GONE):
                process.kill()
    child.kill()
    child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except GONE:
        return ""


def _read(process: psutil.Process, figure: Callable[[psutil.Process], float]) -> float:
    """A figure of a process; 0 where it has ended meanwhile."""
    try:
        return figure(process)
    except GONE:
        return 0
