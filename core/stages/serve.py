"""Three serving modes: look up precomputed results (batch), compute per request (online), or both (hybrid)."""

import math
from collections.abc import Callable

import numpy as np

from core.stages.store import SnapshotReader

# Hours from an item's arrival to the first search that can find it. Illustrative: items are encoded and added in small
# batches. A stream would take seconds (Elasticsearch refreshes its index every second), a nightly build a day.
INGEST_H = 0.25


def unseen_share(arrivals_a_day: float, age_h: float) -> float:
    """The share of items newer than what answers, where a share of all items arrives every day; at most 1."""
    return min(1.0, arrivals_a_day * age_h / 24)


def serve_batch(reader: SnapshotReader, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Batch: the stored ids (n, k) of each request's key, rows of -1 for unknown keys, and the mask (n,) of hits."""
    return reader.get_many(keys)


def serve_online(n: int, online: Callable[[int], np.ndarray], k: int) -> np.ndarray:
    """Online: ids (n, k) from `online(i)` for each request i, cut or padded with -1 to k."""
    return np.stack([_fit(online(i), k) for i in range(n)]) if n else np.empty((0, k), np.int64)


def serve_hybrid(
    reader: SnapshotReader,
    keys: np.ndarray,
    online: Callable[[int], np.ndarray],
    rank: Callable[[int, np.ndarray], np.ndarray] | None = None,
    k: int | None = None,
) -> np.ndarray:
    """Hybrid: ids (n, k), looked up for known keys and from `online(i)` for requests with unknown keys.

    With `rank`, looked-up ids are candidates that `rank(i, candidates)` orders at request time; k defaults to the
    store's.
    """

    def answer(i: int) -> np.ndarray:
        stored = reader.get(keys[i])
        if stored is None:
            return online(i)
        return stored if rank is None else rank(i, stored[stored >= 0])

    return serve_online(len(keys), answer, reader.k if k is None else k)


def snapshot_age_h(refresh_h: float) -> float:
    """Mean age in hours of the snapshot over requests spread evenly over the interval: half the interval."""
    if not 0 <= refresh_h < math.inf:
        raise ValueError(f"refresh_h must be a number of hours from 0 up, got {refresh_h}")
    return refresh_h / 2


def break_even_requests(batch_cost_per_key: float, online_cost_per_request: float) -> float:
    """Requests per key and refresh at which batch and online cost the same; above it, batch is cheaper."""
    costs = (batch_cost_per_key, online_cost_per_request)
    if not all(0 < cost < math.inf for cost in costs):
        raise ValueError(f"costs must be positive and finite, got {costs}")
    return batch_cost_per_key / online_cost_per_request


def _fit(ids: np.ndarray, k: int) -> np.ndarray:
    fitted, ids = np.full(k, -1, np.int64), np.asarray(ids, np.int64)[:k]
    fitted[: len(ids)] = ids
    return fitted
