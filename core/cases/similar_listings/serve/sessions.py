"""Online serving: a session becomes a query, and every request a search under a filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.similar_listings.data.world import Homes, World
from core.cases.similar_listings.model.similarity import Similarity
from core.cases.similar_listings.serve.filters import (
    FILTERS,
    NOTHING,
    Answered,
    Answerer,
    Cells,
    K,
    Request,
    best,
    cluster,
    first_passing,
)
from core.runtime.timing import Timing, time_each

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


@dataclass(frozen=True)
class Answers:
    """Answers ids (q, K), -1 past the last, with the distances and filter checks of each request (q,)."""

    ids: np.ndarray
    n_distances: np.ndarray
    n_checks: np.ndarray


def read_session(world: World, model: Similarity, i: int, context: int) -> Request:
    """Request i with the mean vector of its last `context` homes that the model knows."""
    now = world.now
    seen = now.seen[i]
    seen = seen[seen >= 0]
    known = seen[:context]
    known = known[model.listed[known]]
    query = model.vectors[known].mean(axis=0) if len(known) else None
    if len(known) and model.tables:
        query = model.scores(world.homes, int(now.market[i]), known)
    return Request(query, int(now.market[i]), int(now.dates[i]), seen)


def by_table(homes: Homes, model: Similarity) -> Answerer:
    """Answer from the market's table: the query already is the score of every home of the market."""

    def answer(request: Request) -> Answered:
        ids = homes.of_market(request.market)
        listed = model.listed[ids]
        kept, n_checks = first_passing(homes, request, best(ids[listed], request.query[listed], len(ids)))
        return Answered(kept, 0, n_checks)

    return answer


def searcher(world: World, model: Similarity, cells: Cells, filter: str, effort: int, fetch: int) -> Answerer:
    """The function that answers one request by search; nothing where nothing is known of the homes seen."""
    homes = world.homes
    search = by_table(homes, model) if model.tables else FILTERS[filter].answerer(model, homes, cells, effort, fetch)
    return lambda request: NOTHING if request.query is None else search(request)


def make_lists(model: Similarity, world: World, filter: str, seed: int) -> Cells:
    """The inverted lists that the filter's way of searching needs."""
    return cluster(model, world.homes, "" if model.tables else FILTERS[filter].clusters, seed)


def look_up(
    model: Similarity, cells: Cells, world: World, filter: str, effort: int, fetch: int, context: int
) -> Answers:
    """Online serving: a search for every request."""
    answer = searcher(world, model, cells, filter, effort, fetch)
    return collected([answer(read_session(world, model, i, context)) for i in range(len(world.now.booked))])


def time_reading(model: Similarity, world: World, context: int) -> Timing:
    """The way from a session to its query, N_TIMED times."""
    n = len(world.now.booked)
    return time_each(lambda i: read_session(world, model, i % n, context), N_TIMED)


def time_search(
    model: Similarity, cells: Cells, world: World, filter: str, effort: int, fetch: int, context: int
) -> Timing:
    """The filtered search alone, N_TIMED times."""
    answer = searcher(world, model, cells, filter, effort, fetch)
    requests = [read_session(world, model, i, context) for i in range(len(world.now.booked))]
    return time_each(lambda i: answer(requests[i % len(requests)]), N_TIMED)


def request_of(world: World, i: int) -> Request:
    """Request i without a query."""
    seen = world.now.seen[i]
    return Request(None, int(world.now.market[i]), int(world.now.dates[i]), seen[seen >= 0])


def collected(answers: list[Answered]) -> Answers:
    """The answers to all requests as arrays, in order."""
    ids = np.full((len(answers), K), -1, np.int64)
    for row, answer in zip(ids, answers, strict=True):
        row[: len(answer.ids)] = answer.ids
    return Answers(ids, np.array([a.n_distances for a in answers]), np.array([a.n_checks for a in answers]))
