"""Choosing among designs and judging the choice: the best of many on the same units is better by luck as well."""

from __future__ import annotations

import numpy as np

PARTS = 40  # runs of neighbouring units, dealt out in turns


def halves(n: int, clusters: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Which of n values (n,) bool to choose on and which to judge on: every second run of neighbours or of clusters.

    Neighbours and the values of a cluster (n,) stay together, since those of one photo, person or day are alike and
    would tell one half of the other. What was chosen on the first half has no luck on the second, however many designs
    there were. ValueError below two values or clusters.
    """
    place = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    n_places = int(place.max()) + 1 if n else 0
    if n_places < 2:
        raise ValueError(f"two halves need at least 2 values, got {n_places}")
    run = place * PARTS // n_places if n_places > PARTS else place
    return run % 2 == 0, run % 2 == 1
