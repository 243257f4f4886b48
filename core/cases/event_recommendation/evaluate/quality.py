"""Judging lists of events against what people would have registered for."""

from __future__ import annotations

from zlib import crc32

import numpy as np

from core.cases.event_recommendation.data.world import NOW, World
from core.cases.event_recommendation.features.shelf import Shelf
from core.cases.event_recommendation.model.ranker import Ranker
from core.cases.event_recommendation.serve.lists import Lists
from core.contract.case import Estimate, estimate
from core.metrics import average_precision, ndcg_at_k
from core.metrics.calibration import miscalibration

TOP = 10  # the first screen
SOON_H = 48
TENTHS = 10  # of the curve on the page
FEWEST = 20  # people below whom no figure is given


def relevant(world: World) -> tuple[np.ndarray, list[np.ndarray]]:
    """The people (q,) who would register for anything, and the events each would."""
    now = world.requests
    who = np.flatnonzero(now.would.any(axis=1))
    return who, [now.open[now.would[i]] for i in who]


def grade(
    ids: np.ndarray, lists: Lists, ranker: Ranker, shelf: Shelf, world: World, correct: bool
) -> dict[str, Estimate]:
    """Every quality of the lists ids (n, K), over people who would register for something. ValueError for nobody."""
    who, wanted = relevant(world)
    if not len(who):
        raise ValueError("nobody would register for any event: there is nothing to judge by")
    shown = ids[who]
    graded = {
        "map": average_precision(shown, wanted),
        "ndcg@10": ndcg_at_k(shown, [dict.fromkeys(events.tolist(), 1.0) for events in wanted], TOP),
        "ceiling": reached(lists, shelf, world)[who],
        "regret": regret(shown[:, :TOP], who, world),
        "begun@10": begun(shown[:, :TOP], world),
        **_soon(shown, wanted, world),
    }
    estimates = {name: estimate(per_query, unit="persons") for name, per_query in graded.items()}
    if ranker.scorer is not None and estimates["ceiling"].value > 0:  # some candidate may be registered for
        estimates["calibration"] = calibration(lists, ranker, shelf, world, correct)
    return estimates


def reached(lists: Lists, shelf: Shelf, world: World) -> np.ndarray:
    """The share of each person's relevant events (n,) that are among the candidates: no ranker can find more."""
    would, open_now = world.requests.would, world.requests.open
    column = np.full(len(world.events.host), -1)
    column[open_now] = np.arange(len(open_now))
    at = column[shelf.open[lists.candidates.column]]
    hit = (at >= 0) & would[lists.candidates.person, at]
    n_found = np.bincount(lists.candidates.person[hit], minlength=len(would))
    return n_found / np.maximum(would.sum(axis=1), 1)


def chances_of(ids: np.ndarray, who: np.ndarray, world: World) -> np.ndarray:
    """The true chance of each answer (q, k); 0 for an event that has begun, is full, or is none."""
    column = np.full(len(world.events.host) + 1, -1)
    column[world.requests.open] = np.arange(len(world.requests.open))
    at = column[ids]
    return np.where(at >= 0, world.requests.chance[who[:, None], at], 0.0).astype(np.float64)


def regret(ids: np.ndarray, who: np.ndarray, world: World) -> np.ndarray:
    """Share of the registrations (q,) that the ten best events would have brought and these do not."""
    best = -np.sort(-world.requests.chance[who], axis=1)[:, :TOP].sum(axis=1, dtype=np.float64)
    return 1 - chances_of(ids, who, world).sum(axis=1) / np.maximum(best, 1e-12)


def begun(ids: np.ndarray, world: World) -> np.ndarray:
    """Share of the answers (q,) that have begun."""
    there = ids >= 0
    return (there & (world.events.start[ids] <= NOW)).sum(axis=1) / np.maximum(there.sum(axis=1), 1)


def _soon(ids: np.ndarray, wanted: list[np.ndarray], world: World) -> dict[str, np.ndarray]:
    """Average precision on the relevant events of the next SOON_H hours alone, of those who have any."""
    start = world.events.start
    soon = [events[start[events] <= NOW + SOON_H] for events in wanted]
    rows = [i for i, events in enumerate(soon) if len(events)]
    if len(rows) < FEWEST:
        return {}
    listed = np.where((ids[rows] >= 0) & (start[ids[rows]] <= NOW + SOON_H), ids[rows], -1)
    order = np.argsort(listed < 0, axis=1, kind="stable")
    return {"soon": average_precision(np.take_along_axis(listed, order, axis=1), [soon[i] for i in rows])}


def calibration(lists: Lists, ranker: Ranker, shelf: Shelf, world: World, correct: bool) -> Estimate:
    """The calibration error over all candidates with each person's part, the true chance standing for the outcome."""
    candidates = lists.candidates
    predicted = ranker.chances(lists.scores.astype(np.float64), correct)
    true = chances_of(shelf.open[candidates.column][:, None], candidates.person, world)
    persons, interval = miscalibration(predicted[:, None], true, candidates.person)
    return estimate(persons, unit="persons", units=crc32(np.unique(candidates.person).tobytes()), interval=interval)


def tenths(lists: Lists, ranker: Ranker, shelf: Shelf, world: World, correct: bool) -> tuple[tuple[float, float], ...]:
    """The mean predicted and mean true chance of ten equal groups of candidates, lowest first."""
    candidates = lists.candidates
    if ranker.scorer is None or len(candidates.person) < TENTHS:
        return ()
    predicted = ranker.chances(lists.scores.astype(np.float64), correct)
    true = chances_of(shelf.open[candidates.column][:, None], candidates.person, world)[:, 0]
    parts = np.array_split(np.argsort(predicted, kind="stable"), TENTHS)
    return tuple((float(predicted[part].mean()), float(true[part].mean())) for part in parts)
