"""Emoji in colour by three artists: rendered in 3D by Fluent, drawn by Noto and by Twemoji, all at 64 pixels."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.emoji import twins
from core.datasets.files import DATA, arrays

DRAWING_PX = 64


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures (n, 64, 64, 3) uint8 that are decoded from their files only when they are read.

    Picture i is the file that ends at `ends[rows[i]]`. A slice or an array of rows gives arrays, `take` further
    pictures of the same files.
    """

    files: np.ndarray  # (bytes,) uint8, WebP files one after another
    ends: np.ndarray  # (n_files,) int64
    rows: np.ndarray  # (n,) int64

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """That of all pictures as one array."""
        return len(self.rows), DRAWING_PX, DRAWING_PX, 3

    @property
    def ndim(self) -> int:
        """Of all pictures as one array."""
        return 4

    @property
    def dtype(self) -> np.dtype:
        """That of a decoded picture."""
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: int | slice | np.ndarray) -> np.ndarray:
        chosen = self.rows[at]
        if np.ndim(chosen) == 0:
            return self._decoded(int(chosen))
        decoded = [self._decoded(row) for row in chosen.tolist()]
        return np.stack(decoded) if decoded else np.empty((0, *self.shape[1:]), np.uint8)

    def take(self, at: np.ndarray) -> Pictures:
        """These pictures alone, still undecoded."""
        return Pictures(self.files, self.ends, self.rows[at])

    def _decoded(self, row: int) -> np.ndarray:
        from PIL import Image

        start = self.ends[row - 1] if row else 0
        return np.asarray(Image.open(io.BytesIO(self.files[start : self.ends[row]].tobytes())).convert("RGB"))


@dataclass(frozen=True, eq=False)
class Drawings:
    """The same n emoji by three artists: pictures 0 to n - 1 by Noto, then n by Twemoji, then n by Fluent."""

    pictures: Pictures  # 3 n
    glyphs: np.ndarray  # (n,) int64, equal for emoji that an artist drew alike to the pixel: all are right answers
    subcategories: np.ndarray  # (n,) int64 into subcategory_names
    subcategory_names: tuple[str, ...]
    names: tuple[str, ...]


def load_drawings(root: Path = DATA) -> Drawings:
    """1,852 emoji by Noto, Twemoji and Fluent, on white. Raises DataError."""
    stored, told = arrays("drawings.npz", root), arrays("emoji.npz", root)
    text, rows = json.loads(told["text"].tobytes()), stored["emoji"].astype(np.int64)
    ends = stored["ends"].astype(np.int64)
    in_3d = np.split(stored["files"], ends[:-1])[2 * len(rows) :]  # equal pictures have equal files
    return Drawings(
        pictures=Pictures(stored["files"], ends, np.arange(len(ends))),
        glyphs=twins(*(told[artist][rows] for artist in ("noto", "twemoji")), in_3d),
        subcategories=told["subcategories"][rows].astype(np.int64),
        subcategory_names=tuple(text["subcategory_names"]),
        names=tuple(text["names"][row] for row in rows),
    )
