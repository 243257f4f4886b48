"""The real part of the world: cities on a plane of kilometres, and who is whose friend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets.cities import load_cities
from core.datasets.people import load_trust

N_PEOPLE = 1_000
KM_A_DEGREE = 111.195
MIDDLE = (5.75, 51.7)  # longitude and latitude at which the plane touches the globe
NEAR_FRIENDS = 0.5  # share of people who live near a friend
NEIGHBOURS = 60
N_HOSTS = 250
SEED_OF_REGION = 0


@dataclass(frozen=True)
class Region:
    """Cities (n,) with their places (n, 2) in kilometres, N_PEOPLE people with homes and friends, and venues."""

    name: tuple[str, ...]
    xy: np.ndarray
    population: np.ndarray
    friends_at: np.ndarray  # (N_PEOPLE + 1,) bounds in `friends`
    friends: np.ndarray
    reached_from: np.ndarray  # (N_PEOPLE,) an earlier person who is a friend, -1 for none
    home_city: np.ndarray  # (N_PEOPLE,)
    home: np.ndarray  # (N_PEOPLE, 2) kilometres
    host_city: np.ndarray  # (N_HOSTS,)
    venue: np.ndarray  # (N_HOSTS, 2) kilometres


def load_region() -> Region:
    """The cities, people around one of the web of trust, their homes and the venues: the same for every seed.

    Raises DataError.
    """
    cities, rng = load_cities(), np.random.default_rng(SEED_OF_REGION)
    xy = to_plane(cities.lon, cities.lat)
    friends_at, friends, reached_from = _friends(rng)
    home_city = _home_cities(xy, cities.population, reached_from, rng)
    host_city = _drawn(cities.population**0.9, N_HOSTS, rng)
    home = _around(xy, cities.population, home_city, 0.006, rng)
    venue = _around(xy, cities.population, host_city, 0.004, rng)
    return Region(
        cities.name, xy, cities.population, friends_at, friends, reached_from, home_city, home, host_city, venue
    )


def _drawn(weights: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(len(weights), n, p=weights / weights.sum())


def _around(
    xy: np.ndarray, population: np.ndarray, city: np.ndarray, spread: float, rng: np.random.Generator
) -> np.ndarray:
    """Places (n, 2) around the centres of cities; one of a million people reaches some 1,000 × spread km."""
    return xy[city] + spread * np.sqrt(population[city])[:, None] * rng.normal(size=(len(city), 2))


def _home_cities(
    xy: np.ndarray, population: np.ndarray, reached_from: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A city (n,) for everybody: half of the people live in one of the NEIGHBOURS places nearest to a friend's."""
    from scipy.spatial import cKDTree

    n = len(reached_from)
    city, near, which = _drawn(population**0.8, n, rng), rng.random(n) < NEAR_FRIENDS, rng.integers(NEIGHBOURS, size=n)
    around = cKDTree(xy).query(xy, NEIGHBOURS)[1]
    for person, friend in enumerate(reached_from):
        if friend >= 0 and near[person]:
            city[person] = around[city[friend], which[person]]
    return city


def to_plane(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Kilometres east and north of MIDDLE (n, 2); within half a percent over this region."""
    east = (lon - MIDDLE[0]) * np.cos(np.radians(MIDDLE[1])) * KM_A_DEGREE
    return np.column_stack([east, (lat - MIDDLE[1]) * KM_A_DEGREE])


def to_degrees(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude (n,) of places (n, 2) on the plane."""
    return xy[:, 0] / np.cos(np.radians(MIDDLE[1])) / KM_A_DEGREE + MIDDLE[0], xy[:, 1] / KM_A_DEGREE + MIDDLE[1]


def kilometres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances between places (..., 2) on the plane."""
    step = one - other
    return np.sqrt(step[..., 0] ** 2 + step[..., 1] ** 2)


def _friends(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first N_PEOPLE people of a breadth-first walk from a well-known one, numbered in its order."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import breadth_first_order

    ties = load_trust()
    ends = np.concatenate([ties.pairs, ties.pairs[:, ::-1]])
    graph = coo_matrix((np.ones(len(ends), np.int8), ends.T), shape=(ties.n, ties.n)).tocsr()
    known = np.flatnonzero((np.diff(graph.indptr) >= 10) & (np.diff(graph.indptr) <= 60))
    start = int(rng.choice(known))
    order, before = breadth_first_order(graph, start, directed=False)
    kept = order[:N_PEOPLE]
    own = graph[kept][:, kept].tocsr()
    own.sort_indices()
    number = np.full(ties.n, -1)
    number[kept] = np.arange(N_PEOPLE)
    reached = np.where(before[kept] >= 0, number[before[kept]], -1)
    return own.indptr.astype(np.int64), own.indices.astype(np.int64), reached
