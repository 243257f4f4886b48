"""Ten product photos, one of each kind."""

from core.datasets.fashion import load_fashion
from core.ui.home.tiles.ink import image, joined, svg

LESSONS = ("V6", "V2", "V1")


def picture() -> str:
    photos = load_fashion()
    firsts = [int((photos.labels == kind).argmax()) for kind in range(10)]
    return svg(
        joined(
            image(255 - photos.images[row], 10 + 61 * (at % 5), 3 + 59 * (at // 5), 55, 55)
            for at, row in enumerate(firsts)
        )
    )
