"""Four ways to search vectors under a filter (this market, free on these dates), every distance and check counted.

All of them are a few lines of numpy over one matrix of unit vectors, so that they differ by what they touch and not by
who wrote them. A check asks one home whether it passes the filter; a distance compares its vector with the query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.similar_listings.data.world import Homes
from core.cases.similar_listings.model.similarity import Similarity
from core.stages.index import train_coarse

K = 12  # homes shown in the carousel, as at Airbnb


@dataclass(frozen=True)
class Cells:
    """Inverted lists: in each group of homes the centroids (cells, d) and the homes of each cell."""

    centroids: tuple[np.ndarray, ...]
    lists: tuple[tuple[np.ndarray, ...], ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the centroids and of four-byte ids."""
        ids = sum(len(cell) for group in self.lists for cell in group)
        return sum(centroids.nbytes for centroids in self.centroids) + 4 * ids


@dataclass(frozen=True)
class Request:
    """One request as the lookup sees it: the query (d,) or None if nothing is known, and what may be answered."""

    query: np.ndarray | None
    market: int
    dates: int
    seen: np.ndarray


@dataclass(frozen=True)
class Answered:
    """At most K homes, best first, and the distances and filter checks it took to find them."""

    ids: np.ndarray
    n_distances: int = 0
    n_checks: int = 0


NOTHING = Answered(np.empty(0, np.int64))
Answerer = Callable[[Request], Answered]


@dataclass(frozen=True)
class Filter:
    """One place to filter: the groups of homes it clusters ("", "city" or "market"), how it answers, and where.

    `by_market` is True where a search is of one market, False where it is of the whole city.
    """

    label: str
    clusters: str
    answerer: Callable[[Similarity, Homes, Cells, int, int], Answerer]
    by_market: bool = False

    @property
    def has_effort(self) -> bool:
        """True when there are lists to probe."""
        return bool(self.clusters)


def cluster(model: Similarity, homes: Homes, clusters: str, seed: int) -> Cells:
    """Inverted lists over the listed homes of the whole city or of each market; none for ways that need none."""
    groups = {
        "": lambda: [],
        "city": lambda: [np.flatnonzero(model.listed)],
        "market": lambda: [ids[model.listed[ids]] for ids in map(homes.of_market, range(homes.n_markets))],
    }[clusters]()
    made = [_lists(model.vectors, ids, seed) for ids in groups]
    return Cells(tuple(centroids for centroids, _ in made), tuple(lists for _, lists in made))


def _lists(vectors: np.ndarray, ids: np.ndarray, seed: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Centroids and the homes nearest to each (squared distance, as k-means trained them)."""
    if len(ids) == 0:
        return np.zeros((1, vectors.shape[1]), np.float32), (ids,)
    centroids = train_coarse(vectors[ids], seed)
    nearest = np.argmax(vectors[ids] @ centroids.T - (centroids**2).sum(axis=1) / 2, axis=1)
    return centroids, tuple(ids[nearest == cell] for cell in range(len(centroids)))


def _prober(cells: Cells, effort: int) -> Callable[[int, np.ndarray], list[int]]:
    """A function from a group and a query to the group's `effort` cells that are nearest to the query."""
    halves = [(centroids**2).sum(axis=1) / 2 for centroids in cells.centroids]

    def nearest(group: int, query: np.ndarray) -> list[int]:
        return np.argsort(halves[group] - cells.centroids[group] @ query, kind="stable")[:effort].tolist()

    return nearest


def best(ids: np.ndarray, scores: np.ndarray, k: int) -> np.ndarray:
    """The k ids of the highest scores, equal ones in order of id."""
    return ids[np.argsort(-scores, kind="stable")[:k]]


def passing(homes: Homes, request: Request, ids: np.ndarray) -> np.ndarray:
    """Which of the ids are in the market, free on the dates and not yet seen (bool)."""
    passes = homes.free[request.dates, ids] & (homes.market[ids] == request.market)
    at = np.flatnonzero(passes)
    passes[at] = (ids[at, None] != request.seen).all(axis=1)
    return passes


def first_passing(homes: Homes, request: Request, ranked: np.ndarray) -> tuple[np.ndarray, int]:
    """The first K ranked homes that pass, and how many had to be checked."""
    free = homes.free[request.dates, ranked] & (homes.market[ranked] == request.market)
    at = np.flatnonzero(free)[: K + len(request.seen)]  # enough, whichever of them were seen
    at = at[(ranked[at, None] != request.seen).all(axis=1)][:K]
    return ranked[at], int(at[-1]) + 1 if len(at) == K else len(ranked)


def _pre(model: Similarity, homes: Homes, cells: Cells, effort: int, fetch: int) -> Answerer:
    """Check every home of the city, compare with those that pass."""

    def answer(request: Request) -> Answered:
        passes = homes.free[request.dates] & (homes.market == request.market) & model.listed
        passes[request.seen] = False
        ids = np.flatnonzero(passes)
        return Answered(best(ids, model.vectors[ids] @ request.query, K), len(ids), len(passes))

    return answer


def _post(model: Similarity, homes: Homes, cells: Cells, effort: int, fetch: int) -> Answerer:
    """Take the nearest few in the whole city, drop those that do not pass."""
    matrices = [model.vectors[ids] for ids in cells.lists[0]]  # a list's vectors lie side by side
    nearest = _prober(cells, effort)

    def answer(request: Request) -> Answered:
        near = nearest(0, request.query)
        ids = np.concatenate([cells.lists[0][cell] for cell in near])
        ranked = best(ids, np.concatenate([matrices[cell] @ request.query for cell in near]), fetch)
        kept, n_checks = first_passing(homes, request, ranked)
        return Answered(kept, len(cells.centroids[0]) + len(ids), n_checks)

    return answer


def _market(model: Similarity, homes: Homes, cells: Cells, effort: int, fetch: int) -> Answerer:
    """Rank the market's own index, walk down it until enough homes are free."""
    listed = [ids[model.listed[ids]] for ids in map(homes.of_market, range(homes.n_markets))]
    matrices = [model.vectors[ids] for ids in listed]

    def answer(request: Request) -> Answered:
        ids = listed[request.market]
        ranked = best(ids, matrices[request.market] @ request.query, len(ids))
        kept, n_checks = first_passing(homes, request, ranked)
        return Answered(kept, len(ids), n_checks)

    return answer


def _market_lists(model: Similarity, homes: Homes, cells: Cells, effort: int, fetch: int) -> Answerer:
    """Probe a few lists of the market, check before comparing."""
    nearest = _prober(cells, effort)

    def answer(request: Request) -> Answered:
        near = nearest(request.market, request.query)
        ids = np.concatenate([cells.lists[request.market][cell] for cell in near])
        passes = ids[passing(homes, request, ids)]
        nearest_free = best(passes, model.vectors[passes] @ request.query, K)
        return Answered(nearest_free, len(cells.centroids[request.market]) + len(passes), len(ids))

    return answer


FILTERS: dict[str, Filter] = {
    "pre": Filter("Pre-filter, exact", "", _pre),
    "post": Filter("Post-filter", "city", _post),
    "market": Filter("Per-market index", "", _market, by_market=True),
    "ivf": Filter("IVF by market", "market", _market_lists, by_market=True),
}
