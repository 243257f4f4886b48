"""Server setup: warm the imports before the first visitor."""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

# Imports of the first page, without torch and sentence-transformers, which load when a design needs them.
WARM = ("numpy", "pandas", "plotly.graph_objects", "faiss", "core.catalog", "core.charts", "core.serving.queueing")


@asynccontextmanager
async def warm(app: Any) -> AsyncIterator[None]:
    """Import the first page's modules in the background, then exempt their objects from garbage collection."""
    task = asyncio.get_running_loop().run_in_executor(None, _import_all)
    yield
    with suppress(asyncio.CancelledError):
        await task


def _read_records() -> None:
    """Read what was recorded, which the first page draws at once."""
    from core.catalog import CASES
    from core.runtime.recorded import recorded_designs, recorded_verdicts

    with suppress(ValueError):  # a page stands without them
        recorded_verdicts()
        for case in CASES:
            recorded_designs(case)


def _import_all() -> None:
    for name in WARM:
        importlib.import_module(name)
    _read_records()
    gc.collect()
    gc.freeze()  # else every script run spends 240 ms collecting over these modules
