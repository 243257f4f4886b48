"""The listings of Berlin; the third that costs most is orange."""

import numpy as np

from core.datasets.listings import load_berlin
from core.ui.home.tiles.ink import PETROL, VERMILION, dot, inside, joined, on_map, svg

LESSONS = ("L12F", "L10F", "L3")


def picture() -> str:
    homes = load_berlin()
    places = on_map(homes.lon, homes.lat)
    dear = homes.price > np.quantile(homes.price, 2 / 3)
    return svg(
        joined(
            dot(*places[i], 1.7, VERMILION if dear[i] else PETROL, 0.55) for i in np.flatnonzero(inside(places))[::2]
        )
    )
