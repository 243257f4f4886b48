"""Judging the answers of similar listings, and the few that the page shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.similar_listings.data.world import World
from core.cases.similar_listings.model.similarity import Similarity
from core.cases.similar_listings.serve.filters import K, passing
from core.cases.similar_listings.serve.sessions import Answers, request_of
from core.contract.case import Estimate, estimate
from core.datasets.listings import Listings

NEW_DAYS = 30.0  # homes listed since then are graded apart
FEWEST_NEW = 20  # requests for new homes, below which no figure is given
GROUND_DOTS = 1_500  # homes of other markets on the map, so that the city shows


def grade(answers: Answers, world: World) -> dict[str, Estimate]:
    """Every quality of the answers, each with the value of every request."""
    now, ids = world.now, answers.ids
    hit = ids == now.booked[:, None]
    ranks = hit.argmax(axis=1)
    recalled = hit.any(axis=1)
    there = n_eligible(world)
    captured, most = captured_chance(ids, world)
    graded = {
        "recall@12": recalled.astype(float),
        "rank": rank_share(np.where(recalled, ranks, -1), (ids >= 0).sum(axis=1), there),
        "mrr@12": np.where(recalled, 1 / (ranks + 1), 0.0),
        "regret": 1 - captured / most,
        "filled": (ids >= 0).sum(axis=1) / np.minimum(K, there),
    }
    new = world.homes.born_days[now.booked] < NEW_DAYS
    if new.sum() >= FEWEST_NEW:
        graded["new recall@12"] = recalled[new].astype(float)
    return {name: estimate(per_query, unit="guests") for name, per_query in graded.items()}


def n_eligible(world: World) -> np.ndarray:
    """How many homes each request could be answered with (q,): in the market, free, not yet seen."""
    homes = world.homes
    requests = (request_of(world, i) for i in range(len(world.now.booked)))
    return np.array([int(passing(homes, request, homes.of_market(request.market)).sum()) for request in requests])


def rank_share(rank: np.ndarray, n_answered: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Where the booked home stands among all eligible ones, 0 first to 1 last; unranked ones (-1) share the rest."""
    mean_of_rest = (n_answered + there - 1) / 2
    return np.where(rank >= 0, rank, mean_of_rest) / np.maximum(there - 1, 1)


def captured_chance(ids: np.ndarray, world: World) -> tuple[np.ndarray, np.ndarray]:
    """The true chance that the guest books one of the answers (q,), and of the K homes an oracle would show (q,)."""
    chance, local = world.now.chance, world.homes.local[ids]
    captured = np.where(ids >= 0, np.take_along_axis(chance, local, axis=1), 0.0).sum(axis=1, dtype=np.float64)
    most = np.partition(chance, -K, axis=1)[:, -K:].sum(axis=1, dtype=np.float64)
    return captured, most


@dataclass(frozen=True)
class Pin:
    """A home on the map and in words. `role` is "viewed", "shown" or "missed" (booked, and not shown)."""

    lon: float
    lat: float
    role: str
    rank: int  # from 1 among the homes shown, else 0
    facts: str
    metres: int  # from the home viewed
    cold: bool  # too few clicks: others stand in for it
    booked: bool
    best: bool = False  # among the K with the highest true chance of this guest's booking


@dataclass(frozen=True)
class Carousel:
    """One request as a reader sees it: the home viewed, then what was shown, then the booked home if it was missed."""

    market: str
    pins: tuple[Pin, ...]
    ground: np.ndarray  # (dots, 2) lon and lat of the market's other homes
    n_eligible: int
    n_seen: int


@dataclass(frozen=True)
class Shown:
    """What the page draws: a few requests, and dots (dots, 2) lon and lat of the city around them."""

    carousels: tuple[Carousel, ...]
    city: np.ndarray


def lay_ground(listings: Listings, seed: int) -> np.ndarray:
    """Positions (dots, 2) of at most GROUND_DOTS homes, float32."""
    rng = np.random.default_rng(seed)
    some = np.sort(rng.permutation(len(listings.lon))[:GROUND_DOTS])
    return np.column_stack([listings.lon, listings.lat])[some].astype(np.float32)


def show(answers: Answers, model: Similarity, city: np.ndarray, world: World, listings: Listings) -> Shown:
    """Eight requests: the first four, two that look at a home of the last weeks, two that book one."""
    now, born = world.now, world.homes.born_days
    young = [np.flatnonzero(born[homes] < NEW_DAYS)[:2] for homes in (now.seen[:, 0], now.booked)]
    chosen = dict.fromkeys(np.concatenate([np.arange(4), *young]).tolist())
    return Shown(tuple(_carousel(i, answers.ids[i], model, world, listings) for i in chosen), city)


def _carousel(i: int, ids: np.ndarray, model: Similarity, world: World, listings: Listings) -> Carousel:
    request, viewed, booked = request_of(world, i), int(world.now.seen[i, 0]), int(world.now.booked[i])
    members = world.homes.of_market(request.market)
    shown = ids[ids >= 0].tolist()
    roles = [(viewed, "viewed", 0), *((home, "shown", rank) for rank, home in enumerate(shown, start=1))]
    roles += [] if booked in shown else [(booked, "missed", 0)]
    chance = world.now.chance[i, : len(members)]
    ideal = np.argsort(-chance, kind="stable")[:K]
    best = set(members[ideal[chance[ideal] > 0]].tolist())
    pins = tuple(_pin(home, role, rank, viewed, booked, home in best, model, listings) for home, role, rank in roles)
    ground = np.column_stack([listings.lon, listings.lat])[members].astype(np.float32)
    eligible = int(passing(world.homes, request, members).sum())
    return Carousel(listings.market_names[request.market], pins, ground, eligible, len(request.seen))


def _pin(
    home: int, role: str, rank: int, viewed: int, booked: int, best: bool, model: Similarity, listings: Listings
) -> Pin:
    east = (listings.lon[home] - listings.lon[viewed]) * np.cos(np.radians(listings.lat[viewed]))
    metres = np.hypot(east, listings.lat[home] - listings.lat[viewed]) * 111_195
    facts = (
        f"{listings.price[home]:,.0f} {listings.price_unit}, {listings.kind_names[listings.kind[home]]}, "
        f"{listings.size[home]:,.0f} {listings.size_unit}, {listings.score[home]:.0f} {listings.score_unit}"
    )
    place = dict(lon=float(listings.lon[home]), lat=float(listings.lat[home]), metres=round(float(metres)))
    marks = dict(cold=bool(model.donors[home, 0] >= 0), booked=home == booked, best=best)
    return Pin(**place, role=role, rank=rank, facts=facts, **marks)
