"""Homes with few clicks: who stands in for them, by which rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.cases.similar_listings.data.log import Log
from core.cases.similar_listings.data.world import Homes, World
from core.cases.similar_listings.model.similarity import DONORS, Similarity
from core.metrics.maths import unit

MIN_CLICKS = 3  # below this a home's own clicks say too little
PRICE_RANGE = np.log(1.25)  # homes within a quarter of the price are of the same price range


@dataclass(frozen=True)
class ColdStart:
    """One rule for cold homes: how far each candidate (cold, warm) is from standing in; None leaves cold homes out."""

    label: str
    distance: Callable[[Homes, np.ndarray, np.ndarray, np.random.Generator], np.ndarray] | None


def _alike_and_near(homes: Homes, cold: np.ndarray, warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Same type and price range first, then by distance on the map."""
    far = np.linalg.norm(homes.place[cold][:, None] - homes.place[warm], axis=2)
    other_kind = homes.kind[cold][:, None] != homes.kind[warm]
    other_price = np.abs(homes.price_log[cold][:, None] - homes.price_log[warm]) > PRICE_RANGE
    return far + 1e4 * other_kind + 1e2 * other_price


def _anyhow(homes: Homes, cold: np.ndarray, warm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.random((len(cold), len(warm)))


COLD_STARTS: dict[str, ColdStart] = {
    "near": ColdStart("Mean of 3 similar nearby", _alike_and_near),
    "random": ColdStart("Mean of 3 random", _anyhow),
    "none": ColdStart("None (excluded)", None),
}


def add_new_homes(
    learnt: Similarity, world: World, log: Log, model: str, cold_start: str, age_days: float, seed: int
) -> Similarity:
    """The model with its cold homes filled in by the rule, knowing the homes that were listed `age_days` ago."""
    listed = world.homes.born_days >= age_days
    if model == "attributes":  # a new home's listing says as much as an old one's
        return replace(learnt, listed=listed)
    cold = listed & (log.counts < MIN_CLICKS)
    donors = find_donors(world.homes, cold, log.counts >= MIN_CLICKS, cold_start, seed)
    filled = np.flatnonzero(cold & (donors[:, 0] >= 0))
    listed = listed & (~cold | (donors[:, 0] >= 0))
    vectors, tables = _filled(learnt, world.homes, filled, donors)
    return Similarity(vectors, tables, listed, donors)


def find_donors(homes: Homes, cold: np.ndarray, warm: np.ndarray, rule: str, seed: int) -> np.ndarray:
    """The DONORS warm homes of its market that stand in for each cold home (n, DONORS); -1 for the others."""
    donors, rng, distance = np.full((len(cold), DONORS), -1), np.random.default_rng(seed), COLD_STARTS[rule].distance
    for market in range(homes.n_markets if distance else 0):
        ids = homes.of_market(market)
        asking, there = ids[cold[ids]], ids[warm[ids]]
        if len(asking) and len(there) >= DONORS:
            nearest = np.argsort(distance(homes, asking, there, rng), axis=1, kind="stable")[:, :DONORS]
            donors[asking] = there[nearest]
    return donors


def _filled(
    learnt: Similarity, homes: Homes, filled: np.ndarray, donors: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Vectors and tables in which the homes `filled` have the mean of their donors."""
    vectors = learnt.vectors.copy()
    vectors[filled] = unit(learnt.vectors[donors[filled]].mean(axis=1))
    tables = tuple(
        _filled_table(table, homes.local[here], homes.local[donors[here]]) if len(here) else table
        for market, table in enumerate(learnt.tables)
        for here in [filled[homes.market[filled] == market]]
    )
    return vectors, tables


def _filled_table(table: np.ndarray, cold: np.ndarray, giving: np.ndarray) -> np.ndarray:
    """The table (m, m) with rows and columns of cold homes (c,) as the mean of those of their donors (c, DONORS)."""
    full = table.astype(np.float32)
    full[cold] = sum(full[donor] for donor in giving.T) / DONORS
    full[:, cold] = sum(full[:, donor] for donor in giving.T) / DONORS
    return full.astype(np.float16)
