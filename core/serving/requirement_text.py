"""Requirements as text: what a link or a command may say of each, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.contract.case import Requirements
from core.contract.design import read_as, without_punctuation
from core.formatting import count_text

LIMITS = {
    "daily_users": (0.0, 1e11),
    "requests_per_user": (0.0, 1e6),
    "peak_factor": (1.0, 1e3),
    "items": (0.0, 1e15),
    "new_items_a_day": (0.0, 1e15),
    "p99_ms": (0.1, 60_000.0),
    "freshness_h": (0.0, 10_000.0),
    "quality_floor": (0.0, 1.0),
    "budget_usd": (0.0, 1e9),
}
LEAST = 1e-9  # above 0: less is no load, no item and no dollar, and a product of several would underflow
NOTHING = "none"
# Required fields; an empty one of the others states no requirement.
MUST = ("daily_users", "requests_per_user", "peak_factor", "p99_ms")


def text_of(value: float | None) -> str:
    """A requirement or an assumption as it stands in a link."""
    return NOTHING if value is None else f"{value:.15g}"


def read_number(
    label: str, text: str, limits: tuple[float, float], ours: float | None, instead: str
) -> tuple[float | None, list[str]]:
    """The number of a link's value, or `ours` where it is not within the limits; and what is told of it."""
    value = number_within(without_punctuation(text), limits)
    if value is None:
        return ours, [f"{label}: {refusal(text, limits)}, so {instead} is used."]
    return value, [read_as(label, text, f"{value:,.15g}")] if text != without_punctuation(text) else []


def number_within(text: str, limits: tuple[float, float]) -> float | None:
    """The number of a text, never -0; None where it is not within the limits, or nearer to 0 than anything that is."""
    try:
        value = float(text) + 0.0  # -0 + 0 is 0
    except ValueError:
        return None
    low, high = limits
    return value if low <= value <= high and value == without_dust(value) else None


def without_dust(value: float) -> float:
    """The number, or 0 where it is so near that products and quotients of several would be lost."""
    return value if abs(value) >= LEAST else 0.0


def refusal(text: str, limits: tuple[float, float]) -> str:
    """Why a text is no number within the limits."""
    low, high = limits
    least = f" (above 0, at least {LEAST:g})" if low == 0 else ""
    return f"“{text[:40]}” is not between {count_text(low)} and {count_text(high)}{least}"


def read_requirement(requirements: Requirements, name: str, text: str) -> tuple[float | None, list[str]]:
    """The value that a text gives to a requirement, or the one it has where the text gives none; and what is told."""
    if without_punctuation(text) == NOTHING and name not in MUST:
        return None, []
    ours = getattr(requirements, name)
    return read_number(name.replace("_", " "), text, LIMITS[name], ours, "the case's own")


def spelt_out(text: str) -> str:
    """20M, 1.5k and 2,000,000 as plain numbers; any other text as it is."""
    plain = text.strip().replace(",", "").replace("_", "")
    times = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}.get(plain[-1:].lower())
    try:
        return plain if times is None else f"{float(plain[:-1]) * times:.15g}"
    except ValueError:
        return text


def short_text(value: float) -> str:
    """A number as people write it, which `spelt_out` reads back: 20M, 1.5k; in full where that would lose digits."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        short = f"{value / size:.6g}"
        if value >= size and float(short) * size == value:
            return f"{short}{letter}"
    return f"{value:.15g}"


def required(requirements: Requirements, pairs: Iterable[str]) -> Requirements:
    """The requirements with those of `name=value` texts. Raises ValueError for what cannot be required."""
    values = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if name not in LIMITS:
            raise ValueError(f"“{name[:40]}” is no requirement: choose from {', '.join(LIMITS)}")
        text = without_punctuation(text)
        values[name] = number_within(spelt_out(text), LIMITS[name])
        if values[name] is None and (text != NOTHING or name in MUST):
            raise ValueError(f"{name}: {refusal(text, LIMITS[name])}")
    return replace(requirements, **values)
