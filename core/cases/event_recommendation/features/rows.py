"""Training rows: what was shown on past visits, with features as they were known then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.cases.event_recommendation.data.world import (
    NOW,
    World,
)
from core.cases.event_recommendation.features.counts import SPAN, Tallies, before, known_of
from core.cases.event_recommendation.features.pairs import features

LEARN_DAYS = 21


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
    return rows_as_known(tallies, world, rows, world.log.hour[rows] - lag_h, negatives, seed)


def rows_as_known(
    tallies: Tallies, world: World, rows: np.ndarray, known_h: np.ndarray, negatives: int, seed: int
) -> Rows:
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
