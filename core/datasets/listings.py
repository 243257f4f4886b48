"""Homes on a map: rental listings of Berlin and sold homes of King County, grouped into markets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, arrays


@dataclass(frozen=True, eq=False)
class Listings:
    """One city's homes, every array (n,); a market is a part of the city, a type a size class."""

    lon: np.ndarray  # degrees
    lat: np.ndarray
    price: np.ndarray  # in price_unit
    size: np.ndarray  # in size_unit
    bedrooms: np.ndarray
    bathrooms: np.ndarray
    score: np.ndarray  # in score_unit
    market: np.ndarray  # int64 into market_names
    kind: np.ndarray  # int64 into kind_names
    market_names: tuple[str, ...]
    kind_names: tuple[str, ...]
    price_unit: str
    size_unit: str
    score_unit: str


def load_berlin(root: Path = DATA) -> Listings:
    """2,203 rentals of Berlin's Prenzlauer Berg in ten quarters, a night's price each. Raises DataError."""
    stored = _columns("berlin_", root)
    quarters = tuple(f"quarter {i + 1}" for i in range(int(stored["quarter"].max()) + 1))
    return Listings(
        **_places(stored),
        size=stored["guests"].astype(np.float64),
        bathrooms=stored["half_bathrooms"] / 2,
        score=stored["score"].astype(np.float64),
        market=stored["quarter"].astype(np.int64),
        kind=np.digitize(stored["guests"], (3, 5)),
        market_names=quarters,
        kind_names=("for one or two", "for three or four", "for five or more"),
        price_unit="€ a night",
        size_unit="guests",
        score_unit="of 100 in reviews",
    )


def load_king_county(root: Path = DATA) -> Listings:
    """21,436 homes of King County, Washington, in 70 ZIP codes, with the price each was sold for. Raises DataError."""
    stored = _columns("king_", root)
    codes, market = np.unique(stored["zip"], return_inverse=True)
    return Listings(
        **_places(stored),
        size=stored["square_feet"].astype(np.float64),
        bathrooms=stored["quarter_bathrooms"] / 4,
        score=stored["grade"].astype(np.float64),
        market=market.astype(np.int64),
        kind=np.digitize(stored["bedrooms"], (3, 4)),
        market_names=tuple(f"ZIP {code}" for code in codes),
        kind_names=("up to two bedrooms", "three bedrooms", "four or more bedrooms"),
        price_unit="$ when sold",
        size_unit="square feet",
        score_unit="of 13 in building grade",
    )


def _columns(prefix: str, root: Path) -> dict[str, np.ndarray]:
    stored = arrays("listings.npz", root)
    return {name.removeprefix(prefix): values for name, values in stored.items() if name.startswith(prefix)}


def _places(stored: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns that both cities have in the same unit, as float64."""
    return {name: stored[name].astype(np.float64) for name in ("lon", "lat", "price", "bedrooms")}
