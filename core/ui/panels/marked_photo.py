"""A street photo as markup, enlarged, with its boxes marked by shape as well as by colour."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

LARGER = 2  # enlargement of a photo, so that marks are finer than its pixels
HIT, MISS, FALSE = (108, 196, 149), (255, 122, 69), (245, 208, 96)


def marked(photo: Any) -> Any:
    """The photo enlarged, with hits as rectangles, misses as broken ovals and false boxes crossed out."""
    from PIL import ImageDraw

    image = larger(photo.pixels).convert("RGB")
    draw = ImageDraw.Draw(image)
    for box in photo.hits:
        _outlined(draw, box, HIT)
    _errors(draw, photo)
    return image


def blurred(photo: Any, blur: Callable[..., Any]) -> Any:
    """The photo as everybody sees it, enlarged, with misses and false positives marked."""
    from PIL import ImageDraw

    boxes = [*photo.hits, *photo.false]
    image = larger(blur(photo.pixels, boxes) if boxes else photo.pixels).convert("RGB")
    _errors(ImageDraw.Draw(image), photo)
    return image


def _errors(draw: Any, photo: Any) -> None:
    """False boxes crossed out, misses in broken ovals."""
    for box in photo.false:
        x1, y1, x2, y2 = _outlined(draw, box, FALSE)
        for line in ((x1, y1, x2, y2), (x1, y2, x2, y1)):
            draw.line(line, fill=(0, 0, 0), width=4)
            draw.line(line, fill=FALSE, width=2)
    for box in photo.misses:
        x1, y1, x2, y2 = (LARGER * float(side) for side in box)
        oval = (x1 - 5, y1 - 5, x2 + 5, y2 + 5)
        draw.ellipse(oval, outline=(0, 0, 0), width=5)
        for start in range(0, 360, 30):
            draw.arc(oval, start, start + 20, fill=MISS, width=4)


def larger(pixels: Any) -> Any:
    """The photo enlarged LARGER times in width and height."""
    from PIL import Image

    image = Image.fromarray(pixels)
    return image.resize((LARGER * image.width, LARGER * image.height), Image.Resampling.BICUBIC)


def _outlined(draw: Any, box: Sequence[float], colour: tuple[int, int, int]) -> tuple[float, ...]:
    x1, y1, x2, y2 = (LARGER * float(side) for side in box)
    x2, y2 = max(x1, x2), max(y1, y2)
    draw.rectangle((x1 - 1, y1 - 1, x2 + 1, y2 + 1), outline=(0, 0, 0), width=5)
    draw.rectangle((x1, y1, x2, y2), outline=colour, width=3)
    return x1, y1, x2, y2


def image(picture: Any, alt: str) -> str:
    """A picture as markup; WebP takes a fifth of the bytes of PNG for a photo."""
    from PIL import Image

    drawn = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    buffer = io.BytesIO()
    drawn.save(buffer, "webp", quality=80)
    return f'<img src="data:image/webp;base64,{b64encode(buffer.getvalue()).decode()}" alt="{escape(alt)}">'
