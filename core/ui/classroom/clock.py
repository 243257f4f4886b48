"""The clock of a class in words."""

from __future__ import annotations


def remaining_s(ends_s: float | None, now_s: float) -> float | None:
    """Seconds until the end; None where no clock runs."""
    return None if ends_s is None else max(0.0, ends_s - now_s)


def clock_text(left_s: float | None) -> str:
    """“12:05 left”, “time is up”, or nothing where no clock runs."""
    if left_s is None:
        return ""
    minutes, seconds = divmod(round(left_s), 60)
    return f"{minutes}:{seconds:02d} left" if left_s > 0 else "time is up"
