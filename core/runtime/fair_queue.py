"""The line before the workers: visitors in turns, one call for all who ask the same, a place and a wait to be told.

A call is taken by its rank first: a visitor's own design before sweeps, those before checks, worlds and recordings.
Within a rank the visitor whose last call was taken longest ago is next, so nobody's many calls keep another waiting.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import BrokenExecutor, Future
from functools import cached_property
from pathlib import Path
from typing import Any

import cachetools

from core.runtime.channel import Cancelled, Channel
from core.runtime.ticket import Place, QueueFull, Rank, Ticket, WorkerDied
from core.runtime.workers import Workers, in_process

MOST_WAITING = 1_000
MOST_EACH = 40  # calls of one visitor that wait at once
USUAL_S = 2.0  # what a call takes of which nothing is known yet
LEARNED = 0.3  # weight of the latest call in what a kind of call takes
STUCK_S = 30.0  # after which the worker of a call that was given up is ended
LONG_S = 60.0  # a wait after which a call goes before those of visitors who came later
TRIES = 2  # of a call whose worker died
DIED = "The process that measured this was ended, twice. It may need more memory than there is."
MOST_KNOWN = 2_000  # visitors, and kinds of calls


class FairQueue:
    """Calls of all visitors before the workers of this process; thread-safe."""

    def __init__(self, workers: Workers | None = None) -> None:
        self.workers = workers or in_process()
        self._lock = threading.RLock()
        self._numbers = itertools.count()
        self._waiting: list[Ticket] = []
        self._running: list[Ticket] = []
        self._taken_s: cachetools.LRUCache[str, float] = cachetools.LRUCache(MOST_KNOWN)  # visitor → last call taken
        self._usual_s: cachetools.LRUCache[Hashable, float] = cachetools.LRUCache(MOST_KNOWN)

    def submit(
        self, visitor: str, rank: Rank, key: Hashable, function: Callable[..., Any], *arguments: Any,
        kind: Hashable = None, talks: bool = False,
    ) -> Ticket:  # fmt: skip
        """Put a call into the line, or join the one that has this key and is not done.

        Raises QueueFull where this visitor, or all together, have too much waiting.
        """
        with self._lock:
            joined = (one for one in (*self._running, *self._waiting) if one.key == key and not one.given_up)
            ticket = next(joined, None)
            if ticket is None:
                self._refuse_where_full(visitor)
                number = next(self._numbers)
                ticket = Ticket(key, kind or function.__qualname__, rank, number, self._channel(number),
                                function, arguments, talks)  # fmt: skip
                self._waiting.append(ticket)
            ticket.rank = min(ticket.rank, rank)
            ticket.visitors[visitor] += 1
            if ticket.rank == Rank.DESIGN and ticket.waiting:
                self._make_way()
        self._take()
        return ticket

    def leave(self, ticket: Ticket, visitor: str) -> None:
        """Wait no longer: a call that nobody waits for leaves the line, and stops before its next stage if it runs."""
        with self._lock:
            ticket.visitors[visitor] -= 1
            ticket.visitors += Counter()  # drops who has left
            if ticket.visitors or ticket.future.done():
                return
            ticket.given_up_s = time.monotonic()
            if ticket in self._waiting:
                self._waiting.remove(ticket)
                ticket.future.set_exception(Cancelled("cancelled"))
            else:
                ticket.channel.stop()

    def place(self, ticket: Ticket) -> Place:
        """Where a call stands: what is taken before it, and how long that takes by what such calls took here."""
        with self._lock:
            if not ticket.waiting:
                return Place(0, 0.0)
            self._end_stuck()
            now_s = time.monotonic()
            before = [one for one in self._waiting if self._order(one) < self._order(ticket)]
            left_s = [max(0.0, self.usual_s(one) - (now_s - (one.began_s or now_s))) for one in self._running]
            ahead_s = sum(map(self.usual_s, before)) + sum(left_s)
            return Place(len(before) + len(self._running), ahead_s / self.workers.n)

    def usual_s(self, ticket: Ticket) -> float:
        """Seconds that calls of this kind take here."""
        return self._usual_s.get(ticket.kind, USUAL_S)

    def n_waiting(self) -> int:
        """How many calls wait."""
        return len(self._waiting)

    def n_before(self, rank: Rank) -> int:
        """How many calls wait or run that go before those of this rank."""
        with self._lock:
            return sum(one.rank < rank for one in (*self._waiting, *self._running))

    def use(self, workers: Workers) -> None:
        """Let other workers take the calls from now on."""
        with self._lock:
            before, self.workers = self.workers, workers
        before.shutdown()  # without the lock, which the calls that it ends need

    @cached_property
    def _folder(self) -> Path:
        folder = tempfile.mkdtemp(prefix="kneepoint-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def _channel(self, number: int) -> Channel:
        return Channel(str(self._folder / str(number)))

    def _refuse_where_full(self, visitor: str) -> None:
        own = sum(visitor in one.visitors for one in self._waiting)
        if own >= MOST_EACH:
            raise QueueFull(f"You have {own} measurements waiting already. Let some finish, or cancel them.")
        if len(self._waiting) >= MOST_WAITING:
            raise QueueFull(f"{len(self._waiting)} measurements wait on this server already. Try again in a minute.")

    def _end_stuck(self) -> None:
        """End the worker of a call that nobody waits for and that has long not come to its next stage."""
        for one in self._running:
            if one.given_up_s is not None and time.monotonic() - one.given_up_s > STUCK_S:
                one.channel.kill()

    def _make_way(self) -> None:
        """Where every worker is busy, put one call back that no visitor waits for; what it remembered is not lost."""
        behind = [one for one in self._running if one.rank >= Rank.WORLD and not one.given_up and not one.put_back]
        if behind and len(self._running) >= self.workers.n:
            behind[0].put_back = True
            behind[0].channel.stop()

    def _order(self, ticket: Ticket) -> tuple[Rank, float, int]:
        """What is made again and what has waited long come first in their rank: new visitors cannot keep them out."""
        if ticket.alone or time.monotonic() - ticket.asked_s > LONG_S:
            return ticket.rank, -1.0, ticket.number
        return ticket.rank, min(self._taken_s.get(one, 0.0) for one in ticket.visitors), ticket.number

    def _take(self) -> None:
        """Hand calls to workers that have none."""
        while True:
            with self._lock:
                if not self._waiting or len(self._running) >= self.workers.n:
                    return
                ticket = min(self._waiting, key=self._order)
                if self._running and any(one.alone for one in (ticket, *self._running)):
                    return
                self._waiting.remove(ticket)
                self._running.append(ticket)
                ticket.began_s = time.monotonic()
                self._taken_s.update(dict.fromkeys(ticket.visitors, ticket.began_s))
                self._send(ticket)

    def _send(self, ticket: Ticket) -> None:
        ticket.tries += 1
        try:
            sent = self.workers.submit(ticket.channel, ticket.function, ticket.arguments, ticket.talks)
        except Exception as error:  # it died between two calls, is shut down, or no process can be begun
            sent = Future()
            sent.set_exception(error)
            self._end(ticket, sent, self.workers.executor)
            return
        executor = self.workers.executor
        sent.add_done_callback(lambda done: self._came_back(ticket, done, executor))

    def _came_back(self, ticket: Ticket, sent: Future, executor: Any) -> None:
        self._end(ticket, sent, executor)
        self._take()

    def _end(self, ticket: Ticket, sent: Future, executor: Any) -> None:
        """Tell what came of a call, or make it again."""
        error = Cancelled("cancelled") if sent.cancelled() else sent.exception()
        with self._lock:
            if isinstance(error, BrokenExecutor):
                self.workers.renew(executor)
                error = WorkerDied(DIED)
            self._running.remove(ticket)
            if error is None and ticket.began_s is not None:
                self._learn(ticket.kind, time.monotonic() - ticket.began_s)
            again = not ticket.given_up and (
                (isinstance(error, Cancelled) and ticket.put_back)
                or (isinstance(error, WorkerDied) and ticket.tries < TRIES)
            )
            if again:
                self._wait_again(ticket, alone=isinstance(error, WorkerDied))
        if not again:
            ticket.channel.close()
            ticket.future.set_result(sent.result()) if error is None else ticket.future.set_exception(error)

    def _wait_again(self, ticket: Ticket, alone: bool) -> None:
        ticket.channel.close()
        ticket.tries = ticket.tries if alone else 0
        ticket.put_back, ticket.began_s, ticket.alone = False, None, alone
        self._waiting.append(ticket)

    def _learn(self, kind: Hashable, took_s: float) -> None:
        known_s = self._usual_s.get(kind, took_s)
        self._usual_s[kind] = known_s + LEARNED * (took_s - known_s)


QUEUE = FairQueue()
