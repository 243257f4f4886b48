"""What serves: a scorer of features or vectors of people, how it is learnt from rows, and how it scores pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.world import NOW, World
from core.cases.event_recommendation.features.pairs import columns
from core.cases.event_recommendation.features.rows import Rows, in_sample, sampled, visits
from core.cases.event_recommendation.features.shelf import Shelf, read_shelf
from core.cases.event_recommendation.model.factors import Factors, learn_factors
from core.cases.event_recommendation.model.scorers import MODELS, Scorer

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


def vector_bytes(ranker: Ranker, shelf: Shelf) -> int:
    """Bytes of the shelf's event vectors, which a replica folds in once and multiplies with at every request."""
    return ranker.factors.people[:1].nbytes * len(shelf.open)


def _lot(person: np.ndarray, event: np.ndarray) -> np.ndarray:
    """A hair's breadth that orders events without a guest by lot, and not by their announcement."""
    return (person * 7_919 + event * 104_729) % 10_007 * 1e-9
