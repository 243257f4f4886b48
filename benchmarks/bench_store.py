"""What the embedded store costs beside a dict in memory and a pickled one: `python -m benchmarks.bench_store`."""

import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np

from core.stages.serve import serve_batch
from core.stages.store import open_snapshot, write_snapshot

N_KEYS, K, N_LOOKUPS, SEED = 20_000, 10, 20_000, 0


def best_s(function: Callable[[], object], repeats: int = 7) -> float:
    """The fastest of some runs, in seconds of wall time."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def lookup_us(get: Callable[[int], object], asked: list[int]) -> tuple[float, float]:
    """The p50 and p99, in microseconds, of looking keys up one at a time after a warm-up."""
    for key in asked[:1000]:
        get(key)
    times = np.empty(len(asked))
    for i, key in enumerate(asked):
        start = time.perf_counter_ns()
        get(key)
        times[i] = time.perf_counter_ns() - start
    p50, p99 = np.percentile(times, [50, 99]) / 1000
    return p50, p99


def rows(folder: Path) -> list[tuple[str, float, float, float, float, float]]:
    """One row a store: name, p50 and p99 in microseconds, seconds to write, milliseconds to open, megabytes."""
    rng = np.random.default_rng(SEED)
    keys, ids = rng.permutation(N_KEYS * 3)[:N_KEYS], rng.integers(0, 1_000_000, (N_KEYS, K))
    asked = rng.choice(keys, N_LOOKUPS).tolist()
    table = dict(zip(keys.tolist(), ids, strict=True))
    store, pickled, dumped = folder / "store.sqlite", folder / "table.pickle", folder / "table.joblib"

    def read(load: Callable[[], tuple[np.ndarray, np.ndarray]]) -> dict[int, np.ndarray]:
        loaded_keys, loaded_ids = load()
        return dict(zip(loaded_keys.tolist(), loaded_ids, strict=True))

    store_write_s = best_s(lambda: write_snapshot(store, keys, ids))
    pickle_write_s = best_s(lambda: pickled.write_bytes(pickle.dumps((keys, ids))))
    joblib_write_s = best_s(lambda: joblib.dump((keys, ids), dumped))
    store_open_s = best_s(lambda: open_snapshot(store).close())
    pickle_open_s = best_s(lambda: read(lambda: pickle.loads(pickled.read_bytes())))
    joblib_open_s = best_s(lambda: read(lambda: joblib.load(dumped)))

    reader = open_snapshot(store)
    in_bulk_us = best_s(lambda: serve_batch(reader, np.array(asked))) / len(asked) * 1e6
    store_row = (store_write_s, store_open_s * 1e3, store.stat().st_size / 1e6)
    in_dict = lookup_us(table.get, asked)
    return [
        ("dict in memory", *in_dict, np.nan, np.nan, ids.nbytes / 1e6),
        ("store, one by one", *lookup_us(reader.get, asked), *store_row),
        ("store, in bulk (mean)", in_bulk_us, np.nan, *store_row),
        ("pickle, then dict", *in_dict, pickle_write_s, pickle_open_s * 1e3, pickled.stat().st_size / 1e6),
        ("joblib, then dict", *in_dict, joblib_write_s, joblib_open_s * 1e3, dumped.stat().st_size / 1e6),
    ]


def main() -> None:
    """Print the table, each figure also as a ratio to the store's."""
    with tempfile.TemporaryDirectory() as folder:
        table = rows(Path(folder))
    ours = next(values for name, *values in table if name == "store, one by one")
    print(f"{N_KEYS:,} keys x {K} ids, {N_LOOKUPS:,} look-ups; in brackets: ratio to the store looked up one by one")
    heads = ("p50 us", "p99 us", "write s", "open+check ms", "MB")
    print(f"{'':<24}" + "".join(f"{head:>20}" for head in heads))
    for name, *values in table:
        pairs = zip(values, ours, strict=True)
        cells = ("-" if np.isnan(value) else f"{value:.3f} ({value / own:.2f})" for value, own in pairs)
        print(f"{name:<24}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
