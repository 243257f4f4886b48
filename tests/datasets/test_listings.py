"""The homes stand where they should, with sensible prices and markets, and a bad file is told."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.files import DataError
from core.datasets.listings import Listings, load_berlin, load_king_county

CITIES = {
    # load, homes, markets, (west, east), (south, north), (lowest, highest price)
    "berlin": (load_berlin, 2_203, 10, (13.39, 13.47), (52.51, 52.56), (18, 240)),
    "king": (load_king_county, 21_436, 70, (-122.53, -121.3), (47.15, 47.78), (75_000, 7_700_000)),
}


@pytest.fixture(params=CITIES)
def city(request) -> tuple[Listings, tuple]:
    load, *expected = CITIES[request.param]
    return load(), expected


def test_homes_stand_inside_their_city(city) -> None:
    homes, (n, _, (west, east), (south, north), _) = city
    assert len(homes.lon) == len(homes.lat) == n
    assert west < homes.lon.min() and homes.lon.max() < east
    assert south < homes.lat.min() and homes.lat.max() < north


def test_every_home_has_a_price_a_market_and_a_kind(city) -> None:
    homes, (_, n_markets, _, _, (lowest, highest)) = city
    assert homes.price.min() == lowest and homes.price.max() == highest
    assert set(homes.market) == set(range(n_markets)) and len(homes.market_names) == n_markets
    assert set(homes.kind) == {0, 1, 2} and len(homes.kind_names) == 3
    for column in (homes.size, homes.bedrooms, homes.bathrooms, homes.score):
        assert column.dtype == np.float64 and np.isfinite(column).all() and (column >= 0).all()


def test_a_market_is_one_place_on_the_map(city) -> None:
    homes, _ = city
    places = np.column_stack([homes.lon * np.cos(np.radians(homes.lat.mean())), homes.lat])
    spread = [places[homes.market == market].std(axis=0).max() for market in range(len(homes.market_names))]
    assert np.median(spread) < places.std(axis=0).max() / 2


def test_the_first_quarter_is_the_northernmost() -> None:
    homes = load_berlin()
    lats = [homes.lat[homes.market == market].mean() for market in range(10)]
    assert lats == sorted(lats, reverse=True)


def test_kinds_are_size_classes() -> None:
    berlin, king = load_berlin(), load_king_county()
    assert [berlin.size[berlin.kind == kind].max() for kind in (0, 1)] == [2, 4]
    assert [king.bedrooms[king.kind == kind].max() for kind in (0, 1)] == [2, 3]


@pytest.mark.parametrize("load", [load_berlin, load_king_county])
def test_a_folder_without_the_homes_is_told(load, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load(root=tmp_path)
