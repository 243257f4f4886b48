"""One request alone, part by part, N_TIMED times each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.event_recommendation.data.world import World
from core.cases.event_recommendation.features.shelf import Shelf, read_shelf
from core.cases.event_recommendation.model.ranker import Ranker, scoring
from core.cases.event_recommendation.serve.candidates import Candidates, finder
from core.cases.event_recommendation.serve.lists import K, Lists, not_begun, reorderer
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def time_finding(shelf: Shelf, world: World, radius: int, horizon: int) -> Timing:
    """The spatial filter for one person, N_TIMED times."""
    find, n = finder(shelf, world, radius, horizon), len(world.people.city)
    return time_each(lambda i: find(i % n), N_TIMED)


def time_reading(shelf: Shelf, world: World, lists: Lists) -> Timing:
    """Reading the features of one person's candidates, N_TIMED times."""
    pairs = pairs_of(lists.candidates, world)
    return time_each(lambda i: read_shelf(shelf, world, *pairs[i % len(pairs)]), N_TIMED)


def time_scoring(ranker: Ranker, shelf: Shelf, world: World, lists: Lists) -> Timing:
    """Scoring one person's candidates and keeping the best, N_TIMED times."""
    pairs = pairs_of(lists.candidates, world)
    if ranker.scorer is None:
        score = scoring(ranker, shelf, world)
        return time_each(lambda i: best(score(shelf, *pairs[i % len(pairs)])), N_TIMED)
    few = [read_shelf(shelf, world, *pair) for pair in pairs[:200]]  # all of them would be many megabytes
    return time_each(lambda i: best(ranker.scorer.score(few[i % len(few)])), N_TIMED)


def best(scores: np.ndarray) -> np.ndarray:
    """The places of the K highest scores, best first."""
    return np.argsort(-scores, kind="stable")[:K]


def pairs_of(candidates: Candidates, world: World) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pairs of everybody who has any candidates, person by person."""
    bounds = candidates.bounds(len(world.people.city))
    spans = [slice(a, b) for a, b in pairwise(bounds) if b > a]
    return [(candidates.person[span], candidates.column[span]) for span in spans] or [
        (candidates.person, candidates.column)
    ]


def time_look_up(reader: SnapshotReader, world: World, expired: str) -> Timing:
    """Reading one person's stored events and dropping what has begun, N_TIMED times."""
    n = len(world.people.city)
    return time_each(lambda i: not_begun(reader.get(i % n), world, expired)[:K], N_TIMED)


def time_reordering(reader: SnapshotReader, ranker: Ranker, shelf: Shelf, world: World, expired: str) -> Timing:
    """Putting one person's stored events in order with today's features, N_TIMED times."""
    again, n = reorderer(ranker, shelf, world), len(world.people.city)
    stored = [not_begun(reader.get(i), world, expired) for i in range(n)]
    return time_each(lambda i: again(i % n, stored[i % n]), N_TIMED)
