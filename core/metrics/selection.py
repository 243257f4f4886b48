"""Choosing among designs and judging the choice: the best of many on the same units is better by luck as well."""

from __future__ import annotations

import numpy as np

PARTS = 40  # runs of neighbouring units, dealt out in turns


def halves(per_unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values (n,) to choose on and those to judge on: every second run of neighbours, about half of them each.

    Neighbours stay together, since those of one photo, person or day are alike and would tell one half of the other.
    What was chosen on the first half has no luck on the second, however many designs there were. ValueError below two.
    """
    n = len(per_unit)
    if n < 2:
        raise ValueError(f"two halves need at least 2 values, got {n}")
    place = np.arange(n)
    run = place * PARTS // n if n > PARTS else place
    return per_unit[run % 2 == 0], per_unit[run % 2 == 1]
