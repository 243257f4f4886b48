"""Judging on the log, as a notebook does: by a later week, or by random visits with counts that know the future."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.event_recommendation.data.world import HOURS, NOW, World
from core.cases.event_recommendation.features.counts import Tallies
from core.cases.event_recommendation.features.rows import LEARN_DAYS, Rows, rows_as_known, sampled
from core.cases.event_recommendation.model.factors import learn_factors
from core.cases.event_recommendation.model.ranker import Ranker
from core.contract.case import Estimate, estimate
from core.metrics import average_precision, ndcg_of

WEEK_H = 24 * 7
HELD_OUT = 0.25  # of the visits, at a random split


@dataclass(frozen=True)
class HeldOut:
    """Rows to learn from, and rows of other visits to judge by."""

    train: Rows
    test: Rows


def split_log(tallies: Tallies, world: World, judged: str, lag_h: int, negatives: int, seed: int) -> HeldOut:
    """The log in two: by time with counts as they were, or by visit with counts to the end of the log."""
    log = world.log
    if judged == "random":
        rows = np.arange(*np.searchsorted(log.hour, (NOW - WEEK_H - 24 * LEARN_DAYS, NOW)))
        visit = np.unique(log.person[rows] * HOURS + log.hour[rows], return_inverse=True)[1]
        away = np.random.default_rng(seed).random(visit.max() + 1)[visit] < HELD_OUT
        parts, known = (rows[~away], rows[away]), lambda part: np.full(len(part), HOURS)
    else:
        bounds = np.searchsorted(log.hour, (NOW - WEEK_H - 24 * LEARN_DAYS, NOW - WEEK_H, NOW))
        parts, known = (np.arange(*bounds[:2]), np.arange(*bounds[1:])), lambda part: log.hour[part] - lag_h
    train, test = parts
    return HeldOut(
        rows_as_known(tallies, world, train, known(train), negatives, seed),
        rows_as_known(tallies, world, test, known(test), 0, seed),
    )


def training_part(held_out: HeldOut) -> Rows:
    """The rows to learn from."""
    return held_out.train


def factorise_part(held_out: HeldOut, world: World, learnt_from: float, seed: int) -> Ranker:
    """People's vectors from the registrations of a sample of the visits to learn from, and of no visit held out."""
    taught = sampled(held_out.train, learnt_from, seed)
    n_people, n_events = len(world.people.city), len(world.events.host)
    return Ranker(None, learn_factors(taught.person[taught.y], taught.event[taught.y], n_people, n_events, seed), 1.0)


def judge(held_out: HeldOut, ranker: Ranker, world: World, seed: int) -> dict[str, Estimate]:
    """Average precision and nDCG over the events shown on each held-out visit that had a registration.

    For vectors, people and events come from the registrations of the training part alone.
    """
    test = held_out.test
    scores = ranker.scorer.score(test.x) if ranker.scorer else _by_vectors(held_out, ranker, world)
    table = hits_in_order(test.visit, scores, test.y)
    table = table[table.any(axis=1)]
    places = np.tile(np.arange(table.shape[1]), (len(table), 1))
    gains = table.astype(float)
    return {
        "map": estimate(average_precision(places, [np.flatnonzero(row) for row in table]), seed),
        "ndcg@10": estimate(ndcg_of(gains, -np.sort(-gains, axis=1)), seed),
    }


def hits_in_order(visit: np.ndarray, scores: np.ndarray, hit: np.ndarray) -> np.ndarray:
    """Hits (visits, most rows) of each visit's rows, best score first, False past the last; visits in any order."""
    order = np.lexsort((-scores, visit))
    _, first, n = np.unique(visit[order], return_index=True, return_counts=True)
    table = np.zeros((len(first), n.max()), bool)
    table[np.repeat(np.arange(len(first)), n), np.arange(len(order)) - np.repeat(first, n)] = hit[order]
    return table


def _by_vectors(held_out: HeldOut, ranker: Ranker, world: World) -> np.ndarray:
    train, test = held_out.train, held_out.test
    events = ranker.factors.fold_in(train.person[train.y], train.event[train.y], len(world.events.host))
    return np.einsum("ij,ij->i", ranker.factors.people[test.person], events[test.event])
