"""What one request waits for: candidates, features from a table or from counters, scores, and the auction."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.ad_click import features as f
from core.cases.ad_click.data.exposures import Log
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.cases.ad_click.model.calibration import Calibrator
from core.cases.ad_click.model.kinds import MODELS
from core.cases.ad_click.serve.stores import known_ads, start_counters
from core.runtime.timing import Timing, time_batches, time_each
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def eligible(i: int, n: int) -> np.ndarray:
    """The forty rows of request i of n exposures."""
    at = i % (n // ELIGIBLE)
    return np.arange(at * ELIGIBLE, (at + 1) * ELIGIBLE)


def time_choosing(log: Log, rows: f.Rows, lag: int, candidates: int) -> Timing:
    """The cheap rule over forty ads, whose rough chance a server keeps at hand."""
    rough, n = log.cheap(f.counts_of(log, rows.test, lag)), len(rows.test)
    bids = np.random.default_rng(0).lognormal(size=ELIGIBLE)

    def request(i: int) -> None:
        np.argpartition(-bids * rough[eligible(i, n)], candidates - 1)[:candidates]

    return time_each(request, N_TIMED)


def time_table(table: SnapshotReader, candidates: int) -> Timing:
    """Reading the candidates' counters from SQLite, in one statement."""
    return time_each(lambda i: table.get_many(eligible(i, table.rows)[:candidates]), N_TIMED)


def time_counters(log: Log, rows: f.Rows, candidates: int) -> Timing:
    """Reading the candidates' counters from memory, and raising the one of the ad that is then shown."""
    counters, n = start_counters(log, rows), len(rows.test)

    def request(i: int) -> None:
        keys = eligible(i, n)[:candidates].tolist()
        counters.read(keys)
        counters.raise_(keys[0], 0)

    return time_each(request, N_TIMED)


def time_scoring(
    model: Any,
    calibrator: Calibrator,
    encoder: f.Encoder,
    log: Log,
    rows: f.Rows,
    lag: int,
    features: str,
    name: str,
    candidates: int,
) -> Timing:
    """From counters to calibrated chances of a request's candidates."""
    one = scorer(model, calibrator, encoder, log, rows, lag, features, name)
    n = len(rows.test)
    return time_each(lambda i: one(eligible(i, n)[:candidates]), N_TIMED)


def scorer(
    model: Any, calibrator: Calibrator, encoder: f.Encoder, log: Log, rows: f.Rows, lag: int, features: str, name: str
) -> Any:
    """A function from places among the test rows to their chances, encoding included."""
    codes, counts = log.codes[rows.test], f.counts_of(log, rows.test, lag)
    fixed, reads = f.fixed_of(log, rows.test, features), MODELS[name].reads

    def score(at: np.ndarray) -> np.ndarray:
        return calibrator(model.log_odds(f.inputs_of(encoder, codes[at], counts[at], fixed[at], reads)))

    return score


def time_new_ads(
    model: Any, calibrator: Calibrator, encoder: f.Encoder, log: Log, rows: f.Rows, lag: int, features: str, name: str
) -> Timing:
    """Scoring only the ads that the batch job never saw, where a request has any."""
    one = scorer(model, calibrator, encoder, log, rows, lag, features, name)
    new, n = ~known_ads(log, rows, lag), len(rows.test)

    def request(i: int) -> None:
        at = eligible(i, n)
        at = at[new[at]]
        if len(at):
            one(at)

    return time_each(request, N_TIMED)


def time_auction(chance: np.ndarray, candidates: int, outside: float) -> Timing:
    """The two best of the candidates by worth, and the price."""
    bids = np.random.default_rng(0).lognormal(size=ELIGIBLE)[:candidates]
    floor, n = outside * float(chance.mean()), len(chance)

    def request(i: int) -> float:
        p = chance[eligible(i, n)[:candidates]]
        worth = p * bids
        second, first = np.argsort(worth)[-2:]
        return max(worth[second], floor) / p[first]

    return time_each(request, N_TIMED)


def time_look_up(store: SnapshotReader) -> Timing:
    """One request's stored ads and chances."""

    def request(i: int) -> None:
        store.get(i % store.rows)
        store.get_scores(i % store.rows)

    return time_each(request, N_TIMED)


def time_in_batches(
    model: Any,
    calibrator: Calibrator,
    encoder: f.Encoder,
    log: Log,
    rows: f.Rows,
    lag: int,
    features: str,
    name: str,
    candidates: int,
    size: int,
) -> dict[int, Timing]:
    """Scoring of requests that came together, for batches of 1, a quarter and all of `size`."""
    one = scorer(model, calibrator, encoder, log, rows, lag, features, name)
    n = len(rows.test)

    def together(requests: int) -> None:
        one(np.concatenate([eligible(i, n)[:candidates] for i in range(requests)]))

    return time_batches(together, sorted({1, max(2, size // 4), size}))
