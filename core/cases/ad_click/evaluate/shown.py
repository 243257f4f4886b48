"""What the page shows beside figures: calibration curves, what the auction took, and some requests in full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.ad_click import features as f
from core.cases.ad_click.data.exposures import Log
from core.cases.ad_click.evaluate.auction import ELIGIBLE, Takings, bids_of, hold, hold_one
from core.cases.ad_click.evaluate.metrics import Curve, curve

N_REQUESTS, N_ADS, N_BIDS = 6, 8, 8


@dataclass(frozen=True)
class Scored:
    """One ad of a request: what it is, what was counted, and what the model said."""

    what: str
    counted: str
    chance: float
    clicked: bool


@dataclass(frozen=True)
class Bid:
    """One ad of an auction: what it is, the model's chance of a click, the bid for one, and whether it was clicked."""

    what: str
    chance: float
    bid: float
    clicked: bool


@dataclass(frozen=True)
class OneAuction:
    """The auction of one request: the highest bidders by chance × bid, and what the first one pays for a click."""

    bids: tuple[Bid, ...]
    n_bids: int
    price: float  # in mean bids
    sold: bool


@dataclass(frozen=True)
class Shown:
    """Curves of the served chances and of those before calibration; money by auction; and counts of the data."""

    served: Curve
    raw: Curve
    ratio: float  # predicted clicks over clicks that came
    earned: float
    believed: float  # what the house thought it would earn
    sold: float
    at_truth: float | None  # what the same auctions earn by the true chances, where they are known
    taught: int
    values: int
    buckets_hit: int
    requests: tuple[tuple[Scored, ...], ...]
    auction: OneAuction


def show(
    chance: np.ndarray,
    raw: np.ndarray,
    takings: Takings,
    log: Log,
    rows: f.Rows,
    encoder: f.Encoder,
    candidates: int,
    outside: float,
    lag: int,
    seed: int,
) -> Shown:
    """Everything the panels of the page need."""
    y, values = rows.test_y, f.collisions(log, encoder, rows)
    truth = log.chance[rows.test] if len(log.chance) else None
    cheap = log.cheap(f.counts_of(log, rows.test, lag))
    best = None if truth is None else hold(truth, cheap, truth, candidates, outside, seed)
    floor = outside * float((y if truth is None else truth).mean())
    return Shown(
        served=curve(chance, y),
        raw=curve(raw, y),
        ratio=float(chance.mean() / y.mean()),
        earned=float(takings.earned.mean()),
        believed=float(takings.expected.mean()),
        sold=float(takings.sold.mean()),
        at_truth=None if best is None else float(best.earned.mean()),
        taught=len(rows.train),
        values=values[0],
        buckets_hit=values[1],
        requests=tuple(_request(chance, log, rows, lag, at) for at in _lively(y)),
        auction=_auction(chance, cheap, log, rows, candidates, floor, seed),
    )


def _auction(
    chance: np.ndarray, cheap: np.ndarray, log: Log, rows: f.Rows, candidates: int, floor: float, seed: int
) -> OneAuction:
    """The auction of the first request in which something was clicked, under the bids of the first round."""
    at = int(next(iter(_lively(rows.test_y)), 0))
    held = hold_one(at, chance, cheap, candidates, floor, bids_of(len(chance) // ELIGIBLE, seed)[0, at])
    best = zip(held.rows[:N_BIDS], held.chance, held.bids, strict=False)
    bids = tuple(Bid(_named(log, rows.test[r]), float(p), float(b), bool(rows.test_y[r])) for r, p, b in best)
    return OneAuction(bids, len(held.rows), held.price, held.sold)


def _lively(y: np.ndarray) -> np.ndarray:
    """The first requests in which something was clicked."""
    clicked = y[: len(y) // ELIGIBLE * ELIGIBLE].reshape(-1, ELIGIBLE).any(axis=1)
    return np.flatnonzero(clicked)[:N_REQUESTS]


def _request(chance: np.ndarray, log: Log, rows: f.Rows, lag: int, at: int) -> tuple[Scored, ...]:
    """The ads with the highest chance of one request."""
    own = np.arange(at * ELIGIBLE, (at + 1) * ELIGIBLE)
    best = own[np.argsort(-chance[own], kind="stable")[:N_ADS]]
    counts = f.counts_of(log, rows.test[best], lag)
    return tuple(
        Scored(_named(log, rows.test[row]), _counted(log, some), float(chance[row]), bool(rows.test_y[row]))
        for row, some in zip(best, counts, strict=True)
    )


def _named(log: Log, row: int) -> str:
    """An ad in words: its category and kind where they have names, its numbers where not."""
    if log.names:
        at = {name: log.names[name][log.codes[row, log.fields.index(name)]] for name in ("category", "type")}
        return f"{at['category'].capitalize()}, campaign of {at['type'].lower()[:-1]}{at['type'][-1]}"
    code = {name: int(log.codes[row, log.fields.index(name)]) for name in ("ad", "category", "placement")}
    return f"Ad {code['ad']} of category {code['category']}, placement {code['placement']}"


def _counted(log: Log, counts: np.ndarray) -> str:
    if not log.rates:
        products, category = (
            counts[log.counters.index(name)]
            for name in ("days the coupon's products were bought", "days its category was bought")
        )
        return f"products bought on {products} days, category on {category}"
    clicks, shows = log.rates[0]
    return f"{counts[clicks]} clicks on {counts[shows]} shows of the ad in 14 days"
