"""Work in a process of its own beside the server's: at the lowest priority, and held while a visitor waits.

A thread would share this process's interpreter lock with every page, and could only be stopped between two stages.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "core")
POLL_S = 0.2
_CHANGED = threading.Condition()
_children: list[subprocess.Popen] = []
_holds = 0  # blocks of `held` that have begun and not ended


def lines_of(arguments: Sequence[str], stopped: Callable[[], bool]) -> Iterator[str]:
    """The lines that `python -m core` prints under these arguments, as they come; ends early once `stopped()`.

    Raises RuntimeError where the command fails.
    """
    with tempfile.TemporaryDirectory(prefix="kneepoint-") as folder:
        path = Path(folder) / "lines"
        with open(path, "wb") as out, open(path, encoding="utf-8") as said, _child(arguments, out, stopped) as child:
            rest = ""
            while child is not None:
                ended = child.poll() is not None
                *whole, rest = (rest + said.read()).split("\n")
                yield from whole
                if ended or stopped():
                    break
                time.sleep(POLL_S)
    if child is not None and child.returncode > 0:  # below 0 it was ended by a signal
        raise RuntimeError(f"python -m core {arguments[0]} ended with {child.returncode}")


@contextmanager
def held() -> Iterator[None]:
    """Inside the block nothing runs beside the server: processes are stopped, or ended where they cannot be."""
    _hold(1)
    try:
        yield
    finally:
        _hold(-1)


def _hold(more: int) -> None:
    global _holds
    with _CHANGED:
        before, _holds = bool(_holds), _holds + more
        if bool(_holds) != before:
            for child in _children:
                _stop(child) if _holds else _go_on(child)
        _CHANGED.notify_all()


def _stop(child: subprocess.Popen) -> None:
    if hasattr(signal, "SIGSTOP"):
        child.send_signal(signal.SIGSTOP)
    else:
        child.kill()


def _go_on(child: subprocess.Popen) -> None:
    if hasattr(signal, "SIGCONT"):
        child.send_signal(signal.SIGCONT)


@contextmanager
def _child(arguments: Sequence[str], out: object, stopped: Callable[[], bool]) -> Iterator[subprocess.Popen | None]:
    """The process, begun once nothing is held and ended with the block; None where it was `stopped` before that."""
    nice = ["nice", "-n", "19"] if shutil.which("nice") else []
    command, silent = [*nice, *COMMAND, *arguments], subprocess.DEVNULL
    with _CHANGED:
        while _holds and not stopped():
            _CHANGED.wait(POLL_S)
        if stopped():
            child = None
        else:
            child = subprocess.Popen(command, stdin=silent, stdout=out, stderr=silent, cwd=ROOT)  # type: ignore[call-overload]
            _children.append(child)
    try:
        yield child
    finally:
        if child is not None:
            with _CHANGED:
                _children.remove(child)
            child.kill()
            child.wait()
