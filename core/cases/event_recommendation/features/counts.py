"""What registrations before an hour say of people, events, hosts and friends, counted without a look ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.places import N_HOSTS, kilometres
from core.cases.event_recommendation.data.world import (
    HOURS,
    TOPICS,
    World,
)
from core.metrics.maths import unit

USUAL = dict(price=15.0, hour=19.0, km=15.0)  # what stands in for somebody without a past
SPAN = HOURS + 1  # larger than any hour, so that one number holds an owner and an hour


@dataclass(frozen=True)
class Tallies:
    """Registrations in order, to count those before any hour; the numbers are owner × SPAN + hour, ascending.

    `past` holds the running sums (m + 1, 8 + 3) of what each person's registrations were like: topics, price, hour, km.
    """

    by_event: np.ndarray
    by_host: np.ndarray
    by_friend: np.ndarray  # owner: person × events + event, once for each friend who goes
    by_guest: np.ndarray  # owner: person × hosts + host
    by_person: np.ndarray
    past: np.ndarray
    posted_by_host: np.ndarray


def tally(world: World) -> Tallies:
    """All registrations of the log, ordered for counting."""
    events, people, log = world.events, world.people, world.log
    rows = np.flatnonzero(log.registered)
    person, event, hour = log.person[rows], log.event[rows], log.hour[rows]
    order = np.argsort(person * SPAN + hour, kind="stable")
    away = kilometres(people.xy[person], events.xy[event])
    like = np.column_stack([events.topics[event], events.price[event], events.hour[event], away])[order]
    n_friends = np.diff(people.friends_at)[person]
    friend = np.concatenate([people.friends_of(guest) for guest in person]) if len(person) else person
    going = friend * len(events.host) + np.repeat(event, n_friends)
    return Tallies(
        np.sort(event * SPAN + hour),
        np.sort(events.host[event] * SPAN + hour),
        np.sort(going * SPAN + np.repeat(hour, n_friends)),
        np.sort((person * N_HOSTS + events.host[event]) * SPAN + hour),
        (person * SPAN + hour)[order],
        np.vstack([np.zeros((1, like.shape[1])), np.cumsum(like, axis=0, dtype=np.float64)]),
        np.sort(events.host * SPAN + np.maximum(events.posted, 0)),
    )


def before(numbers: np.ndarray, owner: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """How many of the owner's entries lie before the hour (m,)."""
    at = owner * SPAN
    return np.searchsorted(numbers, at + np.clip(hour, 0, HOURS)) - np.searchsorted(numbers, at)


@dataclass(frozen=True)
class Known:
    """What is known of people and events for a list of pairs: counts (m,), and habits (m, 8 + 3) with their number."""

    going: np.ndarray
    registered: np.ndarray
    host_mean: np.ndarray
    been: np.ndarray
    habits: np.ndarray
    n_past: np.ndarray


def known_of(tallies: Tallies, world: World, person: np.ndarray, event: np.ndarray, hour: np.ndarray) -> Known:
    """What registrations before `hour` (m,) say of each pair."""
    events = world.events
    host = events.host[event]
    hosted = before(tallies.posted_by_host, host, hour)
    return Known(
        before(tallies.by_friend, person * len(events.host) + event, hour),
        before(tallies.by_event, event, hour),
        before(tallies.by_host, host, hour) / np.maximum(hosted, 1),
        before(tallies.by_guest, person * N_HOSTS + host, hour),
        *habits_of(tallies, person, hour),
    )


def habits_of(tallies: Tallies, person: np.ndarray, hour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean topics (unit length), price, hour and kilometres of past registrations (m, 11), and their number (m,)."""
    first = np.searchsorted(tallies.by_person, person * SPAN)
    last = np.searchsorted(tallies.by_person, person * SPAN + np.clip(hour, 0, HOURS))
    n = last - first
    total = tallies.past[last] - tallies.past[first]
    k = len(TOPICS)
    mean = (total[:, k:] + np.array(list(USUAL.values()))) / (n + 1)[:, None]  # the usual counts as one registration
    return np.hstack([unit(total[:, :k], least=1e-9), mean]).astype(np.float32), n
