"""Batch and hybrid serving: neighbours stored every night, kept where free, and put in order by the session."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.cases.similar_listings.data.world import Homes, World
from core.cases.similar_listings.model.similarity import Similarity
from core.cases.similar_listings.serve.filters import (
    NOTHING,
    Answered,
    Cells,
    K,
    Request,
    best,
    first_passing,
    passing,
)
from core.cases.similar_listings.serve.sessions import N_TIMED, Answers, collected, read_session, request_of, searcher
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def neighbours(model: Similarity, world: World, fetch: int) -> tuple[np.ndarray, np.ndarray]:
    """The batch job: every listed home (n,) and its `fetch` nearest in its market (n, fetch), -1 past the last."""
    homes, keys, rows = world.homes, [], []
    for market in range(homes.n_markets):
        ids = homes.of_market(market)
        ids = ids[model.listed[ids]]
        scores = _all_scores(model, homes, market, ids)
        np.fill_diagonal(scores, -np.inf)
        keys.append(ids)
        rows.append(_nearest(ids, scores, fetch))
    return np.concatenate(keys), np.concatenate(rows)


def _all_scores(model: Similarity, homes: Homes, market: int, ids: np.ndarray) -> np.ndarray:
    """The similarity of every two of a market's homes (m, m)."""
    if model.tables:
        return model.tables[market][np.ix_(homes.local[ids], homes.local[ids])].astype(np.float32)
    return model.vectors[ids] @ model.vectors[ids].T


def _nearest(ids: np.ndarray, scores: np.ndarray, fetch: int) -> np.ndarray:
    """The ids (m, fetch) of the highest scores in each row (m, m) but the last, -1 where there are fewer."""
    kept = max(0, min(fetch, len(ids) - 1))
    rows = np.arange(len(ids))[:, None]
    near = np.argpartition(-scores, kept, axis=1)[:, :kept] if kept else np.empty((len(ids), 0), np.int64)
    near = near[rows, np.lexsort((near, -scores[rows, near]), axis=1)]
    return np.pad(ids[near], ((0, 0), (0, fetch - kept)), constant_values=-1)


def write_store(made: tuple[np.ndarray, np.ndarray], name: str) -> SnapshotReader:
    """The store of neighbours, read by the home on the screen."""
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (*made, None))


def from_store(reader: SnapshotReader, world: World) -> Answers:
    """Batch serving: the stored neighbours of the home on the screen that are free; nothing for an unknown home."""
    return collected([_kept(world, i, reader.get(int(world.now.seen[i, 0]))) for i in range(len(world.now.booked))])


def known_share(reader: SnapshotReader, world: World) -> float:
    """The share of requests whose home on the screen the store knows."""
    return float(reader.get_many(world.now.seen[:, 0])[1].mean())


def _kept(world: World, i: int, stored: np.ndarray | None) -> Answered:
    """What of a stored list is free for request i."""
    if stored is None:
        return NOTHING
    kept, n_checks = first_passing(world.homes, request_of(world, i), stored[stored >= 0])
    return Answered(kept, 0, n_checks)


def from_store_in_order(reader: SnapshotReader, model: Similarity, world: World, context: int) -> Answers:
    """Hybrid serving: stored neighbours put in order by the session; a search for homes the store does not know."""
    order, search = _ranker(world, model), searcher(world, model, Cells((), ()), "market", 1, K)

    def answer(i: int) -> Answered:
        request, stored = read_session(world, model, i, context), reader.get(int(world.now.seen[i, 0]))
        return search(request) if stored is None else order(request, stored[stored >= 0])

    return collected([answer(i) for i in range(len(world.now.booked))])


def _ranker(world: World, model: Similarity) -> Callable[[Request, np.ndarray], Answered]:
    """A function that puts the free ones of stored homes in order by similarity to the session."""
    homes = world.homes

    def order(request: Request, stored: np.ndarray) -> Answered:
        ids = stored[passing(homes, request, stored)]
        if request.query is None:
            return Answered(ids[:K], 0, len(stored))
        scores = request.query[homes.local[ids]] if model.tables else model.vectors[ids] @ request.query
        return Answered(best(ids, scores, K), 0 if model.tables else len(ids), len(stored))

    return order


def time_look_up(reader: SnapshotReader, world: World) -> Timing:
    """Reading the stored neighbours of the home on the screen, N_TIMED times."""
    seen = world.now.seen[:, 0].tolist()
    return time_each(lambda i: reader.get(seen[i % len(seen)]), N_TIMED)


def time_filtering(reader: SnapshotReader, world: World) -> Timing:
    """Keeping the free ones of what was stored, N_TIMED times."""
    n = len(world.now.booked)
    stored = [reader.get(int(home)) for home in world.now.seen[:, 0]]
    return time_each(lambda i: _kept(world, i % n, stored[i % n]), N_TIMED)


def time_ranking(reader: SnapshotReader, model: Similarity, world: World, context: int) -> Timing:
    """Filtering what was stored and putting it in order, or searching where nothing was, N_TIMED times."""
    n, order, search = (
        len(world.now.booked),
        _ranker(world, model),
        searcher(world, model, Cells((), ()), "market", 1, K),
    )
    requests = [read_session(world, model, i, context) for i in range(n)]
    stored = [reader.get(int(home)) for home in world.now.seen[:, 0]]

    def rank(i: int) -> Answered:
        there = stored[i % n]
        return search(requests[i % n]) if there is None else order(requests[i % n], there[there >= 0])

    return time_each(rank, N_TIMED)
