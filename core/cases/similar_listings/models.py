"""What makes two homes similar: their attributes, the guests who clicked both, or vectors learnt from sessions.

Every model ends as one record: unit vectors to search, or tables of co-clicks to read. A home with too few clicks gets
what homes like it have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.cases.similar_listings.skipgram import train_skipgram
from core.cases.similar_listings.world import LEARN_DAYS, Homes, Sessions, World

MIN_CLICKS = 3  # below this a home's own clicks say too little
DONORS = 3  # homes that stand in for a cold one (Grbovic & Cheng 2018)
PRICE_RANGE = np.log(1.25)  # homes within a quarter of the price are of the same price range
BY_ATTRIBUTES = 1e-4  # weight of attributes in the co-click tables: only where no guest decides
SHRINKAGE = 5.0  # clicks added to each home's count, so that one shared guest is not yet a likeness


@dataclass(frozen=True)
class Log:
    """What a training run reads: clicks (c,), session starts (s + 1,), bookings or -1 (s,), clicks a home."""

    clicks: np.ndarray
    starts: np.ndarray
    booked: np.ndarray
    counts: np.ndarray  # (n,)


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


def taught_by(past: Sessions, age_days: float, learnt_from: float, seed: int) -> np.ndarray:
    """A uniform sample of the sessions of the 60 days before a snapshot that is `age_days` old, ascending.

    A smaller sample lies within a larger one.
    """
    used = np.flatnonzero((past.age_days >= age_days) & (past.age_days < age_days + LEARN_DAYS))
    return used[np.random.default_rng(seed).permutation(len(used)) < learnt_from * len(used)]


def read_log(world: World, age_days: float, learnt_from: float = 1.0, seed: int = 0) -> Log:
    """The sessions that teach a model whose snapshot is `age_days` old. ValueError if they hold no click."""
    past = world.past
    used = taught_by(past, age_days, learnt_from, seed)
    rows = np.column_stack([past.clicks[used], past.booked[used]])  # a booking is the last click
    clicks = rows[rows >= 0].astype(np.int64)
    if len(clicks) == 0:
        span = f"{age_days:g} to {age_days + LEARN_DAYS:g} days old"
        raise ValueError(f"no session is {span} and among the {learnt_from:.0%} to learn from")
    starts = np.concatenate([[0], (rows >= 0).sum(axis=1).cumsum()])
    counts = np.bincount(clicks, minlength=len(world.homes.market))
    return Log(clicks, starts, past.booked[used].astype(np.int64), counts)


# The models. Each gives raw vectors or tables over all homes; homes with few clicks come later.


def encode_attributes(world: World, log: Log, seed: int) -> Similarity:
    """Vectors whose inner product falls with the difference in each attribute, place and price most.

    A number x becomes the angle t x, for cos(t x) cos(t y) + sin(t x) sin(t y) = cos(t (x - y)).
    """
    homes, rng = world.homes, np.random.default_rng(seed)
    numbers = np.column_stack([homes.attributes, homes.place])
    angles = numbers * np.array([0.5] * 5 + [0.8] * 2)
    weights = np.array([1.0, 0.5, 0.5, 0.3, 0.5, 1.25, 1.25])
    markets = rng.choice([-0.5, 0.5], size=(homes.n_markets, 16))  # nearly orthogonal codes: same market first
    kinds = 0.75 * np.eye(homes.kind.max() + 1)[homes.kind]
    vectors = np.column_stack([weights * np.cos(angles), weights * np.sin(angles), kinds, markets[homes.market]])
    return _vectors(unit(vectors), len(log.counts))


def count_coclicks(world: World, log: Log, seed: int) -> Similarity:
    """Tables of sessions that clicked both homes, over the root of both click counts; unseen pairs go by attributes."""
    homes, alike = world.homes, encode_attributes(world, log, seed).vectors
    session = np.repeat(np.arange(len(log.booked)), np.diff(log.starts))
    market, local = homes.market[log.clicks], homes.local[log.clicks]
    tables = []
    for each in range(homes.n_markets):
        here, ids = market == each, homes.of_market(each)
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


def unit(vectors: np.ndarray) -> np.ndarray:
    """The rows as float32 of unit length; a row of zeros stays zero."""
    rows = np.asarray(vectors, np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Model:
    """One way to learn similarity: `learn(world, log, …, seed)`."""

    label: str
    learn: Callable[..., Similarity]


MODELS: dict[str, Model] = {
    "attributes": Model("Attributes", encode_attributes),
    "coclick": Model("Co-click counts", count_coclicks),
    "skipgram": Model("Skip-gram vectors", learn_skipgram),
}


# Homes with few clicks.


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
    "near": ColdStart("Three alike nearby", _alike_and_near),
    "random": ColdStart("Three at random", _anyhow),
    "none": ColdStart("Left out", None),
}


def add_new_homes(
    learnt: Similarity, world: World, log: Log, model: str, cold_start: str, age_days: float, seed: int
) -> Similarity:
    """The model with its cold homes filled in by the rule, knowing the homes that were listed `age_days` ago."""
    listed = world.homes.born_days >= age_days
    if model == "attributes":  # told by the listing itself
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
