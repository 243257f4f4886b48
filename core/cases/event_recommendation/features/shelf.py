"""The feature store: what is known of everybody and every open event at one hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.places import N_HOSTS
from core.cases.event_recommendation.data.world import (
    NOW,
    World,
    friends_going,
    open_at,
    taken_by,
)
from core.cases.event_recommendation.features.counts import Known, Tallies, before, habits_of
from core.cases.event_recommendation.features.pairs import NAMES, features


@dataclass(frozen=True)
class Shelf:
    """The feature store for one hour: what is known of every person (rows) and open event (columns), as of `known_h`.

    Batch features are a shelf filled hours ago, streaming features one filled now.
    """

    hour: int
    known_h: int
    open: np.ndarray  # (n_open,)
    going: np.ndarray  # (n, n_open) friends
    taken: np.ndarray  # (n, n_open) own registrations
    been: np.ndarray  # (n, n_open) earlier registrations with the host
    registered: np.ndarray  # (n_open,)
    host_mean: np.ndarray
    habits: np.ndarray  # (n, 8 + 3)
    n_past: np.ndarray


def fill_shelf(tallies: Tallies, world: World, age_h: int, lag_h: int, begun_h: int) -> Shelf:
    """The shelf for the evening, or for `age_h` before it, with counts that are `lag_h` late."""
    events, log, n = world.events, world.log, len(world.people.city)
    hour = NOW - age_h
    known_h = hour - lag_h
    ids = open_at(events, hour, begun_h)
    rows = np.flatnonzero(log.registered & (log.hour < known_h))
    person, event = log.person[rows], log.event[rows]
    own = np.flatnonzero(log.registered & (log.hour < hour))  # a person's own registrations are known at once
    taken = taken_by(log.person[own], log.event[own], n, ids, len(events.host))
    counted = taken_by(person, event, n, ids, len(events.host))
    host = events.host[ids]
    guests = np.bincount(person * N_HOSTS + events.host[event], minlength=n * N_HOSTS).reshape(n, N_HOSTS)
    hosted = before(tallies.posted_by_host, np.arange(N_HOSTS), np.full(N_HOSTS, known_h))
    habits, n_past = habits_of(tallies, np.arange(n), np.full(n, known_h))
    return Shelf(
        hour, known_h, ids, friends_going(world.people, counted), taken, guests[:, host].astype(np.int16),
        np.bincount(event, minlength=len(events.host))[ids], (guests.sum(axis=0) / np.maximum(hosted, 1))[host],
        habits, n_past,
    )  # fmt: skip


def read_shelf(shelf: Shelf, world: World, person: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The features (m, len(NAMES)) of people and columns of the shelf."""
    known = Known(
        shelf.going[person, column], shelf.registered[column], shelf.host_mean[column], shelf.been[person, column],
        shelf.habits[person], shelf.n_past[person],
    )  # fmt: skip
    return features(world.events, world.people, person, shelf.open[column], shelf.hour, known)


def shelf_bytes(shelf: Shelf) -> int:
    """Bytes of features that a replica holds: counts in one byte, numbers in four."""
    n, n_open = shelf.going.shape
    return n * n_open * 2 + n_open * 4 * len(NAMES) + n * 4 * shelf.habits.shape[1]
