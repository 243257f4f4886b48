"""Ticks of logarithmic axes: round values written in full, so that a label never depends on its neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST = 9  # labels on an axis; more touch each other on a phone
FEWEST = 3  # fewer do not show the scale
STEPS: tuple[tuple[float, ...], ...] = ((1,), (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7))  # within a decade, coarse to fine


def log_ticks(low: float, high: float, most: int = MOST) -> list[float]:
    """Round values between the powers `low` and `high` of ten: decades, else steps within them, else even steps."""
    wide = max(1, math.ceil((high - low) / most))
    offered = [_within(steps, low, high, wide if steps == (1,) else 1) for steps in STEPS]
    fitting = [ticks for ticks in offered if len(ticks) <= most]
    least = FEWEST if high - low < 1 else 2  # even steps over decades would crowd their upper end
    enough = [ticks for n in range(FEWEST, least - 1, -1) for ticks in fitting if len(ticks) >= n]
    return enough[0] if enough else _even(10.0**low, 10.0**high)


def tick_text(value: float) -> str:
    """A value in full: never an exponent, and as many decimals as it has; from 10,000 with k, M, G, T or P."""
    for limit, word in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            return f"{value / (1e3 if word == 'k' else limit):g}{word}"
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    decimals = 0 if not value else max(0, 6 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _within(steps: Sequence[float], low: float, high: float, wide: int) -> list[float]:
    decades = range(math.floor(low), math.ceil(high) + 1, wide)
    return [step * 10.0**decade for decade in decades for step in steps if low <= decade + math.log10(step) <= high]


def _even(low: float, high: float) -> list[float]:
    """About five even steps of 1, 2 or 5 between two values, for a range within a fraction of a decade."""
    rough = (high - low) / 5
    if rough <= 0:
        return [low]
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(size * unit for size in (1, 2, 5, 10) if size * unit >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
