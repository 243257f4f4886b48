"""The stages of event recommendation: registrations → features → ranker → candidates → a list for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.cases.event_recommendation.factors import Factors, learn_factors
from core.cases.event_recommendation.features import NAMES, Rows, Shelf, columns, in_sample, read_shelf, sampled, visits
from core.cases.event_recommendation.models import MODELS, Scorer
from core.cases.event_recommendation.retrieval import Candidates, finder, scan
from core.cases.event_recommendation.world import NOW, World
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 20  # events in a list, two screens of ten
STORED = 60  # events that the batch job keeps for each person, so that a hybrid has something to put in order
BLOCK = 30_000  # pairs scored at a time: their features fit in the cache and in little memory
N_TIMED = 1_000  # single requests timed: the fewest that carry a p99

Score = Callable[[Shelf, np.ndarray, np.ndarray], np.ndarray]  # (shelf, people (m,), columns (m,)) → scores (m,)


@dataclass(frozen=True)
class Ranker:
    """What serves: a scorer of features, or vectors of people; and the share of negatives it was trained on."""

    scorer: Scorer | None
    factors: Factors | None
    kept: float  # share of the rows without a registration that training saw

    @property
    def nbytes(self) -> int:
        """Bytes that a replica holds for it."""
        return self.factors.people.nbytes if self.scorer is None else self.scorer.nbytes

    @property
    def parameters(self) -> int:
        """Numbers it has learnt."""
        return self.factors.people.size if self.scorer is None else self.scorer.parameters

    def chances(self, scores: np.ndarray, correct: bool) -> np.ndarray:
        """The chances (m,) that the scores mean, with the sampled negatives put back if asked."""
        p = self.scorer.chance(scores)
        return p / (p + (1 - p) / self.kept) if correct else p  # He et al. 2014, section 6.3


def train(rows: Rows, model: str, groups: str, learnt_from: float, seed: int, **options: str) -> Ranker:
    """A ranker learnt from the rows of a sample of visits, on the feature groups it may see.

    Raises ValueError where nobody registered for anything, or everybody for everything.
    """
    taught = sampled(rows, learnt_from, seed)
    if not taught.y.any() or taught.y.all():
        raise ValueError(
            f"{len(taught.y)} rows hold {taught.y.sum()} registrations: there is nothing to learn from, keep more"
        )
    return Ranker(MODELS[model].learn(taught, columns(groups), seed, **options), None, taught.kept)


def factorise(world: World, age_days: float, learnt_from: float, seed: int) -> Ranker:
    """People's vectors from the registrations of a sample of visits up to the model's age."""
    log = world.log
    before = np.flatnonzero(log.hour < NOW - 24 * age_days)
    there = in_sample(visits(log.person[before], log.hour[before]), learnt_from, seed)
    rows = before[there & log.registered[before]]
    n_people, n_events = len(world.people.city), len(world.events.host)
    return Ranker(None, learn_factors(log.person[rows], log.event[rows], n_people, n_events, seed), 1.0)


def scoring(ranker: Ranker, shelf: Shelf, world: World) -> Score:
    """The function that scores pairs; for vectors, events are folded in from who had registered by then."""
    if ranker.factors is None:
        return lambda at, person, column: ranker.scorer.score(read_shelf(at, world, person, column))
    log = world.log
    rows = np.flatnonzero(log.registered & (log.hour < shelf.known_h))
    people = ranker.factors.people
    events = ranker.factors.fold_in(log.person[rows], log.event[rows], len(world.events.host))[shelf.open]
    return lambda at, person, column: np.einsum("ij,ij->i", people[person], events[column]) + _lot(person, column)


def _lot(person: np.ndarray, event: np.ndarray) -> np.ndarray:
    """A hair's breadth that orders events without a guest by lot, and not by their announcement."""
    return (person * 7_919 + event * 104_729) % 10_007 * 1e-9


# Lists for everybody.


@dataclass(frozen=True)
class Lists:
    """For everybody: the best events (n, depth), -1 past the last; and every candidate with its score."""

    ids: np.ndarray
    candidates: Candidates
    scores: np.ndarray  # (m,)


def rank_all(ranker: Ranker, shelf: Shelf, world: World, radius: int, horizon: int, depth: int) -> Lists:
    """Everybody's candidates, scored and put in order."""
    found = scan(shelf, world, radius, horizon)
    score, m = scoring(ranker, shelf, world), len(found.person)
    blocks = [slice(i, i + BLOCK) for i in range(0, max(m, 1), BLOCK)]
    scores = np.concatenate([score(shelf, found.person[each], found.column[each]) for each in blocks])
    return Lists(_tops(shelf, found, scores, len(world.people.city), depth), found, scores)


def _tops(shelf: Shelf, found: Candidates, scores: np.ndarray, n: int, depth: int) -> np.ndarray:
    """The best events (n, depth) by score, -1 past the last."""
    order = np.lexsort((found.column, -scores, found.person))
    bounds = found.bounds(n)
    place = np.arange(len(order)) - bounds[found.person[order]]
    kept = order[place < depth]
    ids = np.full((n, depth), -1, np.int64)
    ids[found.person[kept], place[place < depth]] = shelf.open[found.column[kept]]
    return ids


def write_store(lists: Lists, name: str) -> SnapshotReader:
    """The batch job's result: everybody's best STORED events, read by person."""
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(lists.ids)), lists.ids, None))


def served_online(lists: Lists) -> np.ndarray:
    """Online serving: everybody's K best (n, K)."""
    return lists.ids[:, :K]


def served_from_store(reader: SnapshotReader, world: World, expired: str) -> np.ndarray:
    """Batch serving: everybody's stored events (n, K), without those that have begun if they are dropped."""
    return _padded([_kept(reader.get(i), world, expired)[:K] for i in range(len(world.people.city))])


def served_in_new_order(reader: SnapshotReader, ranker: Ranker, shelf: Shelf, world: World, expired: str) -> np.ndarray:
    """Hybrid serving: stored events put in order with what is known now."""
    again = _reorder(ranker, shelf, world)
    return _padded([again(i, _kept(reader.get(i), world, expired))[:K] for i in range(len(world.people.city))])


def _kept(stored: np.ndarray, world: World, expired: str) -> np.ndarray:
    """Stored events, without those that have begun if they are dropped."""
    stored = stored[stored >= 0]
    return stored[world.events.start[stored] > NOW] if expired == "drop" else stored


def _reorder(ranker: Ranker, shelf: Shelf, world: World) -> Callable[[int, np.ndarray], np.ndarray]:
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
    for row, each in zip(ids, lists, strict=True):
        row[: len(each)] = each
    return ids


# One request alone.


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
    few = [read_shelf(shelf, world, *each) for each in pairs[:200]]  # all of them would be many megabytes
    return time_each(lambda i: best(ranker.scorer.score(few[i % len(few)])), N_TIMED)


def best(scores: np.ndarray) -> np.ndarray:
    """The places of the K highest scores, best first."""
    return np.argsort(-scores, kind="stable")[:K]


def pairs_of(found: Candidates, world: World) -> list[tuple[np.ndarray, np.ndarray]]:
    """The pairs of everybody who has any candidates, person by person."""
    bounds = found.bounds(len(world.people.city))
    spans = [slice(a, b) for a, b in pairwise(bounds) if b > a]
    return [(found.person[each], found.column[each]) for each in spans] or [(found.person, found.column)]


def time_look_up(reader: SnapshotReader, world: World, expired: str) -> Timing:
    """Reading one person's stored events and dropping what has begun, N_TIMED times."""
    n = len(world.people.city)
    return time_each(lambda i: _kept(reader.get(i % n), world, expired)[:K], N_TIMED)


def time_reordering(reader: SnapshotReader, ranker: Ranker, shelf: Shelf, world: World, expired: str) -> Timing:
    """Putting one person's stored events in order with today's features, N_TIMED times."""
    again, n = _reorder(ranker, shelf, world), len(world.people.city)
    stored = [_kept(reader.get(i), world, expired) for i in range(n)]
    return time_each(lambda i: again(i % n, stored[i % n]), N_TIMED)


def shelf_bytes(shelf: Shelf) -> int:
    """Bytes of features that a replica holds: counts in one byte, numbers in four."""
    n, n_open = shelf.going.shape
    return n * n_open * 2 + n_open * 4 * len(NAMES) + n * 4 * shelf.habits.shape[1]
