"""What the server does around the pages: warm the imports before the first visitor, and send security headers."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import importlib
import mmap
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware

# What the first page needs. Never torch or sentence-transformers: they load when a design needs them.
WARM = ("numpy", "pandas", "plotly.graph_objects", "faiss", "core.catalog", "core.charts", "core.serving.queueing")

_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    # Everything is served from here; inline styles and evaluated code are how Streamlit and Plotly themselves work.
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    b"connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'",
}


class SecurityHeaders:
    """ASGI middleware that adds the headers above to every HTTP response."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *((k, v) for k, v in _HEADERS.items() if k not in present)]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # malloc.h
LARGE_BYTES = 2**20
MADV_PAGEOUT, MUCH_CODE_BYTES = 21, 2**27  # linux/mman.h, since 5.4
HEADERS = [Middleware(SecurityHeaders)]


@asynccontextmanager
async def warm(app: Any) -> AsyncIterator[None]:
    """Import in the background what the first page needs, then keep the collector off those objects for good."""
    _allocate_sparingly()
    task = asyncio.get_running_loop().run_in_executor(None, _import_all)
    yield
    with suppress(asyncio.CancelledError):
        await task


def _allocate_sparingly() -> None:
    """Two memory arenas, and arrays outside of them.

    A page run is a new thread, and with glibc's sixteen arenas each keeps what it once needed; a large array in an
    arena leaves a hole there, while one by itself goes back to the system when dropped (80 MB after 60 designs).
    """
    with suppress(OSError, AttributeError):  # another C library than glibc
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def give_back_memory() -> None:
    """Hand freed memory back to the system, after work that needed much of it.

    So too the code of libraries that ran once, of LLVM and torch above all (160 MB after a sweep): what is called again
    is read again, from the file and without being noticed.
    """
    with suppress(OSError, AttributeError):  # another C library than glibc, another system than Linux
        libc = ctypes.CDLL("libc.so.6")
        libc.malloc_trim(0)
        if code_bytes() > MUCH_CODE_BYTES:
            for start, size in _code():
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), MADV_PAGEOUT)  # an old kernel refuses: fine


def code_bytes() -> int:
    """Bytes of files, libraries above all, that this process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[2]) * mmap.PAGESIZE


def _code() -> Iterator[tuple[int, int]]:
    """Where code of files lies in memory, each with its size: what can be read but never written."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, *_, file = line.split(maxsplit=5)
        if rights.startswith("r-x") and file.startswith("/"):
            start, end = (int(each, 16) for each in place.split("-"))
            yield start, end - start


def _import_all() -> None:
    for name in WARM:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a full collection after every script run cost 240 ms over these modules, and none of them is garbage
