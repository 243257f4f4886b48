"""Draw favicon.png: a knee curve and the point on its knee. Run by hand, with Pillow, after a change of the mark."""

from math import cos, pi, sin
from pathlib import Path

from PIL import Image, ImageDraw

PLACE = Path(__file__).parents[2] / "core" / "ui" / "static" / "favicon.png"
PETROL, VERMILION, PAPER = "#0399B8", "#EE6A3A", "#11171B"
SIZE, OVERSAMPLING = 64, 8
BEND = 2.6  # exponent of the superellipse: 2 is a circle, more is a sharper knee
LEFT, TOP, SPAN = 0.19, 0.21, 0.61


def curve(n_points: int = 401) -> list[tuple[float, float]]:
    """A quarter of a superellipse, steep then flat, in shares of the picture; its middle point is the knee."""
    angles = [pi / 2 * i / (n_points - 1) for i in range(n_points)]
    power = 2 / BEND
    return [(LEFT + SPAN * (1 - abs(cos(a)) ** power), TOP + SPAN * (1 - abs(sin(a)) ** power)) for a in angles]


def draw() -> Image.Image:
    big = SIZE * OVERSAMPLING
    image = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, big - 1, big - 1), radius=big // 5, fill=PAPER)
    points = [(x * big, y * big) for x, y in curve()]
    for point in points:
        pen.circle(point, big * 0.045, fill=PETROL)
    knee = points[len(points) // 2]
    pen.circle(knee, big * 0.15, fill=PAPER)
    pen.circle(knee, big * 0.115, fill=VERMILION)
    return image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    draw().save(PLACE, optimize=True)
