"""Every quality of what was served, and a few people's neighbourhoods: friends, offers and mutual friends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.serve.ranking import K, Suggested
from core.contract.case import Estimate, estimate
from core.metrics import mrr_at_k, recall_at_k

N_SHOWN = 8
FRIENDS = (5, 9)  # people shown have this many links where some do: enough for a picture, few enough to read
FUTURE = (3, 10)  # and make this many new ones
MOST_FRIENDS = 26  # a letter each


def grade(world: World, ids: np.ndarray, suggested: Suggested) -> dict[str, Estimate]:
    """Every quality of what was served, ids (n_users, K), each with the value of every user.

    Users are taken to be independent, although they share neighbours.
    """
    relevant = [world.future_ids[a:b] for a, b in zip(world.future_ptr[:-1], world.future_ptr[1:], strict=True)]
    graded = {
        "recall@10": recall_at_k(ids, relevant, K),
        "hit@10": (recall_at_k(ids, relevant, K) > 0).astype(float),
        "mrr@10": mrr_at_k(ids, relevant, K),
        "reach": suggested.reached,
    }
    if len(world.judged) > 1:  # rewired or tiny worlds may have nobody with a future link two hops away
        graded |= {"auc_random": suggested.auc_random, "auc_near": suggested.auc_near}
    return {name: estimate(per_query, unit="persons") for name, per_query in graded.items()}


@dataclass(frozen=True)
class Offer:
    """One suggestion: the person, the country or town, the friends in common, and whether the link came to be."""

    person: int
    place: str
    mutual: tuple[int, ...]
    same_domain: bool
    right: bool


@dataclass(frozen=True)
class Neighbourhood:
    """One person with friends, the links among them, the ten offers, and the links that came to be."""

    person: int
    place: str
    friends: tuple[int, ...]
    among: tuple[tuple[int, int], ...]
    offers: tuple[Offer, ...]
    n_future: int


def show(world: World, graph: Graph, ids: np.ndarray) -> tuple[Neighbourhood, ...]:
    """The same people for every design: of those with few enough links, the ones with most next links two hops away."""
    degree, n_future = graph.degree[world.users], np.diff(world.future_ptr)
    fits = (degree >= FRIENDS[0]) & (degree <= FRIENDS[1]) & (n_future >= FUTURE[0]) & (n_future <= FUTURE[1])
    order = np.lexsort((-_closable(world, graph), ~fits))
    rows = order[degree[order] <= MOST_FRIENDS][:N_SHOWN]
    return tuple(_neighbourhood(world, graph, row, ids[row]) for row in rows)


def _closable(world: World, graph: Graph) -> np.ndarray:
    """How many of each user's next links (n_users,) are with friends of friends."""
    row = np.repeat(np.arange(len(world.users)), np.diff(world.future_ptr))
    matrix = graph.matrix()
    shared = np.asarray(matrix[world.users[row]].multiply(matrix[world.future_ids]).sum(axis=1)).ravel()
    return np.bincount(row, weights=shared > 0, minlength=len(world.users))


def _neighbourhood(world: World, graph: Graph, row: int, ids: np.ndarray) -> Neighbourhood:
    person = int(world.users[row])
    friends = _friends(graph, person)
    future = set(world.future_ids[world.future_ptr[row] : world.future_ptr[row + 1]].tolist())
    among = tuple((one, other) for one in friends for other in _shared(graph, friends, one) if one < other)
    offers = tuple(_offer(world, graph, person, friends, other, other in future) for other in ids[ids >= 0].tolist())
    return Neighbourhood(person, _place(world, person), friends, among, offers, len(future))


def _offer(world: World, graph: Graph, person: int, friends: tuple[int, ...], other: int, right: bool) -> Offer:
    same = bool(world.domain[person] and world.domain[person] == world.domain[other])
    return Offer(other, _place(world, other), _shared(graph, friends, other), same, right)


def _shared(graph: Graph, friends: tuple[int, ...], other: int) -> tuple[int, ...]:
    return tuple(np.intersect1d(friends, _friends(graph, other)).tolist())


def _friends(graph: Graph, person: int) -> tuple[int, ...]:
    return tuple(graph.friends[graph.indptr[person] : graph.indptr[person + 1]].tolist())


def _place(world: World, person: int) -> str:
    name = world.tld_names[world.tld[person]]
    return name if name in ("none", "other") or " " in name else f".{name}"
