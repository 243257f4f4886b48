"""The people: who is linked with whom today, whom they will be linked with next, and what a profile says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.cases.people_you_may_know.data.circle import draw_circle
from core.cases.people_you_may_know.data.graph import Graph, graph_keys, graph_of, rewire
from core.datasets.people import Ties, load_coauthors, load_trust

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

GRAPHS = {"trust": "PGP web of trust", "coauthors": "Co-authors", "drawn": "Drawn circle"}
N_USERS = 1_000  # people asked about: their suggestions are graded
N_JUDGED = 10  # strangers of each kind that one real future link is ranked against
TODAY = {
    "trust": int(np.datetime64("2006-01-01").astype(int)),
    "coauthors": int(np.datetime64("2003-07-01").astype(int)),
    "drawn": 800,
}
AFTER = {"trust": 365, "coauthors": 1_000, "drawn": 200}  # days after today whose links are to be foreseen
BEFORE = {"trust": 365, "coauthors": 1_000, "drawn": 200}  # days before today whose links training learns to foresee


@dataclass(frozen=True)
class World:
    """Links of today, the people asked about, and the links that they will make.

    `future_ids[future_ptr[i] : future_ptr[i + 1]]` are the people whom `users[i]` will be linked with. `judged` (q,)
    are rows of users with a future link two hops away, `positive` (q,) that link, `strangers` (q, N_JUDGED) random
    people and `near` (q, N_JUDGED) friends of friends who do not become friends.
    """

    n: int
    today: int
    before: int  # days that training looks back
    shuffled: bool  # links are held back at random, not by time
    pairs: np.ndarray  # (m, 2) int32
    day: np.ndarray  # (m,) int32
    tld: np.ndarray  # (n,)
    tld_names: tuple[str, ...]
    domain: np.ndarray  # (n,)
    users: np.ndarray  # (n_users,)
    future_ptr: np.ndarray
    future_ids: np.ndarray
    judged: np.ndarray
    positive: np.ndarray
    strangers: np.ndarray
    near: np.ndarray


def load_world(graph: str, split: str, rewired: float, homophily: float, hubs: float, seed: int) -> World:
    """The links known today, the later ones to be foreseen, and 1,000 people who make some. Raises DataError."""
    rng = np.random.default_rng(seed)
    ties = draw_circle(hubs, rng) if graph == "drawn" else {"trust": load_trust, "coauthors": load_coauthors}[graph]()
    end = TODAY[graph] + AFTER[graph]
    known = ties.day < TODAY[graph]
    there = ties.day < end
    if split == "random":
        known = _random_like(known, there, rng)
    degree = np.bincount(ties.pairs[known].ravel(), minlength=ties.n)
    later = there & ~known & (degree[ties.pairs] > 0).all(axis=1)
    pairs = rewire(ties.pairs[known], rewired, rng)
    coming = _without(rewire(ties.pairs[later], rewired, rng), pairs, ties.n)
    if not len(coming):
        raise ValueError("nobody makes a new link here, so there is nothing to foresee")
    users, ptr, ids = _asked(coming, ties.n, rng)
    now = TODAY[graph] if split == "time" else end
    today = graph_of(ties.n, pairs, ties.day[known], now)
    return World(
        ties.n, now, BEFORE[graph], split == "random", pairs, ties.day[known],
        *_profiles(ties, homophily, rng), users, ptr, ids, **_judged(today, users, ptr, ids, rng),
    )  # fmt: skip


def _random_like(known: np.ndarray, there: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many links known as by time, but drawn from all of them."""
    drawn = np.zeros(len(known), bool)
    drawn[rng.permutation(np.flatnonzero(there))[: known.sum()]] = True
    return drawn


def known_links(world: World, age: float) -> Graph:
    """The graph as it was `age` days ago."""
    seen = world.day < world.today - age if age else np.ones(len(world.day), bool)
    return graph_of(world.n, world.pairs[seen], world.day[seen], int(world.today - age))


def _without(pairs: np.ndarray, others: np.ndarray, n: int) -> np.ndarray:
    """The pairs that are not among the others."""
    return pairs[~np.isin(_keys(pairs, n), _keys(others, n))]


def _keys(pairs: np.ndarray, n: int) -> np.ndarray:
    return pairs[:, 0].astype(np.int64) * n + pairs[:, 1]


def _asked(coming: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Up to N_USERS people with future links, where each one's begin, and whom they are with."""
    ends = np.concatenate([coming, coming[:, ::-1]])
    users = np.sort(rng.permutation(np.unique(ends[:, 0]))[:N_USERS])
    ends = ends[np.isin(ends[:, 0], users)]
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    ptr = np.concatenate([np.searchsorted(ends[:, 0], users), [len(ends)]])
    return users, ptr, ends[:, 1].copy()


def _profiles(ties: Ties, homophily: float, rng: np.random.Generator) -> tuple[np.ndarray, tuple[str, ...], np.ndarray]:
    """Everyone's profile, of which all but a `homophily` share are dealt out again among their holders."""
    dealt = np.flatnonzero(rng.random(ties.n) >= homophily)
    holder = np.arange(ties.n)
    holder[dealt] = rng.permutation(dealt)
    return ties.tld[holder], ties.tld_names, ties.domain[holder]


def _judged(
    graph: Graph, users: np.ndarray, ptr: np.ndarray, ids: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """A future link two hops away for each user who has one, with strangers of both kinds."""
    matrix = graph.matrix()
    row = np.repeat(np.arange(len(users)), np.diff(ptr))
    within = np.asarray(matrix[users[row]].multiply(matrix[ids]).sum(axis=1)).ravel() > 0
    positive = _some_of_each(row[within], ids[within], 1, len(users), rng)[:, 0]
    linked = np.concatenate([row * np.int64(graph.n) + ids, graph_keys(graph, users)])
    near = _near(matrix, users, linked, rng)
    judged = np.flatnonzero((positive >= 0) & (near >= 0).all(axis=1))
    strangers = _strangers(graph, users, judged, linked, rng)
    return {"judged": judged, "positive": positive[judged], "near": near[judged], "strangers": strangers}


def _near(matrix: csr_matrix, users: np.ndarray, linked: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Friends of friends (n_users, N_JUDGED) of each user with whom there is no link, now or later; -1 for too few."""
    two = (matrix[users] @ matrix).tocsr()
    start, length = two.indptr[:-1, None], np.diff(two.indptr)[:, None]
    drawn = np.minimum(start + (rng.random((len(users), 4 * N_JUDGED)) * length).astype(np.int64), two.nnz - 1)
    row = np.repeat(np.arange(len(users)), drawn.shape[1])
    ids = two.indices[drawn.ravel()]
    fine = ~np.isin(row * np.int64(matrix.shape[0]) + ids, linked) & (ids != users[row]) & (length[row, 0] > 0)
    fine[fine] = _first_of_each(row[fine] * np.int64(matrix.shape[0]) + ids[fine])
    return _some_of_each(row[fine], ids[fine], N_JUDGED, len(users), rng)


def _first_of_each(keys: np.ndarray) -> np.ndarray:
    """Which entries are the first with their value."""
    first = np.zeros(len(keys), bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def _some_of_each(row: np.ndarray, values: np.ndarray, k: int, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """k random values of each row (n_rows, k), -1 where it has fewer."""
    order = np.lexsort((rng.random(len(row)), row))
    row, values = row[order], values[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    some = np.full((n_rows, k), -1, np.int64)
    some[row[rank < k], rank[rank < k]] = values[rank < k]
    return some


def _strangers(
    graph: Graph, users: np.ndarray, judged: np.ndarray, linked: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Random people (q, N_JUDGED) who are neither linked with the user now nor will be."""
    anybody = np.flatnonzero(graph.degree)
    drawn = rng.choice(anybody, (len(judged), N_JUDGED))
    for _ in range(20):
        known = np.isin(judged[:, None] * np.int64(graph.n) + drawn, linked) | (drawn == users[judged][:, None])
        if not known.any():
            break
        drawn[known] = rng.choice(anybody, known.sum())
    return drawn
