"""The world of event recommendation: real cities, real friendships, and a simulator of events and who registers.

What is real: the cities with their places and people (GeoNames), and who knows whom (the PGP web of trust). What is
simulated, with every number a constant below or a dial:

- 1,000 people live in the cities by population; half of them near a friend, and all share half of a friend's taste.
- 250 hosts have a venue, leanings among eight topics, a usual price and a reputation. About 500 events are open for
  registration at any time; each is announced `life_days` before it begins, give or take half.
- On 0.25 visits a day a person is shown eight events, mostly near ones, and registers for some. Past registrations make
  up what a recommender can know: the log begins six weeks before the evening on which everybody asks.
- The chance of a registration is a logistic function of a utility. Non-linear at 1: distance counts by
  log(1 + (d / reach)⁴), on weekends the reach is threefold, and a friend who goes halves the loss; a price hurts above
  the budget only; on weekdays working hours hurt, and hours far from the usual ones; a second friend adds half of the
  first; many decide in the last two days. At 0 the same things count in proportion. Between, a mixture. An intercept
  keeps the mean chance where it is.
- A full event takes nobody. Drift changes how much people like each topic, week by week.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.cases.event_recommendation.data.places import N_HOSTS, SEED_OF_REGION, Region, kilometres
from core.cases.event_recommendation.data.world import (
    BEGUN_H,
    DAYS,
    HOURS,
    NOW,
    TOPICS,
    Events,
    Log,
    People,
    Requests,
    World,
    friends_going,
    open_at,
    taken_by,
)
from core.metrics.maths import sigmoid, unit

TICK_H = 2  # registrations of two hours see the state before them
N_LIVE = 450
SHARED_TASTE = 0.5
VISITS_A_DAY = 0.25
SHOWN = 8
LOOKED_AT = 100  # events of which the old feed shows the SHOWN nearest, more or less
MEAN_CHANCE = 0.02  # over all open events: about nine registrations a person if all were seen
START_HOURS = np.array([10, 14, 17, 19, 20, 21, 22])
HOUR_ODDS = np.array([0.10, 0.14, 0.10, 0.24, 0.24, 0.12, 0.06])


def simulate(
    region: Region, life_days: int, decay: float, social: float, curved: float, drift: float, seed: int
) -> World:
    """People register for events over seven weeks, and on one evening each asks what to do."""
    rng = np.random.default_rng(seed)
    lasting = np.random.default_rng(SEED_OF_REGION)  # people and hosts are the same for every seed
    people, hosts = _people(region, lasting), _hosts(lasting)
    events = _events(region, hosts, life_days, rng)
    taste = _Taste(events, people, decay, social, curved, drift, rng)
    log = _live(events, people, taste, rng)
    return World(events, people, log, _requests(events, people, taste, log, rng))


def _people(region: Region, rng: np.random.Generator) -> People:
    n = len(region.home_city)
    return People(
        region.home.astype(np.float32), region.home_city, _tastes(region.reached_from, rng),
        np.exp(rng.normal(2.9, 0.5, n)).astype(np.float32),
        rng.choice([14.0, 19.0, 20.0, 21.0], n, p=[0.2, 0.3, 0.3, 0.2]).astype(np.float32),
        np.exp(rng.normal(2.0, 0.4, n)).astype(np.float32), region.friends_at, region.friends,
    )  # fmt: skip


def _tastes(reached_from: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Tastes (n, 8) of unit length, half of them taken over from a friend."""
    tastes = rng.dirichlet(np.full(len(TOPICS), 0.4), len(reached_from))
    for person, friend in enumerate(reached_from):
        if friend >= 0:
            tastes[person] = SHARED_TASTE * tastes[friend] + (1 - SHARED_TASTE) * tastes[person]
    return unit(tastes).astype(np.float32)


@dataclass(frozen=True)
class _Hosts:
    """What hosts are like: leanings among topics (N_HOSTS, 8), the log of their usual price, and reputation."""

    leaning: np.ndarray
    level: np.ndarray
    fame: np.ndarray


def _hosts(rng: np.random.Generator) -> _Hosts:
    leaning = rng.dirichlet(np.full(len(TOPICS), 0.3), N_HOSTS)
    return _Hosts(leaning, rng.normal(2.2, 0.6, N_HOSTS), rng.normal(size=N_HOSTS))


def _events(region: Region, hosts: _Hosts, life_days: int, rng: np.random.Generator) -> Events:
    n = int(N_LIVE / life_days * (DAYS + life_days))
    host = rng.integers(N_HOSTS, size=n)
    posted = np.sort(rng.uniform(-24 * life_days, HOURS, n))
    day = np.ceil((posted + 24 * life_days * rng.uniform(0.5, 1.5, n)) / 24)
    topics = 0.8 * hosts.leaning[host] + 0.2 * rng.dirichlet(np.full(len(TOPICS), 0.5), n)
    price = np.where(rng.random(n) < 0.25, 0.0, np.exp(hosts.level[host] + rng.normal(0, 0.4, n)).round())
    return Events(
        host, region.venue[host].astype(np.float32), region.host_city[host], unit(topics).astype(np.float32),
        price.astype(np.float32), posted.astype(np.int64),
        (24 * day + rng.choice(START_HOURS, n, p=HOUR_ODDS)).astype(np.int64),
        np.ceil(np.exp(rng.normal(2.2, 0.7, n)) * max(1.0, life_days / 10)).astype(np.int64),
        (0.7 * hosts.fame[host] + 0.7 * rng.normal(size=n)).astype(np.float32),
    )  # fmt: skip


class _Taste:
    """The utility behind every registration, with an intercept that keeps the mean chance at MEAN_CHANCE."""

    def __init__(
        self, events: Events, people: People, decay: float, social: float, curved: float, drift: float,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self.events, self.people, self.decay, self.social, self.curved = events, people, decay, social, curved
        trend = rng.normal(size=len(TOPICS))
        self.trend = (drift * (trend - trend.mean()) / (28 * 24)).astype(np.float32)  # utility an hour
        self.intercept = 0.0
        self.intercept = self._intercept()

    def alone(self, person: np.ndarray, event: np.ndarray, hour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Utility without friends (m,), and the part of it that is lost to the distance (m,)."""
        e, p, s = self.events, self.people, np.float32(self.curved)
        away = kilometres(p.xy[person], e.xy[event])
        match = np.einsum("ij,ij->i", p.tastes[person], e.topics[event])
        gap = np.abs(e.hour[event].astype(np.float32) - p.evening[person])
        free_day, price = e.weekend[event], e.price[event]
        left = (e.start[event] - hour).astype(np.float32)
        far = 0.5 * self.decay * np.log1p((away / (p.reach[person] * np.where(free_day, 3, 1).astype(np.float32))) ** 4)
        dear = np.clip(np.log(np.maximum(price, 1) / p.budget[person]), 0, 1.5)
        busy = ~free_day & (e.hour[event] < 17)
        bent = 5 * match**3 - 2 * dear - 1.5 * (~free_day & (gap > 1.5)) - np.float32(3) * busy + 2 * np.exp(-left / 48)
        straight = 3 * match - 0.03 * price - 0.15 * gap + np.float32(0.5) * free_day - 0.002 * left
        common = 0.6 * e.quality[event] + (e.topics[event] @ self.trend) * np.asarray(hour - HOURS // 2, np.float32)
        lost = s * far + (1 - s) * self.decay * 0.04 * away
        return self.intercept + s * bent + (1 - s) * straight + common - lost, lost

    def chance(self, alone: np.ndarray, lost: np.ndarray, n_friends: np.ndarray, room: np.ndarray) -> np.ndarray:
        """The chance of a registration (m,), with friends who go and while there is room."""
        n, s = n_friends.astype(np.float32), np.float32(self.curved)
        bent = 1.6 * (1 - 0.5**n) + 0.5 * (n > 0) * lost
        drawn = alone + np.float32(self.social) * (s * bent + (1 - s) * 0.7 * n)
        return room * sigmoid(drawn)

    def _intercept(self) -> float:
        """The intercept at which every eighth person has MEAN_CHANCE with the events open NOW, by bisection."""
        ids, who = open_at(self.events, NOW), np.arange(0, len(self.people.city), 8)
        event = np.tile(ids, len(who))
        alone, _ = self.alone(np.repeat(who, len(ids)), event, np.full(len(event), NOW))
        low, high = -12.0, 6.0
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if sigmoid(alone + middle).mean() < MEAN_CHANCE else (low, middle)
        return low


def _live(events: Events, people: People, taste: _Taste, rng: np.random.Generator) -> Log:
    """Every visit of seven weeks: what was shown, and who registered, two hours at a time."""
    person, event, hour = _shown(events, people, rng)
    alone, lost = taste.alone(person, event, hour)
    dice = rng.random(len(person)).astype(np.float32)
    going, counts = np.zeros((len(people.city), len(events.host)), np.int16), np.zeros(len(events.host), np.int64)
    taken, registered = np.zeros(going.shape, bool), np.zeros(len(person), bool)
    bounds = np.searchsorted(hour, np.arange(0, HOURS + TICK_H, TICK_H))
    for first, last in pairwise(bounds):
        rows = slice(first, last)
        who, what = person[rows], event[rows]
        room = (counts[what] < events.seats[what]) & (events.start[what] > hour[rows]) & ~taken[who, what]
        yes = np.flatnonzero(dice[rows] < taste.chance(alone[rows], lost[rows], going[who, what], room))
        for row, p, e in zip(first + yes, who[yes], what[yes], strict=True):
            if not taken[p, e] and counts[e] < events.seats[e]:  # twice, or the last seat, within the tick
                registered[row] = taken[p, e] = True
                counts[e] += 1
                going[people.friends_of(p), e] += 1
    return Log(person, event, hour, registered)


def _shown(events: Events, people: People, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Who was shown which event when (m,), ordered by hour: of LOOKED_AT random open events the near ones."""
    shown = []
    for day in range(DAYS):
        now = 24 * day + 12
        there = open_at(events, now, BEGUN_H)
        n = rng.poisson(VISITS_A_DAY * len(people.city))
        who, when = rng.integers(len(people.city), size=n), 24 * day + TICK_H * rng.integers(4, 12, n)
        at = (rng.integers(len(there), size=(n, 1)) + np.arange(LOOKED_AT)) % len(there)
        seen = rng.permutation(there)[at]
        away = kilometres(people.xy[who][:, None], events.xy[seen])
        # The largest weight / exponential draw without replacement (Efraimidis and Spirakis 2006).
        liking = (np.exp(-away / 15) + 0.01) / np.maximum(rng.standard_exponential(seen.shape, np.float32), 1e-9)
        liking[events.posted[seen] > when[:, None]] = -1
        top = np.take_along_axis(seen, np.argpartition(-liking, SHOWN, axis=1)[:, :SHOWN], axis=1)
        shown.append((np.repeat(who, SHOWN), top.ravel(), np.repeat(when, SHOWN)))
    person, event, hour = (np.concatenate(column) for column in zip(*shown, strict=True))
    order = np.argsort(hour, kind="stable")
    return person[order], event[order], hour[order]


def _requests(events: Events, people: People, taste: _Taste, log: Log, rng: np.random.Generator) -> Requests:
    """The true chance of every person with every open event, and whether the person would register."""
    n, ids = len(people.city), open_at(events, NOW)
    rows = np.flatnonzero(log.registered & (log.hour < NOW))
    taken = taken_by(log.person[rows], log.event[rows], n, ids, len(events.host))
    room = (np.bincount(log.event[rows], minlength=len(events.host)) < events.seats)[ids] & ~taken
    alone, lost = taste.alone(np.repeat(np.arange(n), len(ids)), np.tile(ids, n), np.full(n * len(ids), NOW))
    chance = taste.chance(alone, lost, friends_going(people, taken).ravel(), room.ravel()).reshape(n, -1)
    return Requests(ids, chance, rng.random(chance.shape, np.float32) < chance)
