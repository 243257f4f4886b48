"""A thumbnail of a front: designs, the Pareto front and its knee, with the ends of both axes in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from core.formatting import ms_text
from core.metrics import Better
from core.metrics.pareto import front, knee

WIDTH, HEIGHT = 200, 84
LEFT, RIGHT, TOP, BOTTOM = 46, 6, 8, 18  # room for the numbers of the axes
STYLE = (
    "<style>.kp-thumb{display:block;width:100%;max-width:24rem;height:auto}"
    ".kp-thumb .cloud{fill:currentColor;opacity:.35}.kp-thumb .front{fill:var(--accent)}"
    ".kp-thumb path{fill:none;stroke:var(--accent);stroke-width:1.5}"
    ".kp-thumb .axes{stroke:currentColor;stroke-width:1;opacity:.35}"
    ".kp-thumb .knee{fill:none;stroke:currentColor;stroke-width:1.5}"
    ".kp-thumb text{font-size:12px;fill:var(--quiet);font-variant-numeric:tabular-nums}</style>"
)


def thumbnail(points: Sequence[tuple[float, float]], better: Better, words: str) -> str:
    """One line of SVG for (milliseconds, quality) points: time to the right on a log scale, quality upwards.

    The quality is never turned over: where lower is `better`, the front runs along the bottom. `words` is the text
    alternative. Raises ValueError for no points or a time that is not positive.
    """
    if not points:
        raise ValueError("a thumbnail needs at least one measured design")
    if not all(0 < ms < math.inf and math.isfinite(quality) for ms, quality in points):
        raise ValueError("a thumbnail needs positive times and finite qualities")
    plain = [(math.log10(ms), quality) for ms, quality in points]
    on_front, bend = front(plain, ("lower", better)), knee(plain, ("lower", better))
    places = _places(plain)
    cloud = "".join(_dot(at, "cloud", 2) for at, on in zip(places, on_front, strict=True) if not on)
    line = sorted(
        (at for at, on in zip(places, on_front, strict=True) if on),
        key=lambda at: (at[0], -at[1] if better == "higher" else at[1]),
    )
    ring = _dot(places[bend], "knee", 6) if bend is not None else ""
    marks = f'<path d="{_steps(line)}"/>' + "".join(_dot(at, "front", 2.5) for at in line)
    axes = f'<path class="axes" d="M{LEFT} {TOP - 4}V{HEIGHT - BOTTOM + 4}H{WIDTH}"/>{_ends(points)}'
    return (
        f'<svg class="kp-thumb" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(words)}</title>'
        f"{axes}{cloud}{marks}{ring}</svg>"
    )


def _ends(points: Sequence[tuple[float, float]]) -> str:
    """The least and the most of both axes, where they are on the drawing; one number where both are the same."""
    times, qualities = zip(*points, strict=True)
    low, high = min(qualities), max(qualities)
    texts = [(LEFT - 4, TOP + 4, "end", f"{high:.3f}"), (LEFT, HEIGHT - 2, "start", ms_text(min(times)))]
    texts += [(LEFT - 4, HEIGHT - BOTTOM + 2, "end", f"{low:.3f}")] if high > low else []
    texts += [(WIDTH - 1, HEIGHT - 2, "end", ms_text(max(times)))] if max(times) > min(times) else []
    return "".join(f'<text x="{x}" y="{y}" text-anchor="{a}">{escape(text)}</text>' for x, y, a, text in texts)


def _places(plain: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    across, up = _shares([x for x, _ in plain]), _shares([y for _, y in plain])
    inner = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    return [
        (round(LEFT + x * inner[0], 1), round(HEIGHT - BOTTOM - y * inner[1], 1))
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
