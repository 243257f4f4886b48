"""The pipeline of ad click prediction, each stage a plain function: log → features → model → chance → auction."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.ad_click import auction
from core.cases.ad_click import features as f
from core.cases.ad_click.calibrate import Calibrator, fit_calibrator
from core.cases.ad_click.models import MODELS
from core.cases.ad_click.world import Log
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def train(lessons: f.Inputs, rows: f.Rows, model: str, seed: int, **knobs: Any) -> Any:
    """The model, from what teaches."""
    return MODELS[model].fit(lessons, rows.train_y, background=rows.background, seed=seed, **knobs)


def calibrate(model: Any, held_back: f.Inputs, rows: f.Rows, how: str) -> Calibrator:
    """A calibrator learnt from what was held back."""
    return fit_calibrator(how, model.log_odds(held_back), rows.calibration_y, 1.0)


def undo_sampling(how: str, rate: float) -> Calibrator:
    """No calibrator, or the formula: neither has anything to learn."""
    return fit_calibrator(how, np.empty(0), np.empty(0, bool), rate)


def predict(model: Any, asked: f.Inputs, calibrator: Calibrator) -> np.ndarray:
    """The chance (n,) of a click of every test exposure."""
    return calibrator(model.log_odds(asked))


def predict_raw(model: Any, asked: f.Inputs) -> np.ndarray:
    """The same before any calibration."""
    return Calibrator()(model.log_odds(asked))


def fill_table(log: Log, rows: f.Rows, lag: int, name: str) -> SnapshotReader:
    """The feature store: counters of every person and ad as of the last refresh, in a table read by key."""
    counts = f.counts_of(log, rows.test, lag).astype(np.int64)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(counts)), counts, None))


def precompute(chance: np.ndarray, log: Log, rows: f.Rows, lag: int, name: str) -> SnapshotReader:
    """The batch job: chances of the 40 eligible ads of each request, -1 in place of an ad that was not yet born."""
    scores = chance.reshape(-1, auction.ELIGIBLE).astype(np.float32)
    ads = np.arange(len(chance)).reshape(scores.shape)
    known = known_ads(log, rows, lag).reshape(scores.shape)
    return ensure_snapshot(
        stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(ads)), np.where(known, ads, -1), scores * known)
    )


def known_ads(log: Log, rows: f.Rows, lag: int) -> np.ndarray:
    """Which test exposures (n,) are of an ad that the job could know; a coupon campaign is planned ahead."""
    return log.born[rows.test] <= log.day[rows.test] - lag


def from_store(store: SnapshotReader, rows: f.Rows) -> np.ndarray:
    """Batch serving: the stored chances (n,), and the background rate for an ad that the job never saw."""
    scores, known = _stored(store)
    return np.where(known, scores, rows.background)


def from_store_or_model(store: SnapshotReader, online: np.ndarray) -> np.ndarray:
    """Hybrid serving: the stored chances (n,), and the model's for an ad that the job never saw."""
    scores, known = _stored(store)
    return np.where(known, scores, online)


def _stored(store: SnapshotReader) -> tuple[np.ndarray, np.ndarray]:
    ids = store.get_many(np.arange(store.rows))[0]
    scores = np.stack([store.get_scores(key) for key in range(store.rows)])
    return scores.ravel().astype(np.float64), (ids >= 0).ravel()


def sell(
    chance: np.ndarray, log: Log, rows: f.Rows, candidates: int, outside: float, lag: int, seed: int
) -> auction.Takings:
    """Auctions over the test exposures by the served chances; clicks come by the true chance where it is known."""
    happened = log.chance[rows.test] if len(log.chance) else rows.test_y.astype(float)
    cheap = log.cheap(f.counts_of(log, rows.test, lag))
    return auction.hold(chance, cheap, happened, candidates, outside, seed)
