"""What the pictures of tiles are drawn with: mid tones that stand on light and on dark paper, and pixels as PNG."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable

import numpy as np

WIDTH, HEIGHT = 320, 120
PETROL, VERMILION, INDIGO, SLATE, AMBER = "#0399B8", "#EE6A3A", "#5565DA", "#76848D", "#D9A21B"


def svg(*parts: str) -> str:
    """The parts as a picture of 320 × 120."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return f"{head}{''.join(parts)}</svg>\n"


def image(pixels: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """An array uint8 (h, w) or (h, w, 3) at a place."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze()).quantize(64).save(buffer, "png", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<image {place} href="data:image/png;base64,{data}"/>'


def dot(x: float, y: float, radius: float, colour: str, opacity: float = 1.0) -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" opacity="{opacity:g}"/>'


def box(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0, round: float = 2) -> str:
    """A filled rectangle with round corners."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round:g}"'
    return f'<rect {place} fill="{colour}" opacity="{opacity:g}"/>'


def line(a: tuple[float, float], b: tuple[float, float], colour: str, width: float = 1.5, dashes: str = "") -> str:
    """A straight line."""
    ends = f'x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"'
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"{dashed}/>'


def on_map(lon: np.ndarray, lat: np.ndarray, margin: float = 6) -> np.ndarray:
    """Places (n, 2) of coordinates on the picture, cut to its shape around the middle, north up."""
    x = (lon - lon.mean()) * np.cos(np.radians(lat.mean()))
    y = lat - lat.mean()
    spans = [np.ptp(np.quantile(values, [0.02, 0.98])) for values in (x, y)]
    scale = max((WIDTH - 2 * margin) / spans[0], (HEIGHT - 2 * margin) / spans[1])
    return np.column_stack([WIDTH / 2 + x * scale, HEIGHT / 2 - y * scale])


def inside(places: np.ndarray) -> np.ndarray:
    """Which places (n, 2) are on the picture."""
    return ((places > 0) & (places < [WIDTH, HEIGHT])).all(axis=1)


def joined(parts: Iterable[str]) -> str:
    """Parts as one."""
    return "".join(parts)
