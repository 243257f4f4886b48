"""From the start of the server's process to its first page, over a websocket: `python -m benchmarks.bench_start`.

Each start is a process of its own: some open the home page, as many a case page. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time

import numpy as np

from benchmarks.server_process import Server, serving
from benchmarks.visitors import TILE, settled
from benchmarks.websocket_session import WebsocketSession
from core.catalog import BY_SLUG
from core.runtime.timing import environment

SETTLES_S = 10  # after which the memory is read once more: what a page starts has begun by then


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=sorted(BY_SLUG), default="visual_search")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    load_before, starts = os.getloadavg()[0], {}
    for page in ("", asked.case):
        starts[page or "home"] = [started(page) for _ in range(asked.times)]
    medians = {page: {name: round(float(np.median([one[name] for one in each])), 2) for name in each[0]}
               for page, each in starts.items()}  # fmt: skip
    print(json.dumps({
        "median": medians, "each": starts, "machine": environment(),
        "load_average_before": round(load_before, 1), "load_average_after": round(os.getloadavg()[0], 1),
    }, indent=1))  # fmt: skip


def started(page: str) -> dict[str, float]:
    """Seconds, CPU seconds and megabytes of one start until its first visitor has the page."""
    print(f"starting a server for {page or 'the home page'}", file=sys.stderr, flush=True)
    with serving() as server:
        server.wait_until_healthy()
        healthy = time.perf_counter()
        return {"healthy_s": healthy - server.started, **asyncio.run(visited(server, page))}


async def visited(server: Server, page: str) -> dict[str, float]:
    """The first visit: figures may be recorded ones at first, and stand with what was measured here at the end."""
    async with WebsocketSession(server.port, page) as session:
        await session.rerun()
        first = await session.until(lambda: any(session.page.markup(TILE)) or any(session.page.red()))
        ended = await session.until(lambda: session.page.finished > 0 and (page == "" or settled(session.page)))
        at_end = server.usage()
        await asyncio.sleep(SETTLES_S)
        later = server.usage()
        for text in session.page.errors:
            print(text, file=sys.stderr, flush=True)
    return {
        "errors": len(session.page.errors),
        "first_figures_s": first - server.started, "finished_s": ended - server.started,
        "cpu_s": at_end.cpu_s, "worker_cpu_s": at_end.worker_cpu_s,
        "rss_mb": at_end.rss_mb, "worker_rss_mb": at_end.worker_rss_mb,
        "rss_later_mb": later.rss_mb, "worker_rss_later_mb": later.worker_rss_mb,
    }  # fmt: skip


if __name__ == "__main__":
    main()
