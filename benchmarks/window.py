"""The measured window: visitors at once, what the server uses meanwhile, and what happened by its end."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field

from benchmarks.server_process import Server, Usage
from benchmarks.tally import MOVES, ON_PAGE, Tally

IN_LOG = "in the log"
SAMPLED_S = 10.0
IDLE_S = 60.0  # at most so long is waited for what a server does by itself


@dataclass
class Samples:
    """The use of the server over time, and how many of its child processes were killed."""

    at_s: list[float] = field(default_factory=list)
    usage: list[Usage] = field(default_factory=list)
    killed: int = 0


@dataclass(frozen=True)
class Window:
    """What was used between the two ends of the window, and who waited at its end."""

    seconds: float
    before: Usage
    after: Usage
    client_s: float
    waiting_s: list[float]
    load_before: float
    load_after: float


async def during(
    server: Server, tally: Tally, samples: Samples, works: Iterable[Coroutine[None, None, None]], seconds: float
) -> Window:
    """Let visitors and what goes on beside them work for so long, then stop them. Raises what one of them raised."""
    load_before, before, client_before, began = _load(), server.usage(), time.process_time(), time.perf_counter()
    tasks = [asyncio.create_task(work) for work in (*works, watch(server, tally, samples, began))]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    now, after, client_s = time.perf_counter(), server.usage(), time.process_time() - client_before
    waiting_s = [now - since for since in tally.since.values()]
    await stop(tasks)
    on_pages = sum(n for (kind, _), n in tally.errors.items() if kind == ON_PAGE)
    if unseen := max(0, server.tracebacks() - on_pages):
        tally.errors[IN_LOG, "a traceback that no page showed"] = unseen
    return Window(now - began, before, after, client_s, waiting_s, load_before, _load())


async def stop(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End what still runs. Raises what one of them raised."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    for failed in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(failed, Exception):
            raise failed


async def watch(server: Server, tally: Tally, samples: Samples, began: float) -> None:
    """Sample what the server uses, and say how it goes."""
    while True:
        await asyncio.sleep(SAMPLED_S)
        samples.at_s.append(time.perf_counter() - began)
        samples.usage.append(use := server.usage())
        say(
            f"{samples.at_s[-1]:.0f} s: {len(tally.of('first_page'))} first pages, "
            f"{len(tally.of(*MOVES))} moves, {len(tally.since)} waiting, "
            f"{tally.errors.total()} errors, server {use.rss_mb:.0f} MB, children {use.worker_rss_mb:.0f} MB"
        )


def say(words: str) -> None:
    """A line for whoever watches."""
    print(words, file=sys.stderr, flush=True)


def _load() -> float:
    return os.getloadavg()[0]
