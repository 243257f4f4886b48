"""One request at a time: the same candidates, scores and order as the pipeline's, on the lean path that is timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.features import WEIGHTINGS, Groups, introducers
from core.cases.people_you_may_know.model.scorers import SCORERS, Pairs, Ranker, score, scoring
from core.cases.people_you_may_know.model.vectors import with_vector
from core.cases.people_you_may_know.serve.candidates import BEST_CONNECTED, NEAREST, best_connected
from core.cases.people_you_may_know.serve.ranking import RANKED_BY_TREES, K
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex, searcher
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99

Candidates = tuple[np.ndarray, np.ndarray, np.ndarray]  # ids (c,), sums (c, k), total (k,)


def finder(
    graph: Graph, groups: Groups, vectors: np.ndarray | None, index: BuiltIndex | None,
    candidates: str, scorer: str, effort: int, profile: float, hub_cap: int, half_life: int, walking: bool,
) -> Callable[[int], Candidates]:  # fmt: skip
    """A function from a person to the candidates, in rising order, and what the scorer reads of shared friends."""
    walk = _walker(graph, SCORERS[scorer].weightings, hub_cap, half_life) if walking else _stay
    best = np.sort(best_connected(graph, BEST_CONNECTED)) if candidates == "popular" else None
    look = searcher(index, k=min(NEAREST, index.n), effort=effort) if index is not None else None
    people = with_vector(vectors) if vectors is not None else None
    wanted = np.zeros(graph.n, bool)

    def find(person: int) -> Candidates:
        reached, sums, total = walk(person)
        if candidates in ("fof", "fof_ann"):
            wanted[reached] = True
        if best is not None:
            wanted[best] = True
        if look is not None and vectors[person].any():
            near = look(vectors[person])
            wanted[people[near[near >= 0]]] = True
        if profile:
            wanted[groups.members(groups.domain[person])] = True
        wanted[graph.friends[graph.indptr[person] : graph.indptr[person + 1]]] = False
        wanted[person] = False
        ids = np.flatnonzero(wanted)
        wanted[ids] = False
        return ids, sums[ids] if walking else sums[: len(ids)], total

    return find


def _walker(graph: Graph, names: tuple[str, ...], hub_cap: int, half_life: int) -> Callable[[int], Candidates]:
    """A function from a person to everyone within two links, everybody's sums (n, k) and the person's total (k,)."""
    may, degree = introducers(graph, hub_cap), graph.degree
    ways = [WEIGHTINGS[name] for name in names]
    fading = [graph.fading(half_life if way.half_life is None else way.half_life) for way in ways]
    counts = [way.of(degree) for way in ways]
    indptr, friends = graph.indptr.tolist(), graph.friends
    nobody = np.zeros(0, np.int64), np.zeros((graph.n, len(ways))), np.zeros(len(ways))

    def walk(person: int) -> Candidates:
        links = np.arange(indptr[person], indptr[person + 1])
        links = links[may[friends[links]]]
        if not len(links):
            return nobody
        through = friends[links]
        spans = [slice(indptr[f], indptr[f + 1]) for f in through.tolist()]
        reached = np.concatenate([friends[span] for span in spans])
        sums = np.empty((graph.n, len(ways)))
        for column, (fade, count) in enumerate(zip(fading, counts, strict=True)):
            step = np.repeat(fade[links] * count[through], degree[through])
            step *= np.concatenate([fade[span] for span in spans])
            sums[:, column] = np.bincount(reached, step, graph.n)
        return reached, sums, sums[person].copy()  # a view would keep the sums of everybody

    return walk


_NOTHING = np.zeros(0, np.int64), np.zeros((100_000, 1)), np.zeros(1)


def _stay(person: int) -> Candidates:
    """No walk: nobody reached, nothing summed up."""
    return _NOTHING


def orderer(
    graph: Graph, groups: Groups, vectors: np.ndarray | None, ranker: Ranker | None,
    scorer: str, profile: float, hub_cap: int, half_life: int,
) -> Callable[[int, Candidates], np.ndarray]:  # fmt: skip
    """A function from a person and candidates to the best ten ids, best first."""
    at = scoring(graph, groups, vectors, ranker, hub_cap, half_life)

    def order(person: int, near: Candidates) -> np.ndarray:
        ids, sums, total = near
        if scorer == "gbdt" and len(ids) > RANKED_BY_TREES:
            kept = np.sort(np.lexsort((ids, -sums[:, 1]))[:RANKED_BY_TREES])
            ids, sums = ids[kept], sums[kept]
        if not len(ids):
            return ids
        one = np.full(len(ids), person)
        scores = score(Pairs(one, ids, sums, np.broadcast_to(total, sums.shape)), at, scorer, profile)
        if len(ids) > 4 * K:  # sort only what can be among the ten, ties included
            kept = scores >= np.partition(scores, len(scores) - K)[len(scores) - K]
            ids, scores = ids[kept], scores[kept]
        return ids[np.lexsort((ids, -scores))[:K]]

    return order


@dataclass(frozen=True)
class Request:
    """The two halves of a request that is computed, timed over the same people."""

    find: Timing
    rank: Timing


def time_request(
    world: World, graph: Graph, groups: Groups, vectors: np.ndarray | None, index: BuiltIndex | None,
    ranker: Ranker | None, candidates: str, scorer: str, effort: int, profile: float, hub_cap: int, half_life: int,
    walking: bool,
) -> Request:  # fmt: skip
    """N_TIMED requests: candidates first, then scoring and sorting on what was found."""
    shared = dict(scorer=scorer, profile=profile, hub_cap=hub_cap, half_life=half_life)
    find = finder(graph, groups, vectors, index, candidates=candidates, effort=effort, walking=walking, **shared)
    order = orderer(graph, groups, vectors, ranker, **shared)
    users = world.users.tolist()
    near: list = [None] * len(users)

    def finding(i: int) -> None:
        near[i % len(users)] = find(users[i % len(users)])

    timed = time_each(finding, N_TIMED)
    return Request(timed, time_each(lambda i: order(users[i % len(users)], near[i % len(users)]), N_TIMED))


def finding(request: Request) -> Timing:
    """How long the candidates of a request take."""
    return request.find


def ranking(request: Request) -> Timing:
    """How long scoring and sorting them takes."""
    return request.rank


def time_reading(world: World, stored: SnapshotReader) -> Timing:
    """One request's look-up in the store, N_TIMED times."""
    users = world.users.tolist()
    return time_each(lambda i: stored.get(users[i % len(users)]), N_TIMED)


def time_listing(world: World, lists: np.ndarray) -> Timing:
    """One request's look-up of a country's list, N_TIMED times."""
    tlds = world.tld[world.users].tolist()
    return time_each(lambda i: lists[tlds[i % len(tlds)]].copy(), N_TIMED)
