"""Lists for everybody: ranked at the request, stored ahead, or stored and put in order at the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.world import NOW, World
from core.cases.event_recommendation.features.shelf import Shelf
from core.cases.event_recommendation.model.ranker import Ranker, scoring
from core.cases.event_recommendation.serve.candidates import Candidates, scan
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 20  # events in a list, two screens of ten
STORED = 60  # events that the batch job keeps for each person, so that a hybrid has something to put in order
BLOCK = 30_000  # pairs scored at a time: their features fit in the cache and in little memory


@dataclass(frozen=True)
class Lists:
    """For everybody: the best events (n, depth), -1 past the last; and every candidate with its score."""

    ids: np.ndarray
    candidates: Candidates
    scores: np.ndarray  # (m,)


def rank_all(ranker: Ranker, shelf: Shelf, world: World, radius: int, horizon: int, depth: int) -> Lists:
    """Everybody's candidates, scored and put in order."""
    candidates = scan(shelf, world, radius, horizon)
    score, m = scoring(ranker, shelf, world), len(candidates.person)
    blocks = [slice(i, i + BLOCK) for i in range(0, max(m, 1), BLOCK)]
    scores = np.concatenate([score(shelf, candidates.person[block], candidates.column[block]) for block in blocks])
    return Lists(best_of_each(shelf, candidates, scores, len(world.people.city), depth), candidates, scores)


def best_of_each(shelf: Shelf, candidates: Candidates, scores: np.ndarray, n: int, depth: int) -> np.ndarray:
    """The best events (n, depth) by score, -1 past the last."""
    order = np.lexsort((candidates.column, -scores, candidates.person))
    bounds = candidates.bounds(n)
    place = np.arange(len(order)) - bounds[candidates.person[order]]
    kept = order[place < depth]
    ids = np.full((n, depth), -1, np.int64)
    ids[candidates.person[kept], place[place < depth]] = shelf.open[candidates.column[kept]]
    return ids


def write_store(lists: Lists, name: str) -> SnapshotReader:
    """The batch job's result: everybody's best STORED events, read by person."""
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(lists.ids)), lists.ids, None))


def served_online(lists: Lists) -> np.ndarray:
    """Online serving: everybody's K best (n, K)."""
    return lists.ids[:, :K]


def served_from_store(reader: SnapshotReader, world: World, expired: str) -> np.ndarray:
    """Batch serving: everybody's stored events (n, K), without those that have begun if they are dropped."""
    return _padded([not_begun(reader.get(i), world, expired)[:K] for i in range(len(world.people.city))])


def served_in_new_order(reader: SnapshotReader, ranker: Ranker, shelf: Shelf, world: World, expired: str) -> np.ndarray:
    """Hybrid serving: stored events put in order with what is known now."""
    again = reorderer(ranker, shelf, world)
    return _padded([again(i, not_begun(reader.get(i), world, expired))[:K] for i in range(len(world.people.city))])


def not_begun(stored: np.ndarray, world: World, expired: str) -> np.ndarray:
    """Stored events, without those that have begun if they are dropped."""
    stored = stored[stored >= 0]
    return stored[world.events.start[stored] > NOW] if expired == "drop" else stored


def reorderer(ranker: Ranker, shelf: Shelf, world: World) -> Callable[[int, np.ndarray], np.ndarray]:
    """A function that orders a person's events by today's scores; full ones are dropped, begun ones come last."""
    score = scoring(ranker, shelf, world)
    column = np.full(len(world.events.host), -1)
    column[shelf.open] = np.arange(len(shelf.open))
    room = shelf.registered < world.events.seats[shelf.open]

    def order(person: int, events: np.ndarray) -> np.ndarray:
        at = column[events]
        known = at[at >= 0]
        known = known[~shelf.taken[person, known] & room[known]]
        if not len(known):
            return events[at < 0]
        scores = score(shelf, np.full(len(known), person), known)
        return np.concatenate([shelf.open[known[np.lexsort((known, -scores))]], events[at < 0]])

    return order


def _padded(lists: list[np.ndarray]) -> np.ndarray:
    ids = np.full((len(lists), K), -1, np.int64)
    for row, events in zip(ids, lists, strict=True):
        row[: len(events)] = events
    return ids
