"""Three ways to serve: look up what was computed ahead (batch), compute per request (online), or both (hybrid)."""

import math
from collections.abc import Callable

import numpy as np

from core.stages.store import SnapshotReader


def serve_batch(reader: SnapshotReader, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Batch: the ids (n, k) stored for each request's key, rows of -1 for unknown ones, and the mask (n,) of hits."""
    return reader.get_many(keys)


def serve_online(n: int, online: Callable[[int], np.ndarray], k: int) -> np.ndarray:
    """Online: the ids (n, k) that `online(i)` computes for each request i, cut or filled with -1 to k."""
    return np.stack([_fit(online(i), k) for i in range(n)]) if n else np.empty((0, k), np.int64)


def serve_hybrid(
    reader: SnapshotReader,
    keys: np.ndarray,
    online: Callable[[int], np.ndarray],
    rank: Callable[[int, np.ndarray], np.ndarray] | None = None,
    k: int | None = None,
) -> np.ndarray:
    """Hybrid: ids (n, k), looked up for known keys and from `online(i)` for the request i whose key is unknown.

    With `rank`, what was looked up is only candidates, and `rank(i, candidates)` orders them now; k is the store's
    unless given.
    """

    def answer(i: int) -> np.ndarray:
        stored = reader.get(keys[i])
        if stored is None:
            return online(i)
        return stored if rank is None else rank(i, stored[stored >= 0])

    return serve_online(len(keys), answer, reader.k if k is None else k)


def snapshot_age_h(refresh_h: float) -> float:
    """Mean age in hours of the snapshot that requests spread evenly over the interval meet: half the interval."""
    if not 0 <= refresh_h < math.inf:
        raise ValueError(f"refresh_h must be a number of hours from 0 up, got {refresh_h}")
    return refresh_h / 2


def break_even_requests(batch_cost_per_key: float, online_cost_per_request: float) -> float:
    """Requests per key per refresh at which batch and online cost the same; with more of them batch is the cheaper."""
    costs = (batch_cost_per_key, online_cost_per_request)
    if not all(0 < cost < math.inf for cost in costs):
        raise ValueError(f"costs must be positive and finite, got {costs}")
    return batch_cost_per_key / online_cost_per_request


def _fit(ids: np.ndarray, k: int) -> np.ndarray:
    fitted, ids = np.full(k, -1, np.int64), np.asarray(ids, np.int64)[:k]
    fitted[: len(ids)] = ids
    return fitted
