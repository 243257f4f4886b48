"""What other visitors do to a measurement: `python -m benchmarks.bench_neighbours`.

The default designs of two cases are measured under fresh seeds, on a server with nobody else and on another one with
visitors; the figures are those that the page exports. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import bench_sessions
from benchmarks.page_tree import Placed, state_of
from benchmarks.server_process import Server, serving
from benchmarks.tally import MOVES, Tally
from benchmarks.visitors import Known, settled
from benchmarks.websocket_session import WebsocketSession
from benchmarks.window import IDLE_S, say
from core.catalog import BY_SLUG
from core.runtime.timing import environment

SUBJECTS = ("visual_search", "ad_click")
FIGURES = ("p50_ms", "p99_ms", "cpu_ms")
FIRST_SEED = 101  # visitors are on seed 0
ALL_FIGURES = "All figures, JSON"  # the button


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument(
        "--times", type=int, default=5, help="measurements of each design, each under a seed of its own"
    )
    parser.add_argument("--cases", nargs="+", choices=sorted(BY_SLUG), default=SUBJECTS)
    asked = parser.parse_args()
    load_before, tally = os.getloadavg()[0], Tally()
    alone = measured(asked.cases, asked.times, 0, tally)
    beside = measured(asked.cases, asked.times, asked.visitors, tally)
    print(json.dumps({
        "visitors": asked.visitors,
        "cases": {slug: compared(alone[slug], beside[slug]) for slug in asked.cases},
        "moves_meanwhile": len(tally.of(*MOVES)), "errors": tally.errors.total(),
        "machine": environment(),
        "load_average_before": round(load_before, 1), "load_average_after": round(os.getloadavg()[0], 1),
    }, indent=1))  # fmt: skip


def compared(alone: Sequence[dict[str, float]], beside: Sequence[dict[str, float]]) -> dict[str, Any]:
    """The medians of both, and the median over seeds of what one is of the other."""
    ratio = {name: [busy[name] / quiet[name] for quiet, busy in zip(alone, beside, strict=True)] for name in FIGURES}
    return {
        "alone": {name: _median([one[name] for one in alone]) for name in FIGURES},
        "with_visitors": {name: _median([one[name] for one in beside]) for name in FIGURES},
        "ratio": {name: _median(ratios) for name, ratios in ratio.items()},
        "ratio_most": {name: round(max(ratios), 3) for name, ratios in ratio.items()},
    }


def _median(values: Sequence[float]) -> float:
    return round(float(np.median(values)), 4)


def measured(slugs: Sequence[str], times: int, visitors: int, tally: Tally) -> dict[str, list[dict[str, float]]]:
    """The figures of each case's default under each seed, on a new server with so many visitors."""
    asked, known = bench_sessions.arguments(["--sessions", str(visitors)]), Known()
    with serving() as server:
        server.wait_until_healthy()
        server.wait_until_idle(IDLE_S)
        asyncio.run(bench_sessions.warm(server, asked, known, tally))
        server.wait_until_idle(IDLE_S)
        return asyncio.run(_measured(server, slugs, times, asked, known, tally))


async def _measured(
    server: Server, slugs: Sequence[str], times: int, asked: argparse.Namespace, known: Known, tally: Tally
) -> dict[str, list[dict[str, float]]]:
    ends = float("inf")
    coming = [bench_sessions.visits(number, server, asked, known, tally, ends) for number in range(asked.sessions)]
    tasks = [asyncio.create_task(work) for work in coming]
    await asyncio.sleep(2 * asked.think if tasks else 0)  # everybody has come
    figures: dict[str, list[dict[str, float]]] = {slug: [] for slug in slugs}
    for seed in range(FIRST_SEED, FIRST_SEED + times):
        for slug in slugs:
            figures[slug].append(await exported(server.port, slug, seed))
            say(f"{slug}, seed {seed}, {asked.sessions} visitors: {figures[slug][-1]}")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return figures


async def exported(port: int, slug: str, seed: int) -> dict[str, float]:
    """The figures of a case's default under a seed, measured now and read from the file that the page exports."""
    async with WebsocketSession(port, slug, f"seed={seed}") as session:
        await session.rerun()
        await session.until(lambda: session.page.finished > 0 and settled(session.page))
        menu = session.page.widget(f"{slug}.export.open")
        if menu is None:
            raise RuntimeError(f"{slug} cannot be exported: {list(session.page.red())}")
        await session.rerun([state_of(menu, True)])
        await session.until(lambda: _button(session) is not None)
        button = _button(session)
        assert button is not None
        figures = json.loads(await session.file(button))["figures_as_measured"]
    return {name: figures[name] for name in FIGURES}


def _button(session: WebsocketSession) -> Placed | None:
    buttons = (placed for placed in session.page.placed.values() if placed.kind == "download_button")
    return next((button for button in buttons if button.content.label == ALL_FIGURES), None)


if __name__ == "__main__":
    main()
