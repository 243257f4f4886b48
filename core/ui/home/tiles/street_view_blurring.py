"""Three photos of the stress test with every face and plate blurred."""

import numpy as np

from core.ui.home.tiles.ink import image, joined, svg

LESSONS = ("B4-flip", "B4c", "L1")
BLOCK = 6  # pixels that become one


def picture() -> str:
    from core.cases.street_view_blurring.data.photos import load_photos
    from core.datasets.street import load_street

    photos = load_photos(load_street(), "test", 0.5, "large", "day", 0.0, 0)
    return svg(joined(image(_blurred(photos, row), 3 + 106 * at, 8, 102, 102) for at, row in enumerate((0, 1, 2))))


def _blurred(photos, row: int) -> np.ndarray:
    pixels = photos.pixels[row].copy()
    for x1, y1, x2, y2 in photos.box[photos.of == row].astype(int):
        for y in range(y1, y2, BLOCK):
            for x in range(x1, x2, BLOCK):
                part = np.s_[y : min(y + BLOCK, y2), x : min(x + BLOCK, x2)]
                pixels[part] = pixels[part].mean()
    return pixels
