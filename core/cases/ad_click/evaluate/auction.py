"""A second-price auction for one slot that pays by the click, and what a wrong chance costs the house in it.

Forty eligible exposures that stand together form an auction. A cheap rule keeps some as candidates; each is worth its
bid times the model's chance of a click. The winner pays, if clicked, the least bid with which it would still have won.
With an outside offer of `outside` for the slot, nobody wins below it and the house takes it instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.ad_click import features as f
from core.cases.ad_click.data.exposures import Log

ELIGIBLE = 40
ROUNDS = 4  # the same exposures with other bids
SPREAD = 0.6  # deviation of a bid's logarithm


@dataclass(frozen=True)
class Takings:
    """Of each auction (n_auctions,), mean over rounds: money in units of an average exposure's bid × click rate."""

    earned: np.ndarray
    sold: np.ndarray  # share of rounds in which an ad won
    expected: np.ndarray  # what the house believed it would earn
    winners: np.ndarray  # (rounds, n_auctions) row that won, -1 where the outside offer did


def sell(chance: np.ndarray, log: Log, rows: f.Rows, candidates: int, outside: float, lag: int, seed: int) -> Takings:
    """Auctions over the test exposures by the served chances; clicks come by the true chance where it is known."""
    happened = log.chance[rows.test] if len(log.chance) else rows.test_y.astype(float)
    cheap = log.cheap(f.counts_of(log, rows.test, lag))
    return hold(chance, cheap, happened, candidates, outside, seed)


def hold(
    chance: np.ndarray, cheap: np.ndarray, happened: np.ndarray, candidates: int, outside: float, seed: int
) -> Takings:
    """Auctions over exposures (n,) by `chance`; `happened` (n,) is the true chance of a click, or 0 and 1.

    Raises ValueError for fewer candidates than two or more than are eligible, and for too few exposures.
    """
    if not 2 <= candidates <= ELIGIBLE:
        raise ValueError(f"candidates must be 2 to {ELIGIBLE}, not {candidates}")
    n = len(chance) // ELIGIBLE
    if n < 1:
        raise ValueError(f"an auction needs {ELIGIBLE} exposures, not {len(chance)}")
    shape, unit = (n, ELIGIBLE), float(happened.mean())
    rounds = []
    for bids in bids_of(n, seed):
        views = (values[: n * ELIGIBLE].reshape(shape) for values in (chance, cheap, happened))
        rounds.append(_once(*views, bids, candidates, outside * unit))
    earned, sold, expected, winner = (np.stack(column) for column in zip(*rounds, strict=True))
    return Takings(earned.mean(axis=0) / unit, sold.mean(axis=0), expected.mean(axis=0) / unit, winner)


@dataclass(frozen=True)
class Auction:
    """One auction by falling chance × bid: rows (k,) with chances and bids, and what the first pays for a click.

    Money is in mean bids. `sold` is False where the offer from outside is above all of them.
    """

    rows: np.ndarray
    chance: np.ndarray
    bids: np.ndarray
    price: float
    sold: bool


def hold_one(
    at: int, chance: np.ndarray, cheap: np.ndarray, candidates: int, floor: float, bids: np.ndarray
) -> Auction:
    """The auction over the ELIGIBLE exposures `at` of chance and cheap (n,); `floor` is the offer from outside."""
    own = slice(at * ELIGIBLE, (at + 1) * ELIGIBLE)
    kept = np.argpartition(-bids * cheap[own], candidates - 1)[:candidates]
    worth = chance[own][kept] * bids[kept]
    order = np.argsort(-worth, kind="stable")
    best, rows = worth[order], own.start + kept[order]
    price = max(best[1], floor) / chance[rows[0]]
    return Auction(rows, chance[rows], bids[kept[order]], float(price), bool(best[0] > floor))


def bids_of(n: int, seed: int) -> np.ndarray:
    """The bids (ROUNDS, n, ELIGIBLE) of n auctions, mean 1."""
    return np.exp(np.random.default_rng(seed + 2).normal(-(SPREAD**2) / 2, SPREAD, (ROUNDS, n, ELIGIBLE)))


def _once(
    chance: np.ndarray, cheap: np.ndarray, happened: np.ndarray, bids: np.ndarray, candidates: int, outside: float
) -> tuple[np.ndarray, ...]:
    """One auction a row: earned, sold, expected and the winning row."""
    at = np.argpartition(-bids * cheap, candidates - 1, axis=1)[:, :candidates]
    chance, happened, bids = (np.take_along_axis(values, at, axis=1) for values in (chance, happened, bids))
    worth = chance * bids
    best = np.argsort(-worth, axis=1, kind="stable")[:, :2]
    (first, second), row = best.T, np.arange(len(worth))
    sold = worth[row, first] > outside
    price = np.maximum(worth[row, second], outside) / chance[row, first]  # a click
    earned = np.where(sold, happened[row, first] * price, outside)
    expected = np.where(sold, chance[row, first] * price, outside)
    return earned, sold, expected, np.where(sold, row * ELIGIBLE + at[row, first], -1)
