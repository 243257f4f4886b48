"""The features of a pair of a person and an event, by group."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.data.places import kilometres
from core.cases.event_recommendation.data.world import (
    TOPICS,
    Events,
    People,
)
from core.cases.event_recommendation.features.counts import Known

GROUPS = {
    "place": ("kilometres", "own city", "beyond the usual"),
    "price": ("price", "above the usual price", "free"),
    "time": ("hour", "weekend", "hours from the usual", "hours left"),
    "taste": ("likeness to past events", "past registrations", "was at this host before", *TOPICS),
    "friends": ("friends going", "share of friends going"),
    "popularity": ("registered", "seats left", "host's mean", "hours since announced"),
}
NAMES = tuple(name for names in GROUPS.values() for name in names)
AT = {name: i for i, name in enumerate(NAMES)}


def columns(group_choice: str) -> np.ndarray:
    """Which features a choice keeps: "all", "no <group>" or "<group> only". Raises ValueError for another."""
    word = group_choice.removeprefix("no ").removesuffix(" only")
    if group_choice != "all" and (word not in GROUPS or word == group_choice):
        raise ValueError(f"no feature groups {group_choice!r}: all, no … or … only, of {', '.join(GROUPS)}")
    own = np.array([name in GROUPS.get(word, ()) for name in NAMES])
    return np.flatnonzero(
        np.ones(len(NAMES), bool) if group_choice == "all" else own if " only" in group_choice else ~own
    )


def features(
    events: Events, people: People, person: np.ndarray, event: np.ndarray, hour: np.ndarray, known: Known
) -> np.ndarray:
    """The features (m, len(NAMES)) float32 of pairs of a person and an event at an hour."""
    x = np.empty((len(event), len(NAMES)), np.float32)
    k, habits = len(TOPICS), known.habits
    price, clock, topics = events.price[event], events.hour[event], events.topics[event]
    away = kilometres(people.xy[person], events.xy[event])
    x[:, 0], x[:, 1], x[:, 2] = away, events.city[event] == people.city[person], away / habits[..., k + 2]
    x[:, 3], x[:, 4], x[:, 5] = price, price - habits[..., k], price == 0
    x[:, 6], x[:, 7], x[:, 8] = clock, events.weekend[event], np.abs(clock - habits[..., k + 1])
    x[:, 9] = events.start[event] - hour
    x[:, 10], x[:, 11], x[:, 12] = (topics * habits[..., :k]).sum(axis=1), known.n_past, known.been
    x[:, 13 : 13 + k] = topics
    n_friends = people.friends_at[person + 1] - people.friends_at[person]
    x[:, 21], x[:, 22] = known.going, known.going / np.maximum(n_friends, 1)
    x[:, 23], x[:, 24] = known.registered, events.seats[event] - known.registered
    x[:, 25], x[:, 26] = known.host_mean, hour - events.posted[event]
    return x
