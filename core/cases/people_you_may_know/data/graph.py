"""Links as a graph at a moment, and graphs whose links were swapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SWAP_ROUNDS = 4  # one moves nearly every chosen link, the others those that could not move then


@dataclass(frozen=True)
class Graph:
    """Links known at a moment `now`, both ways round, by person: CSR arrays over n people, friends in rising order."""

    n: int
    now: int
    indptr: np.ndarray  # (n + 1,) int32
    friends: np.ndarray  # (2 m,) int32
    day: np.ndarray  # (2 m,) int32

    @property
    def degree(self) -> np.ndarray:
        """Links of each person (n,)."""
        return np.diff(self.indptr)

    @property
    def nbytes(self) -> int:
        """Bytes that a server holds to walk the links."""
        return self.indptr.nbytes + self.friends.nbytes + self.day.nbytes

    def fading(self, half_life: int) -> np.ndarray:
        """What each link counts (2 m,): 1, or half for every `half_life` days of age."""
        if not half_life:
            return np.ones(len(self.friends))
        return np.exp2((self.day - np.float64(self.now)) / half_life)

    def matrix(self, half_life: int = 0) -> csr_matrix:
        """The links as a sparse matrix (n, n) of what each counts."""
        from scipy.sparse import csr_matrix

        return csr_matrix((self.fading(half_life), self.friends, self.indptr), shape=(self.n, self.n))


def graph_of(n: int, pairs: np.ndarray, day: np.ndarray, now: int) -> Graph:
    """The graph of links `pairs` (m, 2) made on `day` (m,)."""
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    indptr = np.concatenate([[0], np.bincount(ends[:, 0], minlength=n).cumsum()]).astype(np.int32)
    return Graph(n, now, indptr, ends[order, 1].astype(np.int32), np.concatenate([day, day])[order])


def rewire(pairs: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Swap the ends of pairs of links until about `share` of them are new: every person keeps the number of links.

    A double edge swap (Maslov and Sneppen 2002) that would link somebody with themselves or twice is not made.
    """
    swapped = pairs.copy()
    chosen = rng.permutation(len(pairs))[: 2 * int(share * len(pairs) / 2)]
    width = int(pairs.max(initial=0)) + 1
    for _ in range(SWAP_ROUNDS if len(chosen) else 0):
        one, other = rng.permutation(chosen).reshape(2, -1)
        turned = rng.random(len(one)) < 0.5
        a, b = swapped[one].T
        c, d = np.where(turned[:, None], swapped[other][:, ::-1], swapped[other]).T
        new = np.sort(np.stack([np.column_stack([a, d]), np.column_stack([c, b])]), axis=2)
        keys = new[..., 0].astype(np.int64) * width + new[..., 1]
        held = np.sort(swapped[:, 0].astype(np.int64) * width + swapped[:, 1])
        order = np.argsort(keys, axis=None)
        ranked = keys.ravel()[order]
        twice = np.zeros(keys.size, bool)
        twice[order] = np.append(False, ranked[1:] == ranked[:-1]) | np.append(ranked[1:] == ranked[:-1], False)
        there = held[np.minimum(np.searchsorted(held, keys), len(held) - 1)] == keys
        fine = (new[..., 0] != new[..., 1]) & ~twice.reshape(keys.shape) & ~there
        both = fine.all(axis=0)
        swapped[one[both]], swapped[other[both]] = new[0][both], new[1][both]
    return swapped


def graph_keys(graph: Graph, users: np.ndarray) -> np.ndarray:
    """Row of users × n + friend, for every link of the users, in rising order."""
    lengths = graph.degree[users]
    row = np.repeat(np.arange(len(users)), lengths)
    at = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths) + graph.indptr[users][row]
    return row.astype(np.int64) * graph.n + graph.friends[at]
