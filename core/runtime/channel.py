"""What a call in another process and the page that waits for it say to one another: progress one way, a stop the other.

Two small files in a folder that both can reach. Where the worker cannot reach it, nothing is said and the call goes on.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

LOOKED_EVERY_S = 0.1  # how often a call that asks all the time really looks

_stopped: ContextVar[Callable[[], bool]] = ContextVar("stopped", default=lambda: False)


class Cancelled(RuntimeError):
    """Raised when a measurement is cancelled."""


@dataclass(frozen=True)
class Channel:
    """The two files of one call, by the path that their names begin with."""

    path: str

    def tell(self, share: float, text: str) -> None:
        """Say how far the call is, from 0 to 1, and what it does."""
        with suppress(OSError):
            partial = Path(f"{self.path}.partial")
            partial.write_text(json.dumps([share, text]), encoding="utf-8")
            partial.replace(f"{self.path}.said")

    def said(self) -> tuple[float, str] | None:
        """What the call said last."""
        try:
            share, text = json.loads(Path(f"{self.path}.said").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return float(share), str(text)

    def begin(self) -> None:
        """Say which process makes the call."""
        with suppress(OSError):
            Path(f"{self.path}.pid").write_text(str(os.getpid()), encoding="utf-8")

    def kill(self) -> None:
        """End the process that makes the call, unless that is this one; nothing where it has not said which it is."""
        with suppress(OSError, ValueError):
            pid = int(Path(f"{self.path}.pid").read_text(encoding="utf-8"))
            if pid != os.getpid():
                os.kill(pid, signal.SIGTERM)

    def stop(self) -> None:
        """Ask the call to stop before its next stage."""
        with suppress(OSError):
            Path(f"{self.path}.stop").touch()

    def stopped(self) -> bool:
        """Whether the call was asked to stop."""
        return Path(f"{self.path}.stop").exists()

    def close(self) -> None:
        """Take the files away."""
        for end in ("said", "partial", "stop", "pid"):
            with suppress(OSError):
                Path(f"{self.path}.{end}").unlink(missing_ok=True)


@contextmanager
def stopped_by(channel: Channel) -> Iterator[Callable[[], bool]]:
    """Inside the block `stop_if_asked` listens to this channel."""
    looked_s, was = float("-inf"), False

    def stopped() -> bool:
        nonlocal looked_s, was
        if not was and time.monotonic() - looked_s > LOOKED_EVERY_S:
            looked_s, was = time.monotonic(), channel.stopped()
        return was

    token = _stopped.set(stopped)
    try:
        yield stopped
    finally:
        _stopped.reset(token)


def stop_if_asked() -> None:
    """Raise Cancelled in a call that was asked to stop; between two stages nothing is lost by it."""
    if _stopped.get()():
        raise Cancelled("cancelled")
