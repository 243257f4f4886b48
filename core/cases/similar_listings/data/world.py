"""The records of the world: real homes, the sessions of the past, and the guests who look right now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets.listings import Listings, load_berlin, load_king_county

CITIES = {"berlin": load_berlin, "king": load_king_county}
SESSIONS_PER_HOME = {"berlin": 3.0, "king": 0.4}  # in 60 days; few in King County, so that training takes a second
LEARN_DAYS = 60  # a model learns from the sessions of so many days before its snapshot
HISTORY_DAYS = LEARN_DAYS + 14  # the oldest snapshot is half of four weeks old
N_REQUESTS = 1_000
HALF = 7  # most clicks in each half of a session
DATES = 32  # different stays that guests ask for


@dataclass(frozen=True)
class Homes:
    """The homes as the models see them, every array (n,) unless said; place (n, 2) is in market radii."""

    market: np.ndarray
    kind: np.ndarray
    place: np.ndarray
    attributes: np.ndarray  # (n, 5) price in its market, size, bedrooms, bathrooms, score: standardised
    price_log: np.ndarray
    born_days: np.ndarray  # days since the home was listed
    changed_days: np.ndarray  # days since it was renovated
    free: np.ndarray  # (DATES, n) bool: free on those dates
    order: np.ndarray  # (n,) the homes market by market, ascending within each
    bounds: np.ndarray  # (n_markets + 1,) where each market begins in `order`
    local: np.ndarray  # (n,) each home's place among the homes of its market

    def of_market(self, market: int) -> np.ndarray:
        """The homes of a market (n_market,), ascending."""
        return self.order[self.bounds[market] : self.bounds[market + 1]]

    @property
    def n_markets(self) -> int:
        """How many markets the city has."""
        return len(self.bounds) - 1


@dataclass(frozen=True)
class Sessions:
    """Past sessions: clicks (s, 2 HALF) in order with -1 for none, the booked home or -1 (s,), and days ago (s,)."""

    clicks: np.ndarray
    booked: np.ndarray
    age_days: np.ndarray


@dataclass(frozen=True)
class Requests:
    """Guests looking at a home right now.

    seen (q, 2 HALF) lists the clicks up to now, latest first, -1 past the first; dates (q,) is the stay asked for.
    `chance` (q, largest market) is the true probability of booking each home of the market, homes in ascending order.
    """

    seen: np.ndarray
    market: np.ndarray
    dates: np.ndarray
    booked: np.ndarray
    chance: np.ndarray


@dataclass(frozen=True)
class World:
    """Homes, what guests did with them, and the guests to serve now."""

    homes: Homes
    past: Sessions
    now: Requests


def load_listings(city: str) -> Listings:
    """The real homes of a city. Raises DataError for a file that is amiss and ValueError for an unknown city."""
    if city not in CITIES:
        raise ValueError(f"no city {city!r}: choose one of {', '.join(CITIES)}")
    return CITIES[city]()
