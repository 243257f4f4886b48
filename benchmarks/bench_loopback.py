"""The queue model against a real server on this machine: `python -m benchmarks.bench_loopback`.

A uvicorn process answers requests one after the other, each a random number of searches in a real HNSW index. A client
in this process sends them at random times (open loop) and counts from the time a request was due, not from when it got
sent. Printed for each load, as the median over repetitions, prediction ÷ measured - 1 at p50 and p99 of

- the trace: the model fed with the very arrivals and the very service times of that run, which tests the queueing;
- a prediction beforehand: fresh arrivals and the service times of requests sent one after the other, which is what the
  app's pages do.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import sys
import time
from dataclasses import dataclass

import numpy as np

from core.serving.queueing import replay, simulate

PORT = 8679
SHARES = (0.3, 0.6, 0.8)
REPEATS, SECONDS = 5, 10.0
CONNECTIONS, BUSY_LINES = 64, 8
N_CALIBRATE = 2_000
MEAN_SEARCHES = 40  # lognormal, so that service times differ as real ones do


@dataclass(frozen=True)
class Run:
    """One run in seconds, each array (n,): when requests were due, what serving took, when the answer was there."""

    due_s: np.ndarray
    service_s: np.ndarray
    response_s: np.ndarray

    def quantiles(self, response_s: np.ndarray) -> np.ndarray:
        """The p50 and the p99."""
        return np.quantile(response_s, (0.5, 0.99))


def serve(port: int) -> None:
    """The server process: an index of 20,000 vectors, and an answer that says how long the work took."""
    import faiss
    import uvicorn

    gc.disable()  # a collection is a stall that falls between two requests, where no service time shows it
    faiss.omp_set_num_threads(1)
    vectors = np.random.default_rng(0).standard_normal((20_000, 64)).astype(np.float32)
    index = faiss.IndexHNSWFlat(64, 16)
    index.add(vectors)

    async def app(scope: dict, receive: object, send: object) -> None:
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        for i in range(int(scope["query_string"] or b"1")):
            index.search(vectors[i : i + 1], 10)
        body = f"{time.perf_counter() - began:.9f}".encode()
        head = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(app, port=port, log_level="error", loop="asyncio", http="h11")


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, searches: int) -> float:
    """One request on an open connection; returns the seconds of work that the server reports."""
    writer.write(f"GET /?{searches} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return float(await reader.readexactly(length))


async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server, which may still be starting."""
    for _ in range(200):
        try:
            return await asyncio.open_connection("127.0.0.1", PORT)
        except OSError:
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not start within 20 seconds")


def drawn_searches(rng: np.random.Generator, n: int) -> np.ndarray:
    """How much work each of n requests is."""
    return np.maximum(1, rng.lognormal(np.log(MEAN_SEARCHES), 0.6, n)).astype(int)


async def calibrated_s(seed: int) -> np.ndarray:
    """Service times (N_CALIBRATE,) in seconds of requests one after the other."""
    line = await connected()
    searches = drawn_searches(np.random.default_rng(seed), N_CALIBRATE)
    return np.array([await ask(*line, int(each)) for each in searches])


async def overhead_s() -> tuple[float, float]:
    """What a request takes beside its work: the seconds that the server is busy, and those it is only under way.

    The first from how many a second are answered when the server never waits, the rest from how long one alone takes.
    """
    busy_s = await _seconds_beside(BUSY_LINES)
    return busy_s, max(0.0, await _seconds_beside(1) - busy_s)


async def _seconds_beside(lines: int) -> float:
    """Seconds between answers, less their work, when so many connections ask one request after the other."""
    searches = drawn_searches(np.random.default_rng(lines), N_CALIBRATE)

    async def asks(line: tuple[asyncio.StreamReader, asyncio.StreamWriter], mine: np.ndarray) -> float:
        return sum([await ask(*line, int(each)) for each in mine])

    opened = [await connected() for _ in range(lines)]
    began = time.perf_counter()
    work_s = sum(await asyncio.gather(*map(asks, opened, np.array_split(searches, lines))))
    return (time.perf_counter() - began - work_s) / N_CALIBRATE


async def awake() -> None:
    """Keep this process from ever sleeping.

    The timers of an event loop wake at whole milliseconds and a sleeping core takes its time: a client that slept would
    send late, and count its own lateness as the server's. While calibrating too, since two cores may share one's parts.
    """
    while True:
        await asyncio.sleep(0)


async def due(moment_s: float) -> None:
    """Wait for a moment, awake."""
    while time.perf_counter() < moment_s:
        await asyncio.sleep(0)


async def run(rate_per_s: float, seed: int) -> Run:
    """Send Poisson arrivals for SECONDS over open connections; a request waits for nobody but the server."""
    rng = np.random.default_rng(seed)
    n = int(rate_per_s * SECONDS)
    due_s = np.cumsum(rng.exponential(1 / rate_per_s, n))
    searches = drawn_searches(rng, n)
    service_s, response_s = np.empty(n), np.empty(n)
    free: asyncio.Queue = asyncio.Queue()
    for line in await asyncio.gather(*(connected() for _ in range(CONNECTIONS))):
        free.put_nowait(line)
    start = time.perf_counter() + 0.05

    async def one(i: int) -> None:
        line = await free.get()
        service_s[i] = await ask(*line, int(searches[i]))
        response_s[i] = time.perf_counter() - start - due_s[i]
        free.put_nowait(line)

    waiting = []
    for i in range(n):
        await due(start + due_s[i])
        waiting.append(asyncio.create_task(one(i)))
    await asyncio.gather(*waiting)
    while not free.empty():
        free.get_nowait()[1].close()
    return Run(due_s, service_s, response_s)


async def compare() -> None:
    """All loads, all repetitions; one line a load."""
    spinning = asyncio.create_task(awake())
    extra = await overhead_s()
    full_per_s = 1 / ((await calibrated_s(99)).mean() + extra[0])
    beside, under_way = 1e3 * np.array(extra)
    print(f"a request keeps the server busy for {1e3 / full_per_s:.2f} ms, {beside:.2f} of it without the work")
    print(f"{under_way:.2f} ms more it is under way")
    for share in SHARES:
        errors = [await _errors(share, full_per_s, extra, seed) for seed in range(REPEATS)]
        traced, beforehand, measured_ms, busy = (np.median([e[k] for e in errors], axis=0) for k in range(4))
        print(
            f"utilisation {share:.1f} (it was {busy:.2f}): "
            f"measured p50 {measured_ms[0]:.1f} ms, p99 {measured_ms[1]:.1f} ms; "
            f"trace {traced[0]:+.0%}, {traced[1]:+.0%}; beforehand {beforehand[0]:+.0%}, {beforehand[1]:+.0%}"
        )
    spinning.cancel()


async def _errors(share: float, full_per_s: float, extra: tuple[float, float], seed: int) -> tuple[np.ndarray, ...]:
    busy_s, under_way_s = extra
    alone_s = await calibrated_s(1_000 + seed)
    loaded = await run(share * full_per_s, seed)
    measured = loaded.quantiles(loaded.response_s)
    traced = loaded.quantiles(under_way_s + replay(loaded.due_s, loaded.service_s + busy_s, 1))
    fresh = under_way_s + simulate(alone_s + busy_s, share * full_per_s, 1, 200_000, seed)
    busy = (loaded.service_s + busy_s).sum() / loaded.due_s[-1]
    return traced / measured - 1, loaded.quantiles(fresh) / measured - 1, 1e3 * measured, busy


def main() -> None:
    """Start the server, compare, stop it."""
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(PORT,), daemon=True)
    server.start()
    gc.disable()
    try:
        asyncio.run(compare())
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    sys.exit(main())
