"""What makes two homes similar: their attributes, the guests who clicked both, or vectors learnt from sessions.

Every model ends as one record: unit vectors to search, or tables of co-clicks to read. A home with too few clicks gets
what homes like it have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.cases.similar_listings.data.log import Log
from core.cases.similar_listings.data.world import Homes, World
from core.cases.similar_listings.model.skipgram import train_skipgram
from core.metrics.maths import unit

DONORS = 3  # homes that stand in for a cold one (Grbovic & Cheng 2018)
PRICE_WEIGHT, PLACE_WEIGHT, KIND_WEIGHT = 1.0, 1.25, 0.75  # what else a listing tells counts 0.3 to 0.5
ATTRIBUTE_ANGLE, PLACE_ANGLE = 0.5, 0.8  # of a standard deviation of an attribute, of a market radius on the map
BY_ATTRIBUTES = 1e-4  # weight of attributes in the co-click tables: only where no guest decides
SHRINKAGE = 5.0  # clicks added to each home's count, so that one shared guest is not yet a likeness


@dataclass(frozen=True)
class Similarity:
    """A model ready to serve: unit vectors (n, d), d = 0 where there are tables; a table (m, m) a market, or none.

    `listed` (n,) marks the homes that the model knows; `donors` (n, DONORS) who stands in for a cold home, else -1.
    """

    vectors: np.ndarray
    tables: tuple[np.ndarray, ...]
    listed: np.ndarray
    donors: np.ndarray

    @property
    def served_bytes(self) -> int:
        """Bytes a replica holds of it."""
        return self.vectors.nbytes + sum(table.nbytes for table in self.tables)

    def scores(self, homes: Homes, market: int, seen: np.ndarray) -> np.ndarray:
        """How similar each home of the market (m,) is to the homes seen (s,), on average."""
        if self.tables:
            return self.tables[market][homes.local[seen]].mean(axis=0, dtype=np.float32)
        return self.vectors[homes.of_market(market)] @ self.vectors[seen].mean(axis=0)


# The models. Each gives raw vectors or tables over all homes; homes with few clicks come later.


def encode_attributes(world: World, log: Log, seed: int) -> Similarity:
    """Vectors whose inner product falls with the difference in each attribute, place and price most.

    A number x becomes the angle t x, for cos(t x) cos(t y) + sin(t x) sin(t y) = cos(t (x - y)).
    """
    homes, rng = world.homes, np.random.default_rng(seed)
    numbers = np.column_stack([homes.attributes, homes.place])
    angles = numbers * np.array([ATTRIBUTE_ANGLE] * 5 + [PLACE_ANGLE] * 2)
    weights = np.array([PRICE_WEIGHT, 0.5, 0.5, 0.3, 0.5, PLACE_WEIGHT, PLACE_WEIGHT])
    markets = rng.choice([-0.5, 0.5], size=(homes.n_markets, 16))  # nearly orthogonal codes: same market first
    kinds = KIND_WEIGHT * np.eye(homes.kind.max() + 1)[homes.kind]
    vectors = np.column_stack([weights * np.cos(angles), weights * np.sin(angles), kinds, markets[homes.market]])
    return _vectors(unit(vectors.astype(np.float32)), len(log.counts))


def count_coclicks(world: World, log: Log, seed: int) -> Similarity:
    """Tables of sessions that clicked both homes, over the root of both click counts; unseen pairs go by attributes."""
    homes, alike = world.homes, encode_attributes(world, log, seed).vectors
    session = np.repeat(np.arange(len(log.booked)), np.diff(log.starts))
    market, local = homes.market[log.clicks], homes.local[log.clicks]
    tables = []
    for number in range(homes.n_markets):
        here, ids = market == number, homes.of_market(number)
        _, row = np.unique(session[here], return_inverse=True)
        clicked = np.zeros((row.max(initial=-1) + 1, len(ids)), np.float32)
        clicked[row, local[here]] = 1
        scale = (log.counts[ids] + SHRINKAGE) ** -0.5
        table = (clicked.T @ clicked) * np.outer(scale, scale) + BY_ATTRIBUTES * (alike[ids] @ alike[ids].T)
        tables.append(table.astype(np.float16))  # two bytes a pair: King County has 7 million pairs
    return replace(_vectors(np.zeros((len(log.counts), 0), np.float32), len(log.counts)), tables=tuple(tables))


def learn_skipgram(
    world: World, log: Log, dim: int, window: int, booked_context: str, market_negatives: int, seed: int
) -> Similarity:
    """Unit vectors learnt from the sessions."""
    homes = world.homes
    learnt = train_skipgram(
        log.clicks, log.starts, log.booked, log.counts, homes.order, homes.bounds, homes.market,
        dim=dim, window=window, booked_context=booked_context == "yes", market_negatives=market_negatives, seed=seed,
    )  # fmt: skip
    return _vectors(unit(learnt), len(log.counts))


def _vectors(vectors: np.ndarray, n: int) -> Similarity:
    return Similarity(vectors, (), np.ones(n, bool), np.full((n, DONORS), -1))


@dataclass(frozen=True)
class Model:
    """One way to learn similarity: `learn(world, log, …, seed)`."""

    label: str
    learn: Callable[..., Similarity]


MODELS: dict[str, Model] = {
    "attributes": Model("Attributes", encode_attributes),
    "coclick": Model("Co-click counts", count_coclicks),
    "skipgram": Model("Skip-gram on sessions", learn_skipgram),
}
