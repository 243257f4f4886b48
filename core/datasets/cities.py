"""Cities, towns and villages of the Low Countries and the Lower Rhine: their places and numbers of people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays


@dataclass(frozen=True, eq=False)
class Cities:
    """Places of a region, every array (n,), the most populous first."""

    name: tuple[str, ...]
    country: tuple[str, ...]  # two letters (ISO 3166)
    lon: np.ndarray  # degrees
    lat: np.ndarray
    population: np.ndarray


def load_cities(root: Path = DATA) -> Cities:
    """1,691 places with at least 1,000 people, from Bruges to Dortmund (GeoNames). Raises DataError."""
    stored = arrays("cities.npz", root)
    names, countries = (tuple(map(str, stored[key])) for key in ("name", "country"))
    lon, lat = (stored[key] / 1e5 for key in ("lon", "lat"))
    return _checked(Cities(names, countries, lon, lat, stored["population"].astype(np.int64)))


def _checked(cities: Cities) -> Cities:
    """The cities, once every one has a place on the globe and people."""
    n = len(cities.name)
    if not n or any(len(column) != n for column in (cities.country, cities.lon, cities.lat, cities.population)):
        raise DataError("data/cities.npz is empty, or its columns differ in length")
    if (abs(cities.lat) > 90).any() or (abs(cities.lon) > 180).any() or (cities.population < 1).any():
        raise DataError("data/cities.npz holds a place off the globe or without people")
    return cities
