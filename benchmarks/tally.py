"""What happened to all visitors: how long each waited, what went wrong, and how often their pages polled."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from benchmarks.websocket_session import Disconnected, LostRedraw, WebsocketSession

REMEMBERED, RECORDED, FRESH = MOVES = ("remembered", "recorded", "fresh")  # what a move leads to
FAILED = "failed"  # a move that ended with an error on the page
ON_PAGE = "on the page"  # a kind of error


@dataclass(frozen=True)
class Waited:
    """One wait of a visitor: for a first page, its end, or a move."""

    visitor: int
    kind: str
    case: str
    ms: float
    n_bytes: int = 0
    ahead: int = 0  # measurements that the page said were taken before this one, at most


@dataclass
class Tally:
    """What happened to all visitors."""

    waited: list[Waited] = field(default_factory=list)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)  # by kind and text
    since: dict[int, float] = field(default_factory=dict)  # visitor → when a wait that goes on began
    polls: int = 0

    @contextmanager
    def waits(self, visitor: int) -> Iterator[None]:
        """Inside the block this visitor waits."""
        self.since[visitor] = time.perf_counter()
        try:
            yield
        finally:
            del self.since[visitor]

    @asynccontextmanager
    async def visit(self, session: WebsocketSession, where: str) -> AsyncIterator[WebsocketSession]:
        """A session that is open inside the block; what goes wrong there is counted, and ends the block."""
        try:
            async with session:
                try:
                    yield session
                finally:
                    self.polls += session.polls
                    for text in session.page.errors:
                        self.error(ON_PAGE, text)
        except Disconnected as gone:
            self.error("disconnected", str(gone))
        except LostRedraw:
            self.error("lost redraw", f"{where} stayed as it was")
        except TimeoutError:
            self.error("timeout", f"out of patience with {where}")
        except OSError as refused:
            self.error("refused", str(refused))

    def error(self, kind: str, text: str) -> None:
        """Count an error and say it."""
        self.errors[kind, text[:200]] += 1
        print(f"{kind}: {text[:200]}", file=sys.stderr, flush=True)

    def of(self, *kinds: str) -> list[Waited]:
        """The waits of these kinds."""
        return [one for one in self.waited if one.kind in kinds]

    def ms(self, *kinds: str) -> list[float]:
        """How long the waits of these kinds took."""
        return [one.ms for one in self.of(*kinds)]
