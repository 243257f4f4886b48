"""Generated ads: every chance of a click is known, and two dials say how strongly choices interact and tastes drift.

The log-odds of a click are a sum of:
- what the person, the ad, the placement, the hour and the device add on their own;
- `interactions` times a pair term (segment and category, each four hidden numbers, multiplied) and a triple term (a
  number of its own for each segment, placement and hour).
With `drift` at d the ads' appeal and the segments' tastes are Ornstein-Uhlenbeck walks that forget in MEMORY_DAYS / d
days and keep their spread, and a share BIRTHS × d of the ads is replaced every day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.metrics.maths import sigmoid

PEOPLE, ADS = 1_000, 300
SEGMENTS, CATEGORIES, PLACEMENTS, HOURS, DEVICES = 8, 10, 4, 4, 3
HISTORY_DAYS, TEST_DAYS, A_DAY = 120, 25, 800
WINDOW_DAYS = 30  # 24,000 exposures to learn from
COUNTED_DAYS = 14  # what a counter looks back on
MEMORY_DAYS, BIRTHS = 40.0, 0.01
OWN = {"person": 0.7, "ad": 0.7, "placement": 0.3, "hour": 0.2, "device": 0.2}  # deviations of the log-odds
PAIR, TRIPLE = 1.2, 0.9
RARITY = -2.7
LAGS = (0, 1, 4, 14)


@dataclass(frozen=True, eq=False)
class Made:
    """Generated exposures: codes and counters by name, counters (lags, n); chance, clicked, day and born are (n,)."""

    codes: dict[str, np.ndarray]
    counters: dict[str, np.ndarray]
    chance: np.ndarray
    clicked: np.ndarray
    day: np.ndarray
    born: np.ndarray
    test_day: int
    window_days: int


def simulate(interactions: float, drift: float, seed: int) -> Made:
    """All exposures of 145 days. Raises ValueError for a dial below 0."""
    if min(interactions, drift) < 0:
        raise ValueError(f"interactions {interactions} and drift {drift} must not be below 0")
    rng = np.random.default_rng(seed)
    days = HISTORY_DAYS + TEST_DAYS
    day = np.repeat(np.arange(days, dtype=np.int32), A_DAY)
    ad, born, category_of = _ads(day, drift, rng)
    person = rng.choice(PEOPLE, len(day), p=rng.dirichlet(np.full(PEOPLE, 2.0)))
    codes = {
        "person": person,
        "ad": ad,
        "segment": rng.integers(SEGMENTS, size=PEOPLE)[person],
        "category": category_of[ad],
        "placement": rng.choice(PLACEMENTS, len(day), p=rng.dirichlet(np.full(PLACEMENTS, 5.0))),
        "hour": rng.integers(HOURS, size=len(day)),
        "device": rng.integers(DEVICES, size=len(day)),
    }
    chance = sigmoid(_log_odds(codes, day, len(category_of), interactions, drift, rng))
    clicked = rng.random(len(day)) < chance
    return Made(codes, _counters(codes, day, clicked), chance, clicked, day, born[ad], HISTORY_DAYS, WINDOW_DAYS)


def _ads(day: np.ndarray, drift: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ad of each exposure (n,), and of every ad the day it was born and its category."""
    days, births = int(day[-1]) + 1, rng.poisson(BIRTHS * drift * ADS, int(day[-1]) + 1)
    slots, born, alive = np.arange(ADS), [0] * ADS, np.empty((days, ADS), np.int64)
    for today in range(days):
        new = len(born) + np.arange(births[today])
        slots[rng.choice(ADS, births[today], replace=False)] = new
        born += [today] * births[today]
        alive[today] = slots
    popularity = rng.dirichlet(np.full(ADS, 1.0))
    ad = alive[day, rng.choice(ADS, len(day), p=popularity)]
    return ad, np.array(born, np.int32), rng.integers(CATEGORIES, size=len(born))


def _log_odds(
    codes: dict[str, np.ndarray],
    day: np.ndarray,
    n_ads: int,
    interactions: float,
    drift: float,
    rng: np.random.Generator,
) -> np.ndarray:
    days = int(day[-1]) + 1
    sizes = {"person": PEOPLE, "placement": PLACEMENTS, "hour": HOURS, "device": DEVICES}
    total = RARITY + sum(OWN[name] * rng.normal(size=n)[codes[name]] for name, n in sizes.items())
    total += OWN["ad"] * _walk((n_ads,), days, drift, rng)[day, codes["ad"]]
    taste = _walk((SEGMENTS, 4), days, drift, rng)[day, codes["segment"]]
    kind = rng.normal(size=(CATEGORIES, 4))[codes["category"]]
    total += interactions * PAIR * (taste * kind).sum(axis=1) / 2
    triple = rng.normal(size=(SEGMENTS, PLACEMENTS, HOURS))
    return total + interactions * TRIPLE * triple[codes["segment"], codes["placement"], codes["hour"]]


def _walk(shape: tuple[int, ...], days: int, drift: float, rng: np.random.Generator) -> np.ndarray:
    """Unit normal values (days, *shape) that forget at the rate of drift; the last day's draw is the same at any."""
    keep = np.exp(-drift / MEMORY_DAYS)
    path = np.empty((days, *shape))
    path[-1] = rng.normal(size=shape)
    for day in range(days - 2, -1, -1):
        path[day] = keep * path[day + 1] + (1 - keep**2) ** 0.5 * rng.normal(size=shape)
    return path


def _counters(codes: dict[str, np.ndarray], day: np.ndarray, clicked: np.ndarray) -> dict[str, np.ndarray]:
    """Clicks and shows (lags, n) of the ad, the person, and the person in the category, in the days before."""
    groups = {
        "ad": codes["ad"],
        "person": codes["person"],
        "person in category": codes["person"] * CATEGORIES + codes["category"],
    }
    counters = {}
    for name, group in groups.items():
        counters[f"{name}: clicks, 14 days"] = _counted(group, day, clicked)
        counters[f"{name}: shows, 14 days"] = _counted(group, day, np.ones(len(day), bool))
    return counters


def _counted(group: np.ndarray, day: np.ndarray, what: np.ndarray) -> np.ndarray:
    """How often (lags, n) the group had `what` in the COUNTED_DAYS that end a lag before the exposure's day."""
    days, reach = int(day[-1]) + 1, COUNTED_DAYS + max(LAGS)
    table = np.zeros((days + reach + 1, int(group.max()) + 1), np.uint16)
    np.add.at(table, (day[what] + reach + 1, group[what]), 1)
    until = np.cumsum(table, axis=0, dtype=np.uint16)  # row d + reach: all days before d; wraps alike on both ends
    return np.stack([until[day + reach - lag, group] - until[day + reach - lag - COUNTED_DAYS, group] for lag in LAGS])
