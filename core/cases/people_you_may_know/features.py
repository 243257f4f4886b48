"""Walking links: whom friends introduce, what the friends two people share count for, and whom a profile adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph, graph_keys
from core.cases.people_you_may_know.data.people import World

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

RECENT = 365  # days by which a link counts half in the "recent" weighting
SMALL_GROUP = 200  # a domain of more people than this introduces nobody


@dataclass(frozen=True)
class Weighting:
    """What a shared friend counts: `of(degree)` says it by how many links that friend has."""

    of: Callable[[np.ndarray], np.ndarray]
    half_life: int | None = None  # days; None leaves it to the design


WEIGHTINGS = {
    "one": Weighting(lambda degree: np.ones(len(degree))),
    "log": Weighting(lambda degree: 1 / np.log(np.maximum(degree, 2))),
    "inverse": Weighting(lambda degree: 1 / np.maximum(degree, 1)),
    "recent": Weighting(lambda degree: 1 / np.log(np.maximum(degree, 2)), RECENT),
}


@dataclass(frozen=True)
class Walked:
    """Everyone within two links of `users`, themselves and friends included: CSR rows over the users.

    `sums` (nnz, k) is what the shared friends of a pair count under each of k weightings, `total` (n_users, k) what the
    user's friends count all together, `paths` (n_users,) the links walked.
    """

    users: np.ndarray
    n: int
    indptr: np.ndarray
    ids: np.ndarray
    sums: np.ndarray
    total: np.ndarray
    paths: np.ndarray

    def rows(self) -> np.ndarray:
        """The row of each entry (nnz,)."""
        return np.repeat(np.arange(len(self.users)), np.diff(self.indptr))

    def of(self, row: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """The sums (p, k) of pairs of a row and a person; zero where they share no friend that may introduce."""
        keys = self.rows() * np.int64(self.n) + self.ids
        at = np.searchsorted(keys, row * np.int64(self.n) + ids)
        at = np.minimum(at, max(0, len(keys) - 1))
        known = keys[at] == row * np.int64(self.n) + ids if len(keys) else np.zeros(len(row), bool)
        return np.where(known[:, None], self.sums[at] if len(keys) else 0.0, 0.0)


def introducers(graph: Graph, hub_cap: int) -> np.ndarray:
    """Who (n,) may introduce friends to each other: those with at most `hub_cap` links."""
    return graph.degree <= hub_cap


def two_hops(graph: Graph, users: np.ndarray, weightings: tuple[str, ...], hub_cap: int, half_life: int) -> Walked:
    """Walk from the users to their friends' friends, by one sparse product for each weighting."""
    may = introducers(graph, hub_cap)
    products = [_product(graph, users, may, WEIGHTINGS[name], half_life) for name in weightings]
    first = products[0]
    sums = np.column_stack([product.data for product in products])
    total = np.zeros((len(users), len(weightings)))
    rows = np.repeat(np.arange(len(users)), np.diff(first.indptr))
    self = first.indices == users[rows]
    total[rows[self]] = sums[self]
    return Walked(users, graph.n, first.indptr, first.indices, sums, total, path_counts(graph, hub_cap)[users])


def _product(graph: Graph, users: np.ndarray, may: np.ndarray, weighting: Weighting, half_life: int) -> csr_matrix:
    """The sums of one weighting as a sparse matrix (n_users, n), ids rising in each row."""
    from scipy.sparse import csr_matrix

    links = graph.matrix(half_life if weighting.half_life is None else weighting.half_life)
    step = links[users]
    kept = may[step.indices]
    indptr = np.concatenate([[0], kept.cumsum()])[step.indptr]
    counted = step.data[kept] * weighting.of(graph.degree)[step.indices[kept]]
    product = csr_matrix((counted, step.indices[kept], indptr), shape=step.shape) @ links
    product.sort_indices()
    return product


def path_counts(graph: Graph, hub_cap: int) -> np.ndarray:
    """Links walked (n,) to reach each person's friends' friends: the work of generating candidates, counted."""
    degree = graph.degree
    offered = np.where(introducers(graph, hub_cap), degree, 0)[graph.friends]
    return np.add.reduceat(np.append(offered, 0), graph.indptr[:-1]) * (degree > 0)


def linked(graph: Graph, users: np.ndarray, row: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Which pairs (p,) of a row of users and a person are linked already, or are one and the same."""
    keys = graph_keys(graph, users)
    wanted = row * np.int64(graph.n) + ids
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return (keys[at] == wanted) | (users[row] == ids)


# -- profiles --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Groups:
    """People by domain and top-level domain, as far as they are known in a graph."""

    tld: np.ndarray  # (n,)
    domain: np.ndarray  # (n,)
    tld_size: np.ndarray
    domain_size: np.ndarray
    order: np.ndarray  # known people by domain
    start: np.ndarray  # (n_domains + 1,) where each domain begins in `order`

    def members(self, domain: int) -> np.ndarray:
        """The people of a domain that is small enough to say something; nobody else."""
        if not domain or self.domain_size[domain] > SMALL_GROUP:
            return self.order[:0]
        return self.order[self.start[domain] : self.start[domain + 1]]


def group_people(world: World, graph: Graph) -> Groups:
    """The groups of the people who have a link in the graph."""
    known = np.flatnonzero(graph.degree)
    domain_size = np.bincount(world.domain[known], minlength=int(world.domain.max()) + 1)
    tld_size = np.bincount(world.tld[known], minlength=len(world.tld_names))
    start = np.concatenate([[0], domain_size.cumsum()])
    return Groups(world.tld, world.domain, tld_size, domain_size, known[np.argsort(world.domain[known])], start)


def alike(groups: Groups, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What two people's profiles share (p, 2), domain and top-level domain: as Adamic and Adar count a shared friend
    with as many links as the group has people, 1 for a pair that is alone in it.
    """
    shared = []
    for value, size in ((groups.domain, groups.domain_size), (groups.tld, groups.tld_size)):
        mine = value[one]
        same = (mine == value[other]) & (mine > 0)
        shared.append(np.where(same, 1 / np.log2(np.maximum(size[mine], 2)), 0.0))
    return np.column_stack(shared)
