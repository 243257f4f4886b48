"""Emoji drawn by two artists, Noto and Twemoji, with their names, categories and keywords."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, arrays


@dataclass(frozen=True, eq=False)
class EmojiPairs:
    """The same emoji by two artists, in Unicode order: row i of noto and of twemoji (n, 32, 32, 3) uint8 is emoji i."""

    noto: np.ndarray
    twemoji: np.ndarray
    glyphs: np.ndarray  # (n,) int64, equal for emoji that either artist drew alike to the pixel: all are right answers
    categories: np.ndarray  # (n,) int64 into category_names
    subcategories: np.ndarray  # (n,) int64 into subcategory_names
    category_names: tuple[str, ...]
    subcategory_names: tuple[str, ...]
    names: tuple[str, ...]  # lower case, one an emoji, no two alike
    keywords: tuple[tuple[str, ...], ...]
    characters: tuple[str, ...]


def load_emoji(root: Path = DATA) -> EmojiPairs:
    """1,911 emoji drawn by Noto and by Twemoji, 32 px on white. Raises DataError."""
    stored = arrays("emoji.npz", root)
    text = json.loads(stored["text"].tobytes())
    return EmojiPairs(
        noto=stored["noto"],
        twemoji=stored["twemoji"],
        glyphs=twins(stored["noto"], stored["twemoji"]),
        categories=stored["categories"].astype(np.int64),
        subcategories=stored["subcategories"].astype(np.int64),
        category_names=tuple(text["category_names"]),
        subcategory_names=tuple(text["subcategory_names"]),
        names=tuple(text["names"]),
        keywords=tuple(tuple(each) for each in text["keywords"]),
        characters=tuple(text["characters"]),
    )


def twins(*artists: Sequence[np.ndarray]) -> np.ndarray:
    """Of each row (n,) int64 the first row of its twins: alike to the pixel by any artist, or linked through others."""
    alike = [_first_alike(drawings) for drawings in artists]
    glyphs = np.arange(len(artists[0]))
    while True:
        before = glyphs
        for first in alike:
            lowest = np.full_like(glyphs, len(glyphs))
            np.minimum.at(lowest, first, glyphs)
            glyphs = lowest[first]
        if (glyphs == before).all():
            return glyphs


def _first_alike(drawings: Sequence[np.ndarray]) -> np.ndarray:
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(each.tobytes(), row) for row, each in enumerate(drawings)], np.int64)
