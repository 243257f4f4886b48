"""What a photo becomes before anything looks at it: tiles of the size that is read, and a coarse description."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring.data.photos import PHOTO_PX, Photos
from core.cases.street_view_blurring.model.detectors import vision
from core.metrics.maths import unit

OVERLAP = 0.2  # of a tile's side, that it shares with its neighbour
DESCRIPTOR_PX = 14


def corners(tiles: int) -> list[tuple[int, int]]:
    """Where each tile of a photo begins, (x, y) in its pixels, and so that the last ends where the photo does."""
    step = PHOTO_PX - tile_side(tiles)
    return [(x, y) for y in (0, step) for x in (0, step)] if tiles == 4 else [(0, 0)]


def tile_side(tiles: int) -> int:
    """Side of a tile in pixels of the photo: two of them with their overlap make the photo."""
    return PHOTO_PX if tiles == 1 else round(PHOTO_PX / (2 - OVERLAP))


def read_one(photo: np.ndarray, px: int, tiles: int) -> np.ndarray:
    """The tiles uint8 (tiles, px, px) of one photo, reduced."""
    cv2, side = vision(), tile_side(tiles)
    parts = [photo[y : y + side, x : x + side] for x, y in corners(tiles)]
    way = cv2.INTER_AREA if px <= side else cv2.INTER_LINEAR
    return np.stack([cv2.resize(part, (px, px), interpolation=way) for part in parts])


def read(photos: Photos, px: int, tiles: int) -> np.ndarray:
    """All photos as they are searched, uint8 (n · tiles, px, px)."""
    return np.concatenate([read_one(photo, px, tiles) for photo in photos.pixels])


def describe_one(photo: np.ndarray) -> np.ndarray:
    """A photo as a unit vector (d,): what is light and what is dark, coarsely."""
    cv2 = vision()
    small = cv2.resize(photo, (DESCRIPTOR_PX, DESCRIPTOR_PX), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return unit(small - small.mean(), least=1e-6)


def describe(photos: Photos) -> np.ndarray:
    """The vectors (n, d) of all photos."""
    return np.stack([describe_one(photo) for photo in photos.pixels])
