"""Whom each user may be offered: friends of friends, near vectors, the best connected, people of the same domain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.features import Groups, Walked, linked, two_hops
from core.cases.people_you_may_know.model.scorers import SCORERS
from core.cases.people_you_may_know.model.vectors import with_vector
from core.stages.index import BuiltIndex, build_index, search

NEAREST = 200  # vectors taken from the index; a good part of them are friends already
BEST_CONNECTED = 200  # people whom the "popular" source proposes to everybody


@dataclass(frozen=True)
class Found:
    """Candidates of every user: `row` (p,) of the users and person `ids` (p,), rows and ids rising.

    `n_distances` (n_users,) counts the vectors each user's vector was compared with.
    """

    row: np.ndarray
    ids: np.ndarray
    n_distances: np.ndarray


def index_people(vectors: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the vectors of the people who have one."""
    return build_index(vectors[with_vector(vectors)], kind=kind, seed=seed)


def walk_links(world: World, graph: Graph, scorer: str, hub_cap: int, half_life: int) -> Walked:
    """From every user to the friends of friends, summing up what the scorer reads."""
    return two_hops(graph, world.users, SCORERS[scorer].weightings, hub_cap, half_life)


def find_candidates(
    world: World, graph: Graph, groups: Groups, walked: Walked | None, vectors: np.ndarray | None,
    index: BuiltIndex | None, candidates: str, effort: int, profile: float,
) -> Found:  # fmt: skip
    """Everybody who is considered for each user: nobody linked already, and not themselves."""
    rows, ids, n_distances = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], np.zeros(len(world.users))
    if candidates == "popular":
        best = best_connected(graph, BEST_CONNECTED)
        rows.append(np.repeat(np.arange(len(world.users)), len(best)))
        ids.append(np.tile(best, len(world.users)))
    if candidates in ("fof", "fof_ann"):
        rows.append(walked.rows())
        ids.append(walked.ids)
    if index is not None:
        people = with_vector(vectors)
        here = np.flatnonzero(np.isin(world.users, people))
        near = search(index, vectors[world.users[here]], k=NEAREST, effort=effort)
        filled = near.ids >= 0
        rows.append(np.repeat(here, filled.sum(axis=1)))
        ids.append(people[near.ids[filled]])
        n_distances[here] = near.n_distances
    if profile:
        same = [groups.members(domain) for domain in world.domain[world.users]]
        rows.append(np.repeat(np.arange(len(same)), [len(members) for members in same]))
        ids.append(np.concatenate(same))
    keys = np.sort(np.concatenate(rows) * np.int64(world.n) + np.concatenate(ids))
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    row, ids = keys // world.n, keys % world.n
    new = ~linked(graph, world.users, row, ids)
    return Found(row[new].astype(np.int32), ids[new].astype(np.int32), n_distances)


def best_connected(graph: Graph, k: int) -> np.ndarray:
    """The k people with the most links, ties by number."""
    return np.argsort(-graph.degree, kind="stable")[:k]
