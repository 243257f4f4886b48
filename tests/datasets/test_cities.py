"""The cities stand where they should, the largest first, and a bad file is told."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets import cities as c
from core.datasets.cities import Cities, load_cities
from core.datasets.files import DataError
from data.make.cities import cities, signed, varint


def test_1691_places_of_one_region_the_largest_first() -> None:
    found = load_cities()
    assert len(found.name) == len(found.country) == len(found.lon) == 1_691
    assert found.lon.min() >= 3.3 and found.lon.max() <= 8.2
    assert found.lat.min() >= 50.6 and found.lat.max() <= 52.8
    assert (np.diff(found.population) <= 0).all() and found.population.min() >= 1_000
    assert set(found.country) == {"NL", "BE", "DE"}


@pytest.mark.parametrize(
    ("name", "lon", "lat"), [("Amsterdam", 4.89, 52.37), ("Köln", 6.95, 50.93), ("Antwerpen", 4.40, 51.22)]
)
def test_a_city_is_where_an_atlas_has_it(name: str, lon: float, lat: float) -> None:
    found = load_cities()
    at = found.name.index(name)
    assert found.lon[at] == pytest.approx(lon, abs=0.02) and found.lat[at] == pytest.approx(lat, abs=0.02)


def test_a_missing_file_is_told_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"checksums.json is missing.*git checkout"):
        load_cities(tmp_path)


def place(**changes: object) -> Cities:
    column = dict(name=("A",), country=("NL",), lon=np.array([5.0]), lat=np.array([52.0]), population=np.array([9]))
    return Cities(**{**column, **changes})


def test_places_that_cannot_be_are_told() -> None:
    assert c._checked(place()).name == ("A",)
    for wrong in (dict(lat=np.array([91.0])), dict(lon=np.array([200.0])), dict(population=np.array([0]))):
        with pytest.raises(DataError, match="off the globe"):
            c._checked(place(**wrong))
    for wrong in (dict(name=()), dict(lon=np.empty(0))):
        with pytest.raises(DataError, match="differ in length"):
            c._checked(place(**wrong))


def test_the_packages_records_are_read() -> None:
    assert varint(b"\xac\x02", 0) == (300, 2)
    assert [signed(n) for n in (0, 1, 2, 3)] == [0, -1, 1, -2]
    first = b"\x12\x01A\x48\x0a\x50\x04\x58\x06"  # name "A", population 10, steps of 2 and 3
    second = b"\x12\x01B\x50\x01\x58\x02"  # name "B", steps of -1 and 1
    read = list(cities(bytes([len(first)]) + first + bytes([len(second)]) + second))
    assert [(row["name"], row["population"], row["lon"], row["lat"]) for row in read] == [
        ("A", 10, 2, 3),
        ("B", 0, 1, 4),
    ]
