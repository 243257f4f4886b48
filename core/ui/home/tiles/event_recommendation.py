"""Cities by population, and one person's way to the nearest: where an evening can be spent."""

import numpy as np

from core.datasets.cities import load_cities
from core.ui.home.tiles.ink import AMBER, PETROL, SLATE, VERMILION, dot, inside, joined, line, on_map, svg

LESSONS = ("E9-flip", "E6b", "E2b")


def picture() -> str:
    cities = load_cities()
    places = on_map(cities.lon, cities.lat)
    there = np.flatnonzero(inside(places))
    home = there[np.argmin(np.abs(places[there] - [160, 60]).sum(axis=1))]
    far = np.hypot(*(places - places[home]).T)
    going = there[np.argsort(far[there])][4:40:9]
    size = np.sqrt(cities.population / cities.population.max())
    return svg(
        joined(dot(*places[i], 1 + 9 * size[i], SLATE, 0.4) for i in there),
        joined(line(tuple(places[home]), tuple(places[i]), PETROL, 1.2) for i in going),
        joined(dot(*places[i], 5, PETROL) for i in going),
        dot(*places[home], 6, VERMILION),
        dot(*places[home], 2.5, AMBER),
    )
