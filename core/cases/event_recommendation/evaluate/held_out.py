"""Judging on the log, as a notebook does: by a later week, or by random visits with counts that know the future."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from core.cases.event_recommendation.data.world import HOURS, NOW, World
from core.cases.event_recommendation.features.counts import Tallies
from core.cases.event_recommendation.features.rows import LEARN_DAYS, Rows, rows_as_known, sampled
from core.cases.event_recommendation.model.factors import learn_factors
from core.cases.event_recommendation.model.ranker import Ranker
from core.contract.case import Estimate, estimate
from core.metrics import ndcg_of

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


def judge(held_out: HeldOut, ranker: Ranker, world: World) -> dict[str, Estimate]:
    """Average precision and nDCG over the events shown on each held-out visit that had a registration.

    For vectors, people and events come from the registrations of the training part alone. Visits of a person go
    together.
    """
    test = held_out.test
    scores = ranker.scorer.score(test.x) if ranker.scorer else _by_vectors(held_out, ranker, world)
    visits, first = np.unique(test.visit, return_index=True)
    of_visit, hits = tied_lists(test.visit, scores, test.y)
    came = hits.any(axis=1)
    people = dict(unit="persons", clusters=test.person[first[came]], units=crc32(visits[came].tobytes()))
    return {name: estimate(values[came], **people) for name, values in of_visit.items()}


def tied_lists(visit: np.ndarray, scores: np.ndarray, hit: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Average precision and nDCG@10 (visits,) of each visit's rows by score, and its hits (visits, most rows).

    Rows of one score enter together, so that their order does not matter: for average precision all of them, for nDCG
    each with the mean gain of them (McSherry & Najork 2008). 0 for a visit without a hit.
    """
    order = np.lexsort((-scores, visit))
    _, first, n = np.unique(visit[order], return_index=True, return_counts=True)
    at = np.repeat(np.arange(len(first)), n), np.arange(len(order)) - np.repeat(first, n)
    ranked, hits, there = np.zeros((len(first), n.max())), np.zeros((len(first), n.max())), np.zeros(len(order))
    ranked[at], hits[at] = scores[order], hit[order]
    there = np.arange(n.max()) < n[:, None]
    over = (ranked[:, None] >= ranked[:, :, None]) & there[:, None]  # (visits, row, rows that rank as high)
    same = (ranked[:, None] == ranked[:, :, None]) & there[:, None]
    precision = (over @ hits[..., None])[..., 0] / over.sum(axis=2).clip(1)
    gains = (same @ hits[..., None])[..., 0] / same.sum(axis=2).clip(1) * there
    found = hits.sum(axis=1)
    return {
        "map": (precision * hits).sum(axis=1) / found.clip(1),
        "ndcg@10": ndcg_of(gains, -np.sort(-hits, axis=1)),
    }, hits


def _by_vectors(held_out: HeldOut, ranker: Ranker, world: World) -> np.ndarray:
    train, test = held_out.train, held_out.test
    events = ranker.factors.fold_in(train.person[train.y], train.event[train.y], len(world.events.host))
    return np.einsum("ij,ij->i", ranker.factors.people[test.person], events[test.event])
