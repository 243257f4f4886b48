"""Calls that a worker is sent, and the way they take from where they are asked for.

Analysis says `there(function, …)` and does not know where that runs: in this process, or in the line before the
workers, on behalf of a visitor, where a page has begun the work `by` that way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from core.contract.case import Case, Measurement
from core.contract.design import Design
from core.runtime.channel import Cancelled
from core.runtime.fair_queue import QUEUE, FairQueue
from core.runtime.measuring import timed_anew, untimed
from core.runtime.ticket import Rank, Ticket
from core.runtime.timing import BUSY, machine_noise

POLL_S = 0.1
Progress = Callable[[float, str], None]
Way = Callable[..., Any]  # (function, *arguments, same, progress, cancelled) → the function's value


def directly(
    function: Callable[..., Any], *arguments: Any, same: Hashable = None, progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Any:  # fmt: skip
    """Call a function in this thread; one that is given `progress` is given `cancelled` too."""
    if progress is None:
        return function(*arguments)
    return function(*arguments, progress=progress, cancelled=cancelled or (lambda: False))


_way: ContextVar[Way] = ContextVar("way", default=directly)


def there(function: Callable[..., Any], *arguments: Any, **talk: Any) -> Any:
    """The value of a function called wherever such calls go from here. Raises what it raises."""
    return _way.get()(function, *arguments, **talk)


@contextmanager
def by(way: Way) -> Iterator[None]:
    """Inside the block, calls go this way."""
    token = _way.set(way)
    try:
        yield
    finally:
        _way.reset(token)


def in_line(visitor: str, rank: Rank, stopped: Callable[[], bool], queue: FairQueue = QUEUE) -> Way:
    """The way through the line before the workers, for one visitor; gives up within POLL_S once `stopped()`."""

    def way(
        function: Callable[..., Any], *arguments: Any, same: Hashable = None, progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Any:  # fmt: skip
        ticket = submit(queue, visitor, rank, function, *arguments, same=same, talks=progress is not None)
        try:
            while not ticket.done_within(POLL_S):
                said = ticket.channel.said() if progress is not None else None
                if said is not None:
                    progress(*said)
                if stopped() or (cancelled is not None and cancelled()):
                    raise Cancelled("cancelled")
        finally:
            queue.leave(ticket, visitor)
        return ticket.future.result()

    return way


def submit(
    queue: FairQueue, visitor: str, rank: Rank, function: Callable[..., Any], *arguments: Any,
    same: Hashable = None, talks: bool = False,
) -> Ticket:  # fmt: skip
    """Put a call into the line; the same one on the same arguments is made once for all who ask for it.

    Calls whose arguments have no hash are the same where `same` is.
    """
    named = tuple(one.slug if isinstance(one, Case) else one for one in arguments)
    name = f"{function.__module__}.{function.__qualname__}"
    slugs = (one.slug for one in arguments if isinstance(one, Case))
    key = (name, same or (named if _hashable(named) else object()))
    return queue.submit(visitor, rank, key, function, *arguments, kind=(name, *slugs), talks=talks)


def _hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


# What workers are sent for a design.


def run_design(case: Case, design: Design, seed: int) -> Measurement:
    """A design measured. Raises what the case raises."""
    return case.run(design, seed=seed)


def run_anew(case: Case, design: Design, seed: int) -> Measurement:
    """A design timed anew, its other stages reused. Raises what the case raises."""
    with timed_anew():
        return case.run(design, seed=seed)


def run_if_quiet(case: Case, design: Design, seed: int) -> Measurement | None:
    """A design timed anew if the machine is quiet at this moment, else None. Raises what the case raises."""
    return run_anew(case, design, seed) if machine_noise() <= BUSY else None


def run_untimed(case: Case, design: Design, seed: int) -> Measurement:
    """A design graded and not timed. Raises what the case raises."""
    with untimed():
        return case.run(design, seed=seed)
