"""Visitors at once over websockets, on a server of its own: `python -m benchmarks.bench_sessions --sessions 30`.

Prints one JSON object; what happens meanwhile goes to stderr. Modes: `remembered` moves among designs that this server
has measured before, `fresh` among designs that nobody has measured or recorded, `mixed` makes every fifth move fresh.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.report import at_end, errors, memory, percentile, print_measured, told, used, waits_by_kind
from benchmarks.server_process import Server
from benchmarks.tally import FRESH, MOVES, REMEMBERED, Tally
from benchmarks.visitors import Known, Visitor
from benchmarks.window import IDLE_S, Samples, during, say
from core.catalog import BY_SLUG, CASES
from core.contract.case import Case

MIXED = "mixed"
FRESH_SHARES = {REMEMBERED: 0.0, FRESH: 1.0, MIXED: 0.2}  # of the moves, by mode


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120, help="of the measured window")
    parser.add_argument("--mode", choices=tuple(FRESH_SHARES), default=REMEMBERED)
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
    print_measured(measured, arguments())


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
        visitor = Visitor(number, server.port, case, 1.0, known, tally, random, 0, asked.patience)
        await visitor.stay(most_moves=asked.designs - 1)


def cases(asked: argparse.Namespace) -> list[Case]:
    """The cases whose pages are visited."""
    everywhere = CASES if asked.soak else CASES[: asked.sessions]
    return [BY_SLUG[asked.case]] if asked.case else list(everywhere)


async def window(server: Server, asked: argparse.Namespace, known: Known, tally: Tally) -> dict[str, Any]:
    """The measured window: every visitor at once, then what happened."""
    seconds = 60 * asked.soak if asked.soak else asked.seconds
    samples, ends = Samples(), time.perf_counter() + seconds
    works = [visits(number, server, asked, known, tally, ends) for number in range(asked.sessions)]
    works += [kill_workers(server, asked.kill_worker_every, samples)] if asked.kill_worker_every else []
    seen = await during(server, tally, samples, works, seconds)
    return {
        "sessions": asked.sessions, "seconds": round(seen.seconds), "mode": asked.mode, "think_s": asked.think,
        "seed": asked.seed, "cases": [case.slug for case in cases(asked)],
        **waits(tally, asked.mode),
        **used(len(tally.of(*MOVES, "first_page_finished")), seen.before, seen.after, seen.client_s),
        "polls": tally.polls,
        **errors(tally),
        "sessions_that_moved": len({one.visitor for one in tally.of(*MOVES)}),
        **memory(samples, seen.after),
        **at_end(seen),
    }  # fmt: skip


async def visits(
    number: int, server: Server, asked: argparse.Namespace, known: Known, tally: Tally, ends: float
) -> None:
    """One seat in the room: a visitor who stays, or in a soak one after the other."""
    random, shown, share = np.random.default_rng([asked.seed, number]), cases(asked), FRESH_SHARES[asked.mode]
    for visit in itertools.count():
        await asyncio.sleep(random.uniform(0, asked.think))  # thirty people do not click in the same millisecond
        case = shown[(number + visit) % len(shown)]
        visitor = Visitor(number, server.port, case, share, known, tally, random, asked.think, asked.patience)
        await visitor.stay(time.perf_counter() + random.exponential(asked.stay) if asked.soak else ends)


async def kill_workers(server: Server, every_s: float, samples: Samples) -> None:
    """Kill a child process of the server now and then."""
    while True:
        await asyncio.sleep(every_s)
        killed = server.kill_worker()
        samples.killed += killed
        say("killed a worker" if killed else "there is no worker to kill")


def waits(tally: Tally, mode: str) -> dict[str, Any]:
    """The waits by kind; at the top those of the moves that the mode is about."""
    about = tally.ms(*MOVES) if mode == MIXED else tally.ms(mode)
    moved = [one.n_bytes for one in tally.of(*MOVES)]
    slugs = sorted({one.case for one in tally.waited})
    by_case = {slug: [one.ms for one in tally.of(*MOVES) if one.case == slug] for slug in slugs}
    return {
        "moves": len(about), "p50_ms": percentile(about, 50), "p95_ms": percentile(about, 95),
        "first_page_p95_ms": percentile(tally.ms("first_page"), 95),
        "first_page_finished_p95_ms": percentile(tally.ms("first_page_finished"), 95),
        "bytes_per_move": round(float(np.mean(moved))) if moved else None,
        "by_kind": waits_by_kind(tally),
        "by_case": {slug: told(waited_ms) for slug, waited_ms in by_case.items()},
    }  # fmt: skip


if __name__ == "__main__":
    main()
