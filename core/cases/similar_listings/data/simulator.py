"""The world of similar listings: real homes, simulated guests who look at some of them and book one.

What is simulated and how (every number below is a constant or a dial):

- A home has a hidden style of six numbers that no attribute tells, as photos would. With geography at g, the share g of
  its variance is a smooth random field over the map (neighbours are alike), the rest is the home's own.
- A home and a guest's taste are points in one space: place, price, type and style, each stretched by how much it
  counts. The utility of a home is minus its squared distance from the taste, which lies near a real home of the guest's
  market. `geography` stretches place, `hidden` divides the rest between style and what the listing tells.
- A session has two halves: first the guest looks at what is a little too dear and in a vaguer style, then at what fits.
  Homes are picked by utility with Gumbel noise, so the picks follow Plackett and Luce (Luce 1959). Some guests book: by
  the same utility, sharpened, plus a liking for good scores, among the homes free on their dates.
- Every day some homes are new and some are renovated (their style is drawn again), at the rate `turnover`.
"""

from __future__ import annotations

import numpy as np

from core.cases.similar_listings.data.world import (
    DATES,
    HALF,
    HISTORY_DAYS,
    LEARN_DAYS,
    N_REQUESTS,
    Homes,
    Requests,
    Sessions,
    World,
)
from core.datasets.listings import Listings

STYLES = 6
LONG_AGO = 1e6  # days
# How far apart two homes may be before a guest minds: market radii, price deviations, style units.
WIDTHS = {"place": 0.5, "price": 0.5, "kind": 1.0, "style": 0.6}
SPREAD = {"place": 0.2, "price": 0.3, "kind": 0.0, "style": 0.5}  # how far a taste lies from the home that inspired it
ASTRAY = {"place": 0.0, "price": 0.0, "kind": 0.0, "style": 1.0}  # and how much further it lies at first
TOO_DEAR = 0.8  # price deviations, in the first half of a session
SCORE_LIKING = 1.0  # utility of a standard deviation of score, to those who book
BOOKING_SHARPNESS = 1.5


def simulate_guests(
    listings: Listings, sessions_per_home: float, geography: float, hidden: float, booking: float, free: float,
    turnover: float, seed: int, n_requests: int = N_REQUESTS,
) -> World:  # fmt: skip
    """Guests over the homes: `sessions_per_home` in 60 days of the past, and `n_requests` now."""
    rng = np.random.default_rng(seed)
    homes = _homes(listings, free, turnover, rng)
    n_past = int(sessions_per_home * len(homes.market) * HISTORY_DAYS / LEARN_DAYS)
    profiles, stretch = _profiles(homes, geography, hidden, rng)
    guests = _Guests(homes, profiles, stretch, (n_past, n_requests), booking, rng)
    for market in range(homes.n_markets):
        guests.visit(market)
    return guests.world()


def _homes(listings: Listings, free: float, turnover: float, rng: np.random.Generator) -> Homes:
    n, market = len(listings.market), listings.market
    order = np.argsort(market, kind="stable")
    bounds = np.searchsorted(market[order], np.arange(market.max() + 2))
    price_log = np.log(listings.price)
    columns = [_standard(price_log, market), *map(_standard, (listings.size, listings.bedrooms, listings.bathrooms))]
    rate = max(turnover, 1 / LONG_AGO)
    return Homes(
        market=market,
        kind=listings.kind,
        place=_place(listings),
        attributes=np.column_stack([*columns, _standard(listings.score)]).astype(np.float32),
        price_log=price_log,
        born_days=rng.exponential(1 / rate, n),
        changed_days=rng.exponential(1 / rate, n),
        free=rng.random((DATES, n)) < free,
        order=order,
        bounds=bounds,
        local=np.argsort(order) - bounds[market],
    )


def _standard(values: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """The values less their mean over their deviation, within each group, cut at three deviations."""
    groups = np.zeros(len(values), np.int64) if groups is None else groups
    n = np.bincount(groups)
    mean = np.bincount(groups, values) / n
    deviation = np.sqrt(np.bincount(groups, (values - mean[groups]) ** 2) / n)
    return np.clip((values - mean[groups]) / np.maximum(deviation[groups], 1e-9), -3, 3)


def _place(listings: Listings) -> np.ndarray:
    """Positions (n, 2) east and north, in radii of the middle market (root mean square distance from its centre)."""
    lat = np.radians(listings.lat)
    metres = 6_371_000 * np.column_stack([np.radians(listings.lon) * np.cos(lat.mean()), lat])
    market = listings.market
    centre = np.column_stack([np.bincount(market, metres[:, i]) for i in (0, 1)]) / np.bincount(market)[:, None]
    off = ((metres - centre[market]) ** 2).sum(axis=1)
    radius = np.median(np.sqrt(np.bincount(market, off) / np.bincount(market)))
    return ((metres - metres.mean(axis=0)) / radius).astype(np.float32)


def _profiles(
    homes: Homes, geography: float, hidden: float, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Homes as points (2, n, d) after and before a renovation, and the stretch (d,) of each kind of dimension."""
    parts = {"place": homes.place, "price": homes.attributes[:, :1], "kind": np.eye(3)[homes.kind]}
    styles = _styles(homes.place, geography, rng)
    counts = {"place": geography, "price": 1 - hidden, "kind": 1 - hidden, "style": hidden}
    widths = [len(part[0]) for part in parts.values()] + [STYLES]
    owner = np.repeat(list(counts), widths)
    stretch = {name: np.where(owner == name, counts[name] ** 0.5 / WIDTHS[name], 0.0) for name in counts}
    plain = np.column_stack(list(parts.values()))
    both = np.stack([np.column_stack([plain, style]) for style in styles])
    return (both * sum(stretch.values())).astype(np.float32), stretch


def _styles(place: np.ndarray, geography: float, rng: np.random.Generator) -> np.ndarray:
    """Hidden styles (2, n, STYLES) after and before a renovation: a smooth field, and what is the home's own."""
    waves = 16  # random Fourier features of a Gaussian field with a length of 0.8 market radii (Rahimi & Recht 2007)
    frequency, phase = rng.normal(size=(2, waves * STYLES)) / 0.8, rng.uniform(0, 2 * np.pi, waves * STYLES)
    field = np.cos(place @ frequency + phase).reshape(len(place), STYLES, waves).sum(axis=2) * (2 / waves) ** 0.5
    own = rng.normal(size=(2, *field.shape))
    return geography**0.5 * field + (1 - geography) ** 0.5 * own


class _Guests:
    """Every guest of the world, past and present, sent through their market one market at a time."""

    def __init__(
        self, homes: Homes, profiles: np.ndarray, stretch: dict[str, np.ndarray], n_guests: tuple[int, int],
        booking: float, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        (n_past, n_now), n = n_guests, sum(n_guests)
        self.n_past = n_past
        self.homes, self.profiles, self.stretch, self.rng = homes, profiles, stretch, rng
        self.market = homes.market[rng.integers(len(homes.market), size=n)]  # large markets have more guests
        self.age = np.where(np.arange(n) < n_past, rng.uniform(0, HISTORY_DAYS, n), 0.0).astype(np.float32)
        self.books = np.where(np.arange(n) < n_past, rng.random(n) < booking, True)
        self.dates = rng.integers(DATES, size=n)
        # clicks in the first and in the second half; half of the present guests are still in their first
        self.lengths = rng.integers(1, HALF + 1, size=(2, n))
        self.lengths[1, n_past:] *= rng.random(n_now) < 0.5
        self.clicks = np.full((n, 2 * HALF), -1, np.int32)
        self.booked = np.full(n, -1, np.int32)
        self.chance = np.zeros((n_now, int(np.diff(homes.bounds).max())), np.float32)

    def visit(self, market: int) -> None:
        """Let the guests of one market click and book."""
        ids, who = self.homes.of_market(market), np.flatnonzero(self.market == market)
        if len(who) == 0 or len(ids) <= 2 * HALF:
            return
        tastes = self._near(self.profiles[0, ids[self.rng.integers(len(ids), size=len(who))]], SPREAD)
        dreams = self._near(tastes, ASTRAY) + (TOO_DEAR * self.stretch["price"]).astype(np.float32)
        utility = self._utility(ids, who, tastes)
        picked = np.zeros(utility.shape, bool)
        self._click(0, who, ids, self._utility(ids, who, dreams), picked)
        self._click(1, who, ids, utility, picked)
        self._book(who, ids, utility, picked)

    def _near(self, points: np.ndarray, spread: dict[str, float]) -> np.ndarray:
        """Points (n, d) scattered around the given ones."""
        width = sum(spread[name] * stretch for name, stretch in self.stretch.items()).astype(np.float32)
        return points + width * self.rng.standard_normal(points.shape, np.float32)

    def _utility(self, ids: np.ndarray, who: np.ndarray, tastes: np.ndarray) -> np.ndarray:
        """What each home of a market is worth to each guest (guests, homes); homes not listed yet are out of reach."""
        homes, age = self.homes, self.age[who][:, None]
        utility = -_squares(tastes, self.profiles[0, ids])
        renovated = np.flatnonzero(homes.changed_days[ids] < HISTORY_DAYS)
        before = -_squares(tastes, self.profiles[1, ids[renovated]])
        utility[:, renovated] = np.where(homes.changed_days[ids[renovated]] < age, before, utility[:, renovated])
        utility[homes.born_days[ids] < age] = -np.inf
        return utility

    def _click(self, half: int, who: np.ndarray, ids: np.ndarray, utility: np.ndarray, picked: np.ndarray) -> None:
        """Pick homes by utility plus Gumbel noise, best first, none twice in a session."""
        value = np.where(picked, -np.inf, utility) + self._gumbel(utility.shape)
        rows = np.arange(len(who))[:, None]
        best = np.argpartition(-value, HALF, axis=1)[:, :HALF]
        best = best[rows, np.argsort(-value[rows, best], axis=1)]
        taken = (np.arange(HALF) < self.lengths[half, who][:, None]) & np.isfinite(value[rows, best])
        self.clicks[who, half * HALF : (half + 1) * HALF] = np.where(taken, ids[best], -1)
        picked[rows, best] |= taken

    def _book(self, who: np.ndarray, ids: np.ndarray, utility: np.ndarray, picked: np.ndarray) -> None:
        """Book a home that is free and was not clicked, as the last click would be; remember the true chances."""
        liking = BOOKING_SHARPNESS * utility + SCORE_LIKING * self.homes.attributes[ids, 4]
        can = self.homes.free[:, ids][self.dates[who]] & ~picked & np.isfinite(utility)
        liking = np.where(can, liking, -np.inf)
        booked = ids[np.argmax(liking + self._gumbel(liking.shape), axis=1)]
        self.booked[who] = np.where(can.any(axis=1) & self.books[who], booked, -1)
        present = who >= self.n_past
        share = np.exp(liking[present] - np.maximum(liking[present].max(axis=1, keepdims=True), -1e30))
        share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-30)
        self.chance[who[present] - self.n_past, : len(ids)] = share

    def _gumbel(self, shape: tuple[int, ...]) -> np.ndarray:
        """Gumbel noise as minus the log of an exponential, at a third of the time of numpy's own."""
        return -np.log(np.maximum(self.rng.standard_exponential(shape, dtype=np.float32), np.float32(1e-30)))

    def world(self) -> World:
        """Everything that happened, past apart from present; guests who found nothing to book ask for nothing."""
        past, at = slice(None, self.n_past), np.flatnonzero(self.booked[self.n_past :] >= 0)
        now = self.n_past + at
        clicks = self.clicks[now][:, ::-1]
        latest_first = np.take_along_axis(clicks, np.argsort(clicks < 0, axis=1, kind="stable"), axis=1)
        return World(
            self.homes,
            Sessions(self.clicks[past], self.booked[past], self.age[past]),
            Requests(latest_first, self.market[now], self.dates[now], self.booked[now], self.chance[at]),
        )


def _squares(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Squared distances (n, m) between the rows of two float32 matrices."""
    return (left**2).sum(axis=1)[:, None] - 2 * (left @ right.T) + (right**2).sum(axis=1)
