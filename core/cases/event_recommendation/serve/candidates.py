"""Which events come into question: near enough, soon enough, with seats; found by a tree of places or by a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.places import kilometres
from core.cases.event_recommendation.data.world import World
from core.cases.event_recommendation.features.shelf import Shelf

MARGIN_KM = 1e-3  # the tree works in double precision, features in single


@dataclass(frozen=True)
class Candidates:
    """Pairs that passed the filter: people (m,) ascending and columns (m,) of the shelf."""

    person: np.ndarray
    column: np.ndarray

    def bounds(self, n: int) -> np.ndarray:
        """Where each person's pairs begin (n + 1,)."""
        return np.searchsorted(self.person, np.arange(n + 1))


def in_time(shelf: Shelf, world: World, horizon_days: int) -> np.ndarray:
    """True for events of the shelf (n_open,) that begin within the horizon and have seats, as far as it knows."""
    soon = world.events.start[shelf.open] <= shelf.hour + 24 * horizon_days
    return soon & (shelf.registered < world.events.seats[shelf.open])


def scan(shelf: Shelf, world: World, radius_km: int, horizon_days: int) -> Candidates:
    """The candidates of everybody, by looking at every pair."""
    away = kilometres(world.people.xy[:, None], world.events.xy[shelf.open])
    person, column = np.nonzero((away <= radius_km) & in_time(shelf, world, horizon_days) & ~shelf.taken)
    return Candidates(person, column)


def finder(shelf: Shelf, world: World, radius_km: int, horizon_days: int) -> Callable[[int], np.ndarray]:
    """A function that finds one person's candidate columns by way of a k-d tree over the open events in time."""
    from scipy.spatial import cKDTree

    columns = np.flatnonzero(in_time(shelf, world, horizon_days))
    places = world.events.xy[shelf.open[columns]]
    homes = world.people.xy
    tree = cKDTree(places) if len(columns) else None

    def find(person: int) -> np.ndarray:
        if tree is None:
            return columns
        near = np.asarray(tree.query_ball_point(homes[person], radius_km + MARGIN_KM), np.int64)
        near = near[kilometres(homes[person], places[near]) <= radius_km]
        within = columns[near]
        return np.sort(within[~shelf.taken[person, within]])

    return find
