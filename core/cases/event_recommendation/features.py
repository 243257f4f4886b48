"""What a model is told of a person and an event, as of a time: the same function trains, precomputes and serves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.cases.event_recommendation.places import N_HOSTS, kilometres
from core.cases.event_recommendation.world import (
    HOURS,
    NOW,
    TOPICS,
    Events,
    People,
    World,
    friends_going,
    open_at,
    taken_by,
)

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
USUAL = dict(price=15.0, hour=19.0, km=15.0)  # what stands in for somebody without a past
LEARN_DAYS = 21
SPAN = HOURS + 1  # larger than any hour, so that one number holds an owner and an hour


def columns(group_choice: str) -> np.ndarray:
    """Which features a choice keeps: "all", "no <group>" or "<group> only". Raises ValueError for another."""
    word = group_choice.removeprefix("no ").removesuffix(" only")
    if group_choice != "all" and (word not in GROUPS or word == group_choice):
        raise ValueError(f"no feature groups {group_choice!r}: all, no … or … only, of {', '.join(GROUPS)}")
    own = np.array([name in GROUPS.get(word, ()) for name in NAMES])
    return np.flatnonzero(
        np.ones(len(NAMES), bool) if group_choice == "all" else own if " only" in group_choice else ~own
    )


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
    friend = np.concatenate([people.friends_of(each) for each in person]) if len(person) else person
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
    length = np.linalg.norm(total[:, :k], axis=1, keepdims=True)
    return np.hstack([total[:, :k] / np.maximum(length, 1e-9), mean]).astype(np.float32), n


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


@dataclass(frozen=True)
class Rows:
    """Training rows in order of time: features (m, f), whether each was registered for, its visit, who and what."""

    x: np.ndarray
    y: np.ndarray
    visit: np.ndarray
    person: np.ndarray
    event: np.ndarray
    kept: float  # share of the rows without a registration that are among them


def training_rows(tallies: Tallies, world: World, lag_h: int, age_days: float, negatives: int, seed: int) -> Rows:
    """What was shown in the LEARN_DAYS up to the model's age, told as it was known `lag_h` before.

    With `negatives` above 0 only so many rows without a registration are kept for each with one.
    """
    end = NOW - round(24 * age_days)
    rows = np.arange(*np.searchsorted(world.log.hour, (end - 24 * LEARN_DAYS, end)))
    return told(tallies, world, rows, world.log.hour[rows] - lag_h, negatives, seed)


def told(tallies: Tallies, world: World, rows: np.ndarray, known_h: np.ndarray, negatives: int, seed: int) -> Rows:
    """Rows of the log with features as known at given hours (m,); what was known to be full is left out."""
    events, log = world.events, world.log
    room = before(tallies.by_event, log.event[rows], known_h) < events.seats[log.event[rows]]
    kept = _thinned(np.flatnonzero(room), log.registered[rows], negatives, seed)
    share = float((~log.registered[rows[kept]]).sum() / max((~log.registered[rows[room]]).sum(), 1))
    rows, known_h = rows[kept], known_h[kept]
    person, event, hour = log.person[rows], log.event[rows], log.hour[rows]
    x = features(events, world.people, person, event, hour, known_of(tallies, world, person, event, known_h))
    return Rows(x, log.registered[rows], visits(person, hour), person, event, share)


def visits(person: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """The visit to which each row of the log belongs (m,), counted from 1: rows of a visit stand side by side."""
    return np.cumsum(np.diff(person * SPAN + hour, prepend=-1) != 0)


def in_sample(visit: np.ndarray, learnt_from: float, seed: int) -> np.ndarray:
    """Which rows (m,) belong to a uniform sample of their visits; a smaller sample lies within a larger one."""
    n = int(visit.max(initial=0))
    return np.random.default_rng(seed + 1).permutation(n)[visit - 1] < learnt_from * n


def sampled(rows: Rows, learnt_from: float, seed: int) -> Rows:
    """The training rows of a sample of visits. Whole visits, since a loss over lists has no pairs in single rows."""
    there = in_sample(rows.visit, learnt_from, seed)
    return replace(
        rows, x=rows.x[there], y=rows.y[there], visit=rows.visit[there], person=rows.person[there],
        event=rows.event[there],
    )  # fmt: skip


def _thinned(rows: np.ndarray, registered: np.ndarray, negatives: int, seed: int) -> np.ndarray:
    """All rows with a registration, and of the others `negatives` for each, or all."""
    yes, no = rows[registered[rows]], rows[~registered[rows]]
    if negatives and negatives * len(yes) < len(no):
        no = np.random.default_rng(seed).choice(no, negatives * len(yes), replace=False)
    return np.sort(np.concatenate([yes, no]))


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


def only(shelf: Shelf, columns: np.ndarray) -> Shelf:
    """The shelf with these of its open events alone."""
    of_pairs = {name: getattr(shelf, name)[:, columns] for name in ("going", "taken", "been")}
    of_events = {name: getattr(shelf, name)[columns] for name in ("open", "registered", "host_mean")}
    return replace(shelf, **of_pairs, **of_events)


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
