"""A thumbnail of a frontier: measured designs, the Pareto front and its knee."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from core.metrics import Better
from core.metrics.pareto import front, knee

WIDTH, HEIGHT, MARGIN = 240, 96, 10
STYLE = (
    "<style>.kp-thumb{display:block;width:100%;max-width:24rem;height:auto}"
    ".kp-thumb .cloud{fill:currentColor;opacity:.35}.kp-thumb .front{fill:var(--accent)}"
    ".kp-thumb path{fill:none;stroke:var(--accent);stroke-width:1.5}"
    ".kp-thumb .axes{stroke:currentColor;stroke-width:1;opacity:.35}"
    ".kp-thumb .knee{fill:none;stroke:currentColor;stroke-width:1.5}</style>"
)


def thumbnail(points: Sequence[tuple[float, float]], better: Better, words: str) -> str:
    """One line of SVG for (milliseconds, quality) points: left is faster on a log scale, up is better.

    `words` is the text alternative. Raises ValueError for no points or a time that is not positive.
    """
    if not points:
        raise ValueError("a thumbnail needs at least one measured design")
    if not all(0 < ms < math.inf and math.isfinite(quality) for ms, quality in points):
        raise ValueError("a thumbnail needs positive times and finite qualities")
    plain = [(math.log10(ms), quality) for ms, quality in points]
    on_front, bend = front(plain, ("lower", better)), knee(plain, ("lower", better))
    places = _places(plain, better)
    cloud = "".join(_dot(at, "cloud", 2) for at, on in zip(places, on_front, strict=True) if not on)
    line = sorted(at for at, on in zip(places, on_front, strict=True) if on)
    ring = _dot(places[bend], "knee", 6) if bend is not None else ""
    marks = f'<path d="{_steps(line)}"/>' + "".join(_dot(at, "front", 2.5) for at in line)
    return (
        f'<svg class="kp-thumb" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(words)}</title>'
        f'<path class="axes" d="M1 1V{HEIGHT - 1}H{WIDTH - 1}"/>{cloud}{marks}{ring}</svg>'
    )


def _places(plain: Sequence[tuple[float, float]], better: Better) -> list[tuple[float, float]]:
    across = _shares([x for x, _ in plain])
    up = _shares([y if better == "higher" else -y for _, y in plain])
    inner = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    return [
        (round(MARGIN + x * inner[0], 1), round(HEIGHT - MARGIN - y * inner[1], 1))
        for x, y in zip(across, up, strict=True)
    ]


def _shares(values: Sequence[float]) -> list[float]:
    """The values scaled to 0..1; 0.5 for equal values."""
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span if span else 0.5 for value in values]


def _steps(line: Sequence[tuple[float, float]]) -> str:
    """A step line, since a time budget buys the best design within it."""
    return f"M{line[0][0]} {line[0][1]}" + "".join(f"H{x}V{y}" for x, y in line[1:])


def _dot(at: tuple[float, float], kind: str, radius: float) -> str:
    return f'<circle class="{kind}" cx="{at[0]}" cy="{at[1]}" r="{radius}"/>'
