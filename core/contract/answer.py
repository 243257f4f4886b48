"""What a page of pictures shows of one query: the picture asked with, the right answers, and those served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Item:
    """A picture to show, uint8 (h, w, 1 or 3), its name, and whether it is a right answer."""

    pixels: np.ndarray
    name: str
    right: bool = False


@dataclass(frozen=True)
class Answer:
    """One query with its exact neighbours and with what the design served; None where nothing was returned."""

    query: Item
    exact: tuple[Item | None, ...]
    served: tuple[Item | None, ...]
