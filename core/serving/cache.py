"""A cache of answers in front of the replicas: which share of the requests it answers. Modelled."""

from __future__ import annotations

import numpy as np

EXACT = 1_000  # the most asked for are counted one by one, the tail in bins
BINS = 2_000


def hit_ratio(rate_per_s: float, keys: float, zipf: float, ttl_s: float) -> float:
    """Share of requests that find their answer kept, when each is kept `ttl_s` seconds from when it was made.

    Requests are Poisson over `keys` different ones with Zipf popularity p ~ 1 / rank^zipf. A key asked for λ times a
    second is missed once and then found λ T times, so its share of hits is λT / (1 + λT) (Jung, Berger, Balakrishnan,
    "Modeling TTL-based Internet caches", INFOCOM 2003). ValueError when an argument is negative or there is no key.
    """
    if min(rate_per_s, zipf, ttl_s) < 0 or keys < 1:
        raise ValueError("a cache needs at least one key and no negative figure")
    ranks, width = _ranks(keys)
    popularity = ranks**-zipf
    popularity /= (popularity * width).sum()
    requests_per_ttl = rate_per_s * popularity * ttl_s
    return float((width * popularity * requests_per_ttl / (1 + requests_per_ttl)).sum())


def _ranks(keys: float) -> tuple[np.ndarray, np.ndarray]:
    """Ranks that stand for all of them, and how many each stands for; both (n,)."""
    first = np.arange(1, min(keys, EXACT) + 1, dtype=np.float64)
    if keys <= EXACT:
        return first, np.ones(len(first))
    edges = np.geomspace(EXACT + 0.5, keys + 0.5, BINS)
    return np.concatenate([first, np.sqrt(edges[:-1] * edges[1:])]), np.concatenate([np.ones(EXACT), np.diff(edges)])
