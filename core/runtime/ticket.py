"""A call in the line before the workers: whose turn it is by rank, who waits for it, and where it stands."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from core.runtime.channel import Channel


class Rank(IntEnum):
    """Whose turn comes first."""

    DESIGN = 0  # a visitor waits for it on a page
    SWEEP = 1
    CHECK = 2
    WORLD = 3
    RECORD = 4


class QueueFull(RuntimeError):
    """Raised when too much waits already."""


class WorkerDied(RuntimeError):
    """Raised when a call took its process down with it, twice."""


@dataclass(eq=False)
class Ticket:
    """One call in the line, and the visitors who wait for it."""

    key: Hashable
    kind: Hashable  # calls of a kind take about as long
    rank: Rank
    number: int
    channel: Channel
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    talks: bool = False
    visitors: Counter[str] = field(default_factory=Counter)
    future: Future = field(default_factory=Future)
    began_s: float | None = None  # when a worker took it
    tries: int = 0
    given_up_s: float | None = None  # since when nobody waits for it any more
    alone: bool = False  # its worker died while others ran: made again by itself, so that it is known whose fault it is
    asked_s: float = field(default_factory=lambda: time.monotonic())
    put_back: bool = False  # it was asked to stop for a visitor's design and begins again later

    @property
    def given_up(self) -> bool:
        """True once nobody waits for it any more."""
        return self.given_up_s is not None

    @property
    def waiting(self) -> bool:
        """True until a worker takes it."""
        return self.began_s is None and not self.future.done()

    def done_within(self, seconds: float) -> bool:
        """Wait for the value so long; True once it is there or the call has failed."""
        try:
            self.future.exception(seconds)
        except NotYet:
            return False
        return True


@dataclass(frozen=True)
class Place:
    """A place in the line: calls that are taken before, and the seconds until a worker takes this one, as expected."""

    ahead: int
    wait_s: float
