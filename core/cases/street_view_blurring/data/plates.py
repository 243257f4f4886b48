"""Drawn licence plates: several formats in invented letters and digits, seen at an angle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

LETTERS, DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"
GLYPH_PX = 40  # height of a drawn character; plates are drawn large and then made small
MARGIN_PX = 6


def _text(rng: np.random.Generator, pattern: str) -> str:
    """A plate's text: A stands for a letter, 9 for a digit, other signs for themselves."""
    signs = {"A": LETTERS, "9": DIGITS}
    return "".join(signs[s][rng.integers(len(signs[s]))] if s in signs else s for s in pattern)


@cache
def _glyphs() -> dict[str, np.ndarray]:
    """Every character as a picture of its ink, float32 (GLYPH_PX, w) from 0 to 1."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=1.35 * GLYPH_PX)  # so that a capital is about GLYPH_PX high
    glyphs = {}
    for sign in LETTERS + DIGITS + "- ":
        left, _, right, _ = font.getbbox(sign)
        canvas = Image.new("L", (int(right - left) + 4, GLYPH_PX))
        ImageDraw.Draw(canvas).text((2 - left, GLYPH_PX), sign, fill=255, font=font, anchor="ls")
        glyphs[sign] = np.asarray(canvas, np.float32) / 255
    return glyphs


def _line(text: str) -> np.ndarray:
    return np.concatenate([_glyphs()[sign] for sign in text], axis=1)


def _stacked(lines: list[np.ndarray]) -> np.ndarray:
    """Lines of text under each other, each in the middle."""
    width = max(line.shape[1] for line in lines)
    gap = np.zeros((MARGIN_PX, width), np.float32)
    rows = [np.pad(line, ((0, 0), ((width - line.shape[1]) // 2, -(-(width - line.shape[1]) // 2)))) for line in lines]
    return np.concatenate([part for row in rows for part in (row, gap)][:-1])


def _plate(ink: np.ndarray, paper: float, print_: float, band: bool = False) -> np.ndarray:
    """A plate as float32 (h, w) from 0 to 1: margins, a dark frame, and perhaps a dark band with a mark at its left."""
    ink = np.pad(ink, ((MARGIN_PX, MARGIN_PX), (MARGIN_PX + (26 if band else 0), MARGIN_PX)))
    plate = paper + (print_ - paper) * ink
    if band:
        plate[:, :22] = 0.25
        plate[8:20, 6:16] = 0.8
    plate[:2], plate[-2:], plate[:, :2], plate[:, -2:] = ((paper + print_) / 2,) * 4
    return plate


def _european(rng: np.random.Generator) -> np.ndarray:
    return _plate(_line(_text(rng, "AA 999 AA")), paper=0.95, print_=0.08, band=True)


def _british(rng: np.random.Generator) -> np.ndarray:
    return _plate(_line(_text(rng, "AA99 AAA")), paper=rng.choice([0.95, 0.78]), print_=0.08)


def _american(rng: np.random.Generator) -> np.ndarray:
    ink = np.pad(_line(_text(rng, "AAA 9999")), ((26, 18), (0, 0)))  # room for a state's name above and a motto below
    ink[6:16, 40:-40] = 0.6
    return _plate(ink, paper=rng.choice([0.9, 0.75]), print_=0.25)


def _two_lines(rng: np.random.Generator) -> np.ndarray:
    return _plate(_stacked([_line(_text(rng, "AA-99")), _line(_text(rng, "9999"))]), paper=0.92, print_=0.1)


def _dark(rng: np.random.Generator) -> np.ndarray:
    return _plate(_line(_text(rng, "AA 99 999")), paper=0.12, print_=0.9)


FORMATS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "european": _european,
    "british": _british,
    "american": _american,
    "two lines": _two_lines,
    "dark": _dark,
}


def draw_plate(rng: np.random.Generator, width_px: float) -> tuple[np.ndarray, np.ndarray]:
    """One plate of a random format seen at an angle: its grey (h, w) float32 from 0 to 1, and how much covers (h, w).

    `width_px` is the width on the photo of a plate of the long formats; the others are of the same height of letters
    or a little larger, as on the road. The picture is cut close, so its frame is the plate's box.
    """
    import cv2

    flat = FORMATS[rng.choice(list(FORMATS))](rng)
    scale = width_px / max(flat.shape[1], 3.2 * flat.shape[0])
    width, height = flat.shape[1] * scale, flat.shape[0] * scale
    turn, lean = rng.uniform(0.75, 1.0), rng.uniform(-0.22, 0.22)  # seen from the side, and from above or below
    far = rng.uniform(0.8, 1.0)
    w, dy = max(4.0, width * turn), lean * width * turn
    corners = np.array([[0, 0], [w, dy], [w, dy + height * far], [0, height]], np.float32)
    corners -= corners.min(axis=0)
    if rng.random() < 0.5:
        corners = _mirrored(corners, w)
    box = np.ceil(corners.max(axis=0)).astype(int) + 1
    h, w_flat = flat.shape
    source = np.array([[0, 0], [w_flat, 0], [w_flat, h], [0, h]], np.float32)
    fine = 3  # warped three times as large and then averaged, or thin strokes would be lost between the pixels
    carried = cv2.getPerspectiveTransform(source, fine * corners)
    size = (int(fine * box[0]), int(fine * box[1]))
    grey = cv2.warpPerspective(flat, carried, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(np.ones_like(flat), carried, size)
    small = (int(box[0]), int(box[1]))
    return tuple(cv2.resize(layer, small, interpolation=cv2.INTER_AREA) for layer in (grey, cover))


def _mirrored(corners: np.ndarray, width: float) -> np.ndarray:
    """The same plate seen from the other side: left and right change places, the text does not."""
    flipped = corners[[1, 0, 3, 2]].copy()
    flipped[:, 0] = width - flipped[:, 0]
    return flipped
