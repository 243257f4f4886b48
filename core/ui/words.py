"""Numbers as a reader likes them: three figures, the unit that fits."""

from __future__ import annotations


def ms_text(value_ms: float) -> str:
    """Milliseconds, as µs or s where that reads better."""
    if value_ms < 1:
        return f"{1e3 * value_ms:.3g} µs"
    return f"{value_ms:.3g} ms" if value_ms < 1_000 else f"{value_ms / 1e3:.3g} s"


def seconds_text(value_s: float) -> str:
    """Seconds, as milliseconds, minutes or hours where that reads better."""
    if value_s < 1:
        return ms_text(1e3 * value_s)
    if value_s < 120:
        return f"{value_s:.3g} s"
    return f"{value_s / 60:.3g} min" if value_s < 7_200 else f"{value_s / 3600:.3g} h"


def bytes_text(value: float) -> str:
    """Bytes in decimal units, as memory is priced."""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1_000:
            return f"{value:.3g} {unit}"
        value /= 1_000
    return f"{value:.3g} TB"


def usd_text(value: float) -> str:
    """Dollars, cents only where they matter."""
    if value <= 0:
        return "$0"
    return f"${value:,.0f}" if value >= 100 else f"${value:.2f}" if value >= 0.01 else "under 1 ¢"
