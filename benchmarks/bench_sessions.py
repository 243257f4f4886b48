"""Visitors at once over websockets, on a server of its own: `python -m benchmarks.bench_sessions --sessions 30`.

Prints one JSON object; what happens meanwhile goes to stderr. Modes: `remembered` moves among designs that this server
has measured before, `fresh` among designs that nobody has measured or recorded, `mixed` makes every fifth move fresh.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.server_process import Server, Usage, serving
from benchmarks.visitors import FRESH, MIXED, MOVES, ON_PAGE, REMEMBERED, Known, Tally, Visitor
from core.catalog import BY_SLUG, CASES
from core.contract.case import Case
from core.runtime.timing import environment

IN_LOG = "in the log"
SAMPLED_S = 10.0
SETTLED_S = 600.0  # memory is said to grow from here on
IDLE_S = 60.0  # at most so long is waited for what a server does by itself


@dataclass
class Samples:
    """The use of the server over time, and how many of its child processes were killed."""

    at_s: list[float] = field(default_factory=list)
    usage: list[Usage] = field(default_factory=list)
    killed: int = 0


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120, help="of the measured window")
    parser.add_argument("--mode", choices=(REMEMBERED, FRESH, MIXED), default=REMEMBERED)
    parser.add_argument("--case", choices=sorted(BY_SLUG), help="all visitors on this page; without it on all in turn")
    parser.add_argument("--think", type=float, default=3, help="mean seconds between two moves, exponential")
    parser.add_argument("--designs", type=int, default=4, help="per case, measured before a window of remembered moves")
    parser.add_argument("--patience", type=float, default=300, help="seconds after which a wait counts as an error")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="in place of --seconds; visitors come and go")
    parser.add_argument("--stay", type=float, default=120, help="mean seconds of a visit, in a soak")
    parser.add_argument("--kill-worker-every", type=float, metavar="SECONDS", help="SIGKILL to a child of the server")
    return parser.parse_args(words)


def main() -> None:
    """Run and print."""
    asked = arguments()
    with serving() as server:
        told = measured(server, asked)
        if told["errors"]:
            say(f"the end of the server's log:\n{server.log_end()}")
    print(json.dumps(told, indent=1))


def measured(server: Server, asked: argparse.Namespace) -> dict[str, Any]:
    """What the visitors waited for and what the server used, on a server that nobody has visited."""
    say(f"starting a server on port {server.port}")
    server.wait_until_healthy()
    server.wait_until_idle(IDLE_S)
    known, tally = Known(), Tally()
    if asked.mode != FRESH:
        asyncio.run(warm(server, asked, known, tally))
        server.wait_until_idle(IDLE_S)
    return asyncio.run(window(server, asked, known, Tally(errors=tally.errors)))


async def warm(server: Server, asked: argparse.Namespace, known: Known, tally: Tally) -> None:
    """Let the server measure the designs that visitors will move among."""
    for number, case in enumerate(cases(asked)):
        say(f"measuring {asked.designs} designs of {case.slug}")
        random = np.random.default_rng([asked.seed, 1_000_000 + number])
        visitor = Visitor(number, server.port, case, FRESH, known, tally, random, 0, asked.patience)
        await visitor.stay(most_moves=asked.designs - 1)


def cases(asked: argparse.Namespace) -> list[Case]:
    """The cases whose pages are visited."""
    everywhere = CASES if asked.soak else CASES[: asked.sessions]
    return [BY_SLUG[asked.case]] if asked.case else list(everywhere)


async def window(server: Server, asked: argparse.Namespace, known: Known, tally: Tally) -> dict[str, Any]:
    """The measured window: every visitor at once, then what happened."""
    seconds = 60 * asked.soak if asked.soak else asked.seconds
    samples, load_before = Samples(), os.getloadavg()[0]
    before, client_before, began = server.usage(), time.process_time(), time.perf_counter()
    ends = began + seconds
    beside = [watch(server, tally, samples, began)]
    beside += [kill_workers(server, asked.kill_worker_every, samples)] if asked.kill_worker_every else []
    visitors = [visits(number, server, asked, known, tally, ends) for number in range(asked.sessions)]
    tasks = [asyncio.create_task(work) for work in (*visitors, *beside)]
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    now, after, client_s = time.perf_counter(), server.usage(), time.process_time() - client_before
    waiting_s = [now - since for since in tally.since.values()]
    for task in tasks:
        task.cancel()
    for failed in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(failed, Exception):
            raise failed
    on_pages = sum(n for (kind, _), n in tally.errors.items() if kind == ON_PAGE)
    if unseen := max(0, server.tracebacks() - on_pages):
        tally.errors[IN_LOG, "a traceback that no page showed"] = unseen
    return {
        "sessions": asked.sessions, "seconds": round(now - began), "mode": asked.mode, "think_s": asked.think,
        "seed": asked.seed, "cases": [case.slug for case in cases(asked)],
        **waits(tally, asked.mode),
        **used(tally, before, after, client_s),
        "polls": tally.polls,
        "errors": tally.errors.total(), "errors_by_kind": by_kind(tally),
        "error_texts": [text for (_, text), _ in tally.errors.most_common(5)],
        "sessions_that_moved": len({one.visitor for one in tally.waited if one.kind in MOVES}),
        "waiting_at_end": len(waiting_s),
        "waiting_longest_s": round(max(waiting_s, default=0), 1),
        **memory(samples, after),
        "machine": environment(),
        "load_average_before": round(load_before, 1), "load_average_after": round(os.getloadavg()[0], 1),
    }  # fmt: skip


async def visits(
    number: int, server: Server, asked: argparse.Namespace, known: Known, tally: Tally, ends: float
) -> None:
    """One seat in the room: a visitor who stays, or in a soak one after the other."""
    random, shown = np.random.default_rng([asked.seed, number]), cases(asked)
    for visit in itertools.count():
        await asyncio.sleep(random.uniform(0, asked.think))  # thirty people do not click in the same millisecond
        case = shown[(number + visit) % len(shown)]
        visitor = Visitor(number, server.port, case, asked.mode, known, tally, random, asked.think, asked.patience)
        await visitor.stay(time.perf_counter() + random.exponential(asked.stay) if asked.soak else ends)


async def watch(server: Server, tally: Tally, samples: Samples, began: float) -> None:
    """Sample what the server uses, and say how it goes."""
    while True:
        await asyncio.sleep(SAMPLED_S)
        samples.at_s.append(time.perf_counter() - began)
        samples.usage.append(use := server.usage())
        say(
            f"{samples.at_s[-1]:.0f} s: {sum(one.kind == 'first_page' for one in tally.waited)} first pages, "
            f"{len(moves_of(tally))} moves, {len(tally.since)} waiting, "
            f"{tally.errors.total()} errors, server {use.rss_mb:.0f} MB, children {use.worker_rss_mb:.0f} MB"
        )


async def kill_workers(server: Server, every_s: float, samples: Samples) -> None:
    """Kill a child process of the server now and then."""
    while True:
        await asyncio.sleep(every_s)
        killed = server.kill_worker()
        samples.killed += killed
        say("killed a worker" if killed else "there is no worker to kill")


def moves_of(tally: Tally) -> list[float]:
    """The milliseconds of every move."""
    return [one.ms for one in tally.waited if one.kind in MOVES]


def waits(tally: Tally, mode: str) -> dict[str, Any]:
    """The waits by kind; at the top those of the moves that the mode is about."""
    kinds = {
        kind: [one.ms for one in tally.waited if one.kind == kind] for kind in sorted({w.kind for w in tally.waited})
    }
    about = moves_of(tally) if mode == MIXED else kinds.get(mode, [])
    moved = [one.n_bytes for one in tally.waited if one.kind in MOVES]
    slugs = sorted({one.case for one in tally.waited})
    by_case = {slug: [w.ms for w in tally.waited if w.case == slug and w.kind in MOVES] for slug in slugs}
    return {
        "moves": len(about), "p50_ms": percentile(about, 50), "p95_ms": percentile(about, 95),
        "first_page_p95_ms": percentile(kinds.get("first_page", []), 95),
        "first_page_finished_p95_ms": percentile(kinds.get("first_page_finished", []), 95),
        "bytes_per_move": round(float(np.mean(moved))) if moved else None,
        "by_kind": {kind: told(waited_ms) for kind, waited_ms in kinds.items()},
        "by_case": {slug: told(waited_ms) for slug, waited_ms in by_case.items()},
    }  # fmt: skip


def told(waited_ms: Sequence[float]) -> dict[str, Any]:
    """How many waits and how long they were."""
    return {"n": len(waited_ms), "p50_ms": percentile(waited_ms, 50), "p95_ms": percentile(waited_ms, 95),
            "slowest_ms": percentile(waited_ms, 100)}  # fmt: skip


def percentile(values: Sequence[float], rank: float) -> float | None:
    """A percentile, rounded; None without values."""
    return round(float(np.percentile(values, rank)), 1) if values else None


def used(tally: Tally, before: Usage, after: Usage, client_s: float) -> dict[str, Any]:
    """CPU milliseconds of the window per move or first page that was finished in it."""
    n = len(moves_of(tally)) + sum(one.kind == "first_page_finished" for one in tally.waited)
    spent_s = {
        "cpu_ms_per_move": after.cpu_s - before.cpu_s,
        "worker_cpu_ms_per_move": after.worker_cpu_s - before.worker_cpu_s,
        "client_cpu_ms_per_move": client_s,
    }
    return {name: round(1e3 * seconds / n, 1) if n else None for name, seconds in spent_s.items()}


def by_kind(tally: Tally) -> dict[str, int]:
    """How many errors of each kind."""
    kinds = sorted({kind for kind, _ in tally.errors})
    return {kind: sum(n for (name, _), n in tally.errors.items() if name == kind) for kind in kinds}


def memory(samples: Samples, last: Usage) -> dict[str, Any]:
    """Memory at the end, at most, and its growth after the first ten minutes: first to last fifth of what follows."""
    usage = [*samples.usage, last]
    later = [
        one.rss_mb + one.worker_rss_mb for at, one in zip(samples.at_s, samples.usage, strict=True) if at > SETTLED_S
    ]
    fifth = len(later) // 5
    grown = float(np.mean(later[-fifth:]) - np.mean(later[:fifth])) if fifth else None
    return {
        "rss_mb": round(last.rss_mb), "worker_rss_mb": round(last.worker_rss_mb),
        "rss_most_mb": round(max(one.rss_mb for one in usage)),
        "both_most_mb": round(max(one.rss_mb + one.worker_rss_mb for one in usage)),
        "growth_after_ten_minutes_mb": None if grown is None else round(grown, 1),
        "workers_killed": samples.killed,
    }  # fmt: skip


def say(words: str) -> None:
    """A line for whoever watches."""
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
