"""What the page shows beyond figures: a few people's evenings on a map, and how far the chances can be believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.places import Region, kilometres, to_degrees
from core.cases.event_recommendation.data.world import FIRST_WEEKDAY, NOW, TOPICS, World
from core.cases.event_recommendation.evaluate.quality import tenths
from core.cases.event_recommendation.features.shelf import Shelf
from core.cases.event_recommendation.model.ranker import Ranker
from core.cases.event_recommendation.model.scorers import MODELS
from core.cases.event_recommendation.serve.lists import Lists

N_EVENINGS = 6
N_SHOWN = 10
N_CITIES = 150  # the most populous, as ground of the map
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Pin:
    """An event on the map and in words. `role` is "shown" or "missed" (wanted, and not among the ten)."""

    lon: float
    lat: float
    role: str
    rank: int  # from 1 among those shown, else 0
    title: str
    when: str
    price: str
    km: float
    friends: int  # who go
    seats: int  # left
    wanted: bool
    chance: float  # the true one


@dataclass(frozen=True)
class Evening:
    """One person's request: home, what came into question, what was shown, and what was wanted and missed."""

    city: str
    lon: float
    lat: float
    n_friends: int
    n_past: int
    likes: str
    n_candidates: int
    ground: np.ndarray  # (m, 2) longitude and latitude of the candidates
    friends: np.ndarray  # (f, 2) homes of friends within reach of the map
    pins: tuple[Pin, ...]


@dataclass(frozen=True)
class Shown:
    """The evenings, the cities as ground, the radius, and predicted and true chances of ten groups of candidates."""

    evenings: tuple[Evening, ...]
    cities: np.ndarray  # (N_CITIES, 2) longitude and latitude
    radius_km: int
    tenths: tuple[tuple[float, float], ...]
    tuning: tuple[tuple[str, str], ...]  # each ranker's name and what tuning it received


def show(
    ids: np.ndarray, lists: Lists, ranker: Ranker, shelf: Shelf, world: World, region: Region, correct: bool,
    radius: int,
) -> Shown:  # fmt: skip
    """The evenings of N_EVENINGS people with friends and with something they want, and the tenths of the chances."""
    wanted = world.requests.would.sum(axis=1)
    n_friends = np.diff(world.people.friends_at)
    there = np.flatnonzero((wanted >= 2) & (n_friends >= 3) & (n_friends <= 60) & (shelf.n_past >= 3))
    chosen = there[np.linspace(0, len(there) - 1, N_EVENINGS).astype(int)] if len(there) else there
    evenings = tuple(_evening(int(i), ids[i], lists, shelf, world, region) for i in chosen)
    tuning = tuple((model.label, model.tuning) for model in MODELS.values())
    cities = np.column_stack(to_degrees(region.xy[:N_CITIES])).round(4)
    return Shown(evenings, cities, radius, tenths(lists, ranker, shelf, world, correct), tuning)


def _evening(person: int, ids: np.ndarray, lists: Lists, shelf: Shelf, world: World, region: Region) -> Evening:
    people, events, now = world.people, world.events, world.requests
    shown = ids[:N_SHOWN][ids[:N_SHOWN] >= 0]
    wanted = now.open[now.would[person]]
    missed = wanted[~np.isin(wanted, shown)]
    home = people.xy[person]
    missed = missed[kilometres(home, events.xy[missed]) <= 120]  # farther ones would shrink the map
    pins = [_pin(person, int(e), i + 1, "shown", world, wanted) for i, e in enumerate(shown)]
    pins += [_pin(person, int(e), 0, "missed", world, wanted) for e in missed]
    own = lists.candidates.column[lists.candidates.person == person]
    friends = people.xy[people.friends_of(person)]
    near = friends[kilometres(home, friends) <= 120]
    likes = TOPICS[int(np.argmax(shelf.habits[person, : len(TOPICS)]))]
    lon, lat = (float(degrees[0]) for degrees in to_degrees(home[None]))
    return Evening(
        region.name[people.city[person]], lon, lat, len(friends), int(shelf.n_past[person]), likes, len(own),
        _on_map(events.xy[shelf.open[own]]), _on_map(near), tuple(pins),
    )  # fmt: skip


def _on_map(xy: np.ndarray) -> np.ndarray:
    return np.column_stack(to_degrees(xy)).round(4)


def _pin(person: int, event: int, rank: int, role: str, world: World, wanted: np.ndarray) -> Pin:
    events, people, log = world.events, world.people, world.log
    rows = np.flatnonzero((log.event == event) & log.registered & (log.hour < NOW))
    lon, lat = (float(degrees[0]) for degrees in to_degrees(events.xy[event][None]))
    column = np.flatnonzero(world.requests.open == event)
    start, price = int(events.start[event]), float(events.price[event])
    day = DAYS[(start // 24 + FIRST_WEEKDAY) % 7]
    ahead = start // 24 - NOW // 24
    return Pin(
        lon, lat, role, rank, TOPICS[int(np.argmax(events.topics[event]))],
        f"{day} {start % 24}:00, {_ahead(ahead)}", "free" if price == 0 else f"€{price:.0f}",
        round(float(kilometres(people.xy[person], events.xy[event])), 1),
        int(np.isin(log.person[rows], people.friends_of(person)).sum()), int(events.seats[event] - len(rows)),
        bool(event in wanted), float(world.requests.chance[person, column[0]]) if len(column) else 0.0,
    )  # fmt: skip


def _ahead(days: int) -> str:
    return {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days, f"in {days} days")
