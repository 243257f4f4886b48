"""Server setup: warm the imports before the first visitor."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from core.runtime.allocator import few_arenas, give_back

# Imports of the first page, without torch and sentence-transformers, which load when a design needs them.
WARM = ("numpy", "plotly.graph_objects", "core.catalog", "core.charts", "core.ui.case.first_screen")


@asynccontextmanager
async def warm(app: Any) -> AsyncIterator[None]:
    """Start the workers and import the first page's modules in the background; end the workers with the server."""
    task = asyncio.get_running_loop().run_in_executor(None, _import_all)
    yield
    with suppress(asyncio.CancelledError):
        await task
    from core.runtime.fair_queue import QUEUE

    QUEUE.workers.shutdown()


def _read_records() -> None:
    """Read what was recorded, which the first page draws at once."""
    from core.catalog import CASES
    from core.runtime.recorded import recorded_designs, recorded_verdicts

    with suppress(ValueError):  # a page stands without them
        recorded_verdicts()
        for case in CASES:
            recorded_designs(case)


def _start_workers() -> None:
    """Let processes of their own measure from now on, begun before the first visitor comes."""
    from core.runtime.fair_queue import QUEUE
    from core.runtime.ticket import Rank
    from core.runtime.workers import leave_to_workers, processes

    if os.environ.get("KNEEPOINT_WORKERS", "processes") != "processes":
        return
    workers = processes()
    leave_to_workers(workers)
    QUEUE.use(workers)
    QUEUE.submit("server", Rank.RECORD, "begin", os.getpid)


def _import_all() -> None:
    few_arenas()
    _start_workers()
    for name in WARM:
        importlib.import_module(name)
    _read_records()
    gc.collect()
    give_back()
    gc.freeze()  # else every script run spends 240 ms collecting over these modules
