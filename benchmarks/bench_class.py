"""A class at once over websockets, on a server of its own: `python -m benchmarks.bench_class --students 30`.

Prints one JSON object; what happens meanwhile goes to stderr. Students join by the class's link, turn knobs among
designs that this server has measured, with a share that it has not, and submit now and then; one wall is open.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any
from urllib.parse import urlencode

import numpy as np

from benchmarks.class_report import fresh_waits, moves_and_submissions, wall_lags
from benchmarks.presenter import Presenter
from benchmarks.report import at_end, errors, memory, print_measured, waits_by_kind
from benchmarks.server_process import Server
from benchmarks.students import Student
from benchmarks.tally import MOVES, Tally
from benchmarks.visitors import Known, Visitor
from benchmarks.window import IDLE_S, Samples, during, say, stop
from core.catalog import BY_SLUG
from core.classroom.lesson import Lesson
from core.classroom.store import Store
from core.contract.case import SEED
from core.contract.design import to_query
from core.serving.requirement_text import LIMITS

LAST_S = 15.0  # for the wall to show what was submitted last


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120, help="of the measured window")
    parser.add_argument("--case", choices=sorted(BY_SLUG), default="visual_search")
    parser.add_argument("--fresh", type=float, default=0.2, help="share of moves to designs never measured here")
    parser.add_argument("--submit", type=float, default=0.3, help="share of moves after which the design is submitted")
    parser.add_argument("--think", type=float, default=3, help="mean seconds between two moves, exponential")
    parser.add_argument("--designs", type=int, default=6, help="measured before the window")
    parser.add_argument("--patience", type=float, default=300, help="seconds after which a wait counts as an error")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(words)


def main() -> None:
    """Run and print."""
    print_measured(measured, arguments())


def measured(server: Server, asked: argparse.Namespace) -> dict[str, Any]:
    """What the class waited for and what the server used, on a server that nobody has visited."""
    say(f"starting a server on port {server.port}")
    server.wait_until_healthy()
    server.wait_until_idle(IDLE_S)
    known, tally = Known(), Tally()
    say(f"measuring {asked.designs} designs of {asked.case}")
    asyncio.run(warm(server, asked, known, tally))
    server.wait_until_idle(IDLE_S)
    return asyncio.run(window(server, asked, known, Tally(errors=tally.errors)))


async def warm(server: Server, asked: argparse.Namespace, known: Known, tally: Tally) -> None:
    """Let the server measure designs on a walk from where the class starts."""
    case, random = BY_SLUG[asked.case], np.random.default_rng(asked.seed)
    start = urlencode(to_query(case.baseline, SEED))
    first = Visitor(0, server.port, case, 1.0, known, tally, random, 0, asked.patience, start)
    await first.stay(most_moves=asked.designs - 1)


@dataclass(frozen=True)
class Held:
    """A class that is open, with its wall."""

    store: Store
    lesson: Lesson
    code: str
    presenter: Presenter

    async def lags_s(self) -> list[float]:
        """The lags of the wall, once it shows what was submitted last or has had its time for that."""
        until = time.perf_counter() + LAST_S
        while True:
            entries = self.store.entries(self.code)
            lags_s = self.presenter.lags_s(self.lesson, entries)
            if len(lags_s) == len(entries) or time.perf_counter() > until:
                return lags_s
            await asyncio.sleep(1)


@asynccontextmanager
async def opened(server: Server, asked: argparse.Namespace, tally: Tally) -> AsyncIterator[Held]:
    """A class with its clock running and its wall drawn, inside the block."""
    store, lesson = Store(server.classes), lesson_of(asked)
    code, secret = store.open(lesson)
    store.run_clock(code, lesson.minutes)
    presenter = Presenter(server.port, code, secret, tally)
    watching = asyncio.create_task(presenter.watch())
    try:
        await asyncio.wait_for(presenter.until_open(), asked.patience)
        yield Held(store, lesson, code, presenter)
    finally:
        await stop([watching])
        store.close()


async def window(server: Server, asked: argparse.Namespace, known: Known, tally: Tally) -> dict[str, Any]:
    """The measured window: everybody joins and works while the wall is open; then what happened."""
    samples = Samples()
    async with opened(server, asked, tally) as held:
        ends = time.perf_counter() + asked.seconds
        coming = (student(number, server, asked, known, tally, held.code) for number in range(asked.students))
        seen = await during(server, tally, samples, [one.attend(ends) for one in coming], asked.seconds)
        lags_s, n_joined = await held.lags_s(), len(held.store.students(held.code))
        entries = held.store.entries(held.code)
    for entry in entries[len(lags_s) :]:
        tally.error("not on the wall", f"{entry.nickname}: {entry.submission.differs}")
    return {
        "students": asked.students, "seconds": round(seen.seconds), "case": asked.case, "think_s": asked.think,
        "fresh_share": asked.fresh, "submit_share": asked.submit, "seed": asked.seed,
        "joins": n_joined, "moves": len(tally.of(*MOVES)), "submissions": len(entries),
        **moves_and_submissions(tally, seen),
        **wall_lags(lags_s),
        **fresh_waits(tally, seen),
        "by_kind": waits_by_kind(tally),
        "polls": tally.polls,
        **errors(tally),
        **memory(samples, seen.after),
        **at_end(seen),
    }  # fmt: skip


def lesson_of(asked: argparse.Namespace) -> Lesson:
    """What the form has before anything is chosen: from the baseline, under the case's own SLO, with a clock."""
    case, minutes = BY_SLUG[asked.case], ceil(asked.seconds / 60) + 1
    own = {name: getattr(case.requirements, name) for name in LIMITS}
    start = to_query(case.baseline, SEED)
    return Lesson(case=case.slug, start=start, requirements=own, goal=case.qualities[0].key, minutes=minutes)


def student(number: int, server: Server, asked: argparse.Namespace, known: Known, tally: Tally, code: str) -> Student:
    """One of the class."""
    random = np.random.default_rng([asked.seed, number])
    return Student(number, server.port, BY_SLUG[asked.case], asked.fresh, known, tally, random, asked.think,
                   asked.patience, code=code, submit_share=asked.submit)  # fmt: skip


if __name__ == "__main__":
    main()
