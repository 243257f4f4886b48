"""Words at marks: places where a label covers neither another one nor a mark, worked out in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

Box: TypeAlias = tuple[float, float, float, float]  # left, bottom, right, top, in pixels from the lower left

LETTER, TALL = 7.0, 16.0  # the size of a letter at 12 points, bold included
WIDTHS = (300.0, 560.0, 900.0)  # of the plot on a phone, beside the knobs and alone: a place must do in each
SIDES = {  # side → how far the label's box lies from the mark, in label sizes
    "top": (-0.5, 0.0), "bottom": (-0.5, -1.0), "right": (0.0, -0.5), "left": (-1.0, -0.5),
    "top right": (0.0, 0.0), "top left": (-1.0, 0.0), "bottom right": (0.0, -1.0), "bottom left": (-1.0, -1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """A label at a mark: its place as shares of the plot, the mark's radius in pixels, and the sides to try in order.

    An `optional` word is left out where none of them is clear: the legend has it too.
    """

    text: str
    at: tuple[float, float]
    radius: float
    sides: Sequence[str]
    optional: bool = False
    colour: str = ""


def place(words: Sequence[Word], taken: Sequence[Box], height: float) -> list[str]:
    """The side of each word, in order; "" for one that is left out.

    `height` is the plot's in pixels; `taken` are boxes in shares of the plot that no word may cover.
    """
    return list(_placed(tuple(words), tuple(taken), height))


@lru_cache(maxsize=1_000)  # a chart that is drawn again has its words where they were
def _placed(words: tuple[Word, ...], taken: tuple[Box, ...], height: float) -> tuple[str, ...]:
    placed: list[str] = []
    for word in words:
        done = list(zip(words, placed, strict=False))
        crowd = {side: _crowd(word, side, done, words, taken, height) for side in word.sides}
        clear = next((side for side in word.sides if not crowd[side]), "")
        placed.append(clear if clear or word.optional else min(word.sides, key=lambda side: crowd[side]))
    return tuple(placed)


def box(word: Word, side: str, width: float, height: float) -> Box:
    """The pixels of a word at a side of its mark, in a plot of these pixels."""
    wide, gap = LETTER * len(word.text), word.radius + 3
    across, up = SIDES[side]
    x = word.at[0] * width + across * wide + (gap if "right" in side else -gap if "left" in side else 0)
    y = word.at[1] * height + up * TALL + (gap if "top" in side else -gap if "bottom" in side else 0)
    return x, y, x + wide, y + TALL


def shift(word: Word, side: str) -> dict[str, object]:
    """The anchors and the shift of a Plotly annotation at that side of its mark."""
    gap = round(word.radius + 3)
    right, up = ("right" in side) - ("left" in side), ("top" in side) - ("bottom" in side)
    anchors = {1: "left", 0: "center", -1: "right"}, {1: "bottom", 0: "middle", -1: "top"}
    return {"xanchor": anchors[0][right], "yanchor": anchors[1][up], "xshift": right * gap, "yshift": up * gap}


def overlap(a: Box, b: Box) -> float:
    """The area that two boxes share, in square pixels."""
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * tall if wide > 0 and tall > 0 else 0.0


def _crowd(
    word: Word, side: str, done: Iterable[tuple[Word, str]], words: Sequence[Word], taken: Sequence[Box], height: float
) -> float:
    """The area of a word that is over something else or outside the plot, over all widths."""
    total, done = 0.0, list(done)
    for width in WIDTHS:
        mine = box(word, side, width, height)
        others = [box(other, at, width, height) for other, at in done if at]
        others += [_mark(other, width, height) for other in words if other is not word]
        others += [(x * width, y * height, x2 * width, y2 * height) for x, y, x2, y2 in taken]
        inside = overlap(mine, (0.0, 0.0, width, height))
        total += sum(overlap(mine, other) for other in others) + (mine[2] - mine[0]) * (mine[3] - mine[1]) - inside
    return total if total > 1.0 else 0.0


def _mark(word: Word, width: float, height: float) -> Box:
    x, y, r = word.at[0] * width, word.at[1] * height, word.radius
    return x - r, y - r, x + r, y + r
