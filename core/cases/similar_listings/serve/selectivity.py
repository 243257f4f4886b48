"""The four places to filter while exactly so many homes pass: what each finds, fills and takes.

A filter of 99.9 % leaves one home in a thousand of the whole city, market and dates together. Where more pass than a
market holds, the guest asks for neighbouring markets too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.cases.similar_listings.data.world import Homes, World
from core.cases.similar_listings.model.similarity import Similarity
from core.cases.similar_listings.serve.filters import FILTERS, Answered, Cells, K, Request, best
from core.cases.similar_listings.serve.sessions import read_session
from core.datasets.listings import Listings
from core.metrics import recall_with_ties
from core.runtime.timing import Timing, time_each

FILTERED_OUT = (0.5, 0.9, 0.97, 0.99, 0.999)
N_TRIED = 300  # requests: enough for a median, and their masks over the whole city are a byte for each home


@dataclass(frozen=True)
class Tried:
    """One place to filter at one share, by request (q,): recall of the exact K that pass, ties counted; places filled.

    `filled` is the share of the K places that hold a home, as far as so many pass.
    """

    recall: np.ndarray
    filled: np.ndarray
    n_distances: np.ndarray
    n_checks: np.ndarray
    n_passing: int
    timing: Timing


@dataclass(frozen=True)
class Asked:
    """Requests with what passes: the mask of each (q, n) and the markets that it asks for, nearest first."""

    requests: tuple[Request, ...]  # `dates` is the row of the mask
    passes: np.ndarray
    areas: tuple[np.ndarray, ...]


def try_filter(
    model: Similarity, cells: Cells, world: World, listings: Listings,
    filter: str, effort: int, fetch: int, context: int, filtered_out: float, seed: int,
) -> Tried:  # fmt: skip
    """Search the first N_TRIED requests whose guests are known, with all but a share of the city filtered out."""
    asked = ask(model, world, listings, context, filtered_out, seed)
    answer = _answerer(model, world.homes, asked, cells, filter, effort, fetch)
    n = len(asked.requests)
    answers = [answer(i) for i in range(n)]
    exact, found = np.full((2, n, K), -np.inf)
    for i, (request, answered) in enumerate(zip(asked.requests, answers, strict=True)):
        scores = np.sort(model.vectors[asked.passes[i]] @ request.query)[::-1][:K]
        exact[i, : len(scores)] = scores
        found[i, : len(answered.ids)] = model.vectors[answered.ids] @ request.query
    n_passing = int(asked.passes[0].sum())
    return Tried(
        recall_with_ties(found, exact, K),
        np.array([len(answered.ids) for answered in answers]) / min(K, n_passing),
        np.array([answered.n_distances for answered in answers]),
        np.array([answered.n_checks for answered in answers]),
        n_passing,
        time_each(answer, n),
    )


def ask(model: Similarity, world: World, listings: Listings, context: int, filtered_out: float, seed: int) -> Asked:
    """Requests for which exactly round((1 - filtered_out) · n) homes pass, at least one, drawn from the area asked for.

    The area is the guest's market and as many of the nearest ones as hold so many homes that are listed and not seen.
    Raises ValueError for a share outside [0, 1), and where nothing is known of any guest.
    """
    if not 0 <= filtered_out < 1:
        raise ValueError(f"the share filtered out must be from 0 to below 1, got {filtered_out}")
    homes, rng = world.homes, np.random.default_rng(seed)
    n_passing = max(1, round((1 - filtered_out) * len(homes.market)))
    near = _nearest_markets(listings, homes.n_markets)
    known = (read_session(world, model, i, context) for i in range(len(world.now.booked)))
    requests = [request for request in known if request.query is not None][:N_TRIED]
    if not requests:
        raise ValueError("nothing is known of the homes that guests have looked at, so there is nothing to search with")
    passes, areas = np.zeros((len(requests), len(homes.market)), bool), []
    for row, request in zip(passes, requests, strict=True):
        may = model.listed.copy()
        may[request.seen] = False
        room = np.cumsum([may[homes.of_market(market)].sum() for market in near[request.market]])
        areas.append(near[request.market][: np.searchsorted(room, n_passing) + 1])
        there = np.concatenate([homes.of_market(market) for market in areas[-1]])
        there = there[may[there]]
        row[rng.choice(there, min(n_passing, len(there)), replace=False)] = True
    return Asked(tuple(replace(request, dates=i) for i, request in enumerate(requests)), passes, tuple(areas))


def _nearest_markets(listings: Listings, n_markets: int) -> np.ndarray:
    """For each market all of them (n_markets, n_markets), itself first, by the distance of their centres."""
    lon, lat = (
        np.bincount(listings.market, at, n_markets) / np.bincount(listings.market, minlength=n_markets)
        for at in (listings.lon, listings.lat)
    )
    east = lon * np.cos(np.radians(lat.mean()))
    return np.argsort(np.hypot(east[:, None] - east, lat[:, None] - lat), axis=1, kind="stable")


def _answerer(
    model: Similarity, homes: Homes, asked: Asked, cells: Cells, filter: str, effort: int, fetch: int
) -> Callable[[int], Answered]:
    """A function that answers request i: in one search of the city, or in one of each market asked for."""
    place = FILTERS[filter]
    market = homes.market if place.by_market else np.zeros_like(homes.market)
    search = place.answerer(model, replace(homes, market=market, free=asked.passes), cells, effort, fetch)
    if not place.by_market:
        everywhere = [replace(request, market=0) for request in asked.requests]
        return lambda i: search(everywhere[i])

    def answer(i: int) -> Answered:
        request = asked.requests[i]
        parts = [search(replace(request, market=int(market))) for market in asked.areas[i]]
        ids = np.concatenate([part.ids for part in parts])
        nearest = best(ids, model.vectors[ids] @ request.query, K)
        return Answered(nearest, sum(part.n_distances for part in parts), sum(part.n_checks for part in parts))

    return answer
