"""A TTL cache in front of the replicas: its hit ratio. Modelled."""

from __future__ import annotations

import numpy as np

EXACT = 1_000  # the most popular ranks are exact, the tail is binned
BINS = 2_000


def hit_ratio(rate_per_s: float, keys: float, zipf: float, ttl_s: float) -> float:
    """Hit ratio of a cache that keeps an answer for `ttl_s` seconds after computing it.

    Requests are Poisson over `keys` keys with Zipf popularity p ~ 1 / rank^zipf. A key with rate λ has one miss and
    then λT hits, so its hit ratio is λT / (1 + λT) (Jung, Berger, Balakrishnan, "Modeling TTL-based Internet caches",
    INFOCOM 2003). ValueError for negative arguments or no key.
    """
    if min(rate_per_s, zipf, ttl_s) < 0 or keys < 1:
        raise ValueError("a cache needs at least one key and no negative figure")
    ranks, width = _ranks(keys)
    popularity = ranks**-zipf
    popularity /= (popularity * width).sum()
    requests_per_ttl = rate_per_s * popularity * ttl_s
    hits = (width * popularity * requests_per_ttl / (1 + requests_per_ttl)).sum()
    return min(1.0, float(hits))  # rounding can take the sum of all above 1


def _ranks(keys: float) -> tuple[np.ndarray, np.ndarray]:
    """Representative ranks, and the number of ranks each represents; both (n,)."""
    first = np.arange(1, min(keys, EXACT) + 1, dtype=np.float64)
    if keys <= EXACT:
        return first, np.ones(len(first))
    edges = np.geomspace(EXACT + 0.5, keys + 0.5, BINS)
    return np.concatenate([first, np.sqrt(edges[:-1] * edges[1:])]), np.concatenate([np.ones(EXACT), np.diff(edges)])
