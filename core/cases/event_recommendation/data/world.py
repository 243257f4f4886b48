"""The records of the world: events, people, what the feed showed, and the evening on which everybody asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NOW = 24 * 42 + 18  # the hour at which everybody asks: a Thursday, six in the evening
DAYS = 50  # the log goes on for a week after that, which only a careless count looks at
HOURS = 24 * DAYS
TOPICS = ("music", "theatre", "food", "sport", "games", "talks", "crafts", "outdoors")
BEGUN_H = 12  # the old feed showed events up to so long after they had begun
FIRST_WEEKDAY = 3  # hour 0 is the midnight before a Thursday; Monday is 0


@dataclass(frozen=True)
class Events:
    """Events, every array (n,) unless said; hours count from the beginning of the log."""

    host: np.ndarray
    xy: np.ndarray  # (n, 2) kilometres
    city: np.ndarray
    topics: np.ndarray  # (n, 8) weights, unit length
    price: np.ndarray  # euros
    posted: np.ndarray  # hour of the announcement
    start: np.ndarray
    seats: np.ndarray  # for these 1,000 people
    quality: np.ndarray  # hidden; the mean over events is 0

    @property
    def hour(self) -> np.ndarray:
        """Hour of the day at which each begins (n,)."""
        return self.start % 24

    @property
    def weekend(self) -> np.ndarray:
        """True for an event on a Saturday or Sunday (n,)."""
        return (self.start // 24 + FIRST_WEEKDAY) % 7 >= 5


@dataclass(frozen=True)
class People:
    """People with their friends and their hidden preferences, every array (n,) unless said."""

    xy: np.ndarray  # (n, 2) kilometres
    city: np.ndarray
    tastes: np.ndarray  # (n, 8) unit length
    budget: np.ndarray  # euros
    evening: np.ndarray  # the hour liked best
    reach: np.ndarray  # kilometres
    friends_at: np.ndarray  # (n + 1,) bounds in `friends`
    friends: np.ndarray

    def friends_of(self, person: int) -> np.ndarray:
        """The numbers of a person's friends."""
        return self.friends[self.friends_at[person] : self.friends_at[person + 1]]


@dataclass(frozen=True)
class Log:
    """What the old feed showed, row by row in order of time: who, which event, when, and whether they registered."""

    person: np.ndarray
    event: np.ndarray
    hour: np.ndarray
    registered: np.ndarray


@dataclass(frozen=True)
class Requests:
    """The truth of the evening NOW, when everybody asks once: rows are people, columns the open events."""

    open: np.ndarray  # (n_open,) events announced and not begun
    chance: np.ndarray  # (n, n_open) of a registration
    would: np.ndarray  # drawn from `chance`: the events that are relevant


@dataclass(frozen=True)
class World:
    """Events, people, the log, and the requests to serve."""

    events: Events
    people: People
    log: Log
    requests: Requests


def open_at(events: Events, hour: int, begun_h: int = 0) -> np.ndarray:
    """The events announced by the hour that have not begun, or not for longer than `begun_h`."""
    return np.flatnonzero((events.posted <= hour) & (events.start > hour - begun_h))


def taken_by(person: np.ndarray, event: np.ndarray, n_people: int, ids: np.ndarray, n_events: int) -> np.ndarray:
    """Who registered for which of the events `ids` (n_people, len(ids))."""
    column = np.full(n_events, -1)
    column[ids] = np.arange(len(ids))
    taken = np.zeros((n_people, len(ids) + 1), bool)  # what is not among them goes into the last column
    taken[person, column[event]] = True
    return taken[:, :-1]


def friends_going(people: People, taken: np.ndarray) -> np.ndarray:
    """How many friends of each person are going to each event, the shape of `taken`."""
    from scipy.sparse import csr_matrix

    ones = np.ones(len(people.friends), np.float32)
    graph = csr_matrix((ones, people.friends, people.friends_at), shape=(len(taken), len(taken)))
    return (graph @ taken.astype(np.float32)).astype(np.int16)
