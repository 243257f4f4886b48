"""What is kept for requests: counters in a table or in memory, and scores made ahead."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.ad_click import features as f
from core.cases.ad_click.data.exposures import Log
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.cases.ad_click.model.calibration import Calibrator
from core.cases.ad_click.model.kinds import MODELS, predict
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

MOMENTS = 8  # over which a job averages what it cannot know


def fill_table(log: Log, rows: f.Rows, lag: int, name: str) -> SnapshotReader:
    """The feature store: counters of every person and ad as of the last refresh, in a table read by key."""
    counts = f.counts_of(log, rows.test, lag).astype(np.int64)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(counts)), counts, None))


def predict_ahead(
    model: Any, calibrator: Calibrator, encoder: f.Encoder, log: Log, rows: f.Rows, lag: int, features: str, name: str,
    seed: int,
) -> np.ndarray:  # fmt: skip
    """Chances (n,) of the test exposures as a job can know them, before anybody has asked.

    What nobody knows before the request, such as the hour, is averaged over MOMENTS moments of the training rows.
    """
    rng, moment = np.random.default_rng([seed, 8]), list(log.moment)
    codes, counts = log.codes[rows.test].copy(), f.counts_of(log, rows.test, lag)
    fixed, chances = f.fixed_of(log, rows.test, features), []
    for _ in range(MOMENTS if moment else 1):
        codes[:, moment] = log.codes[rng.choice(rows.train, len(codes))][:, moment]
        chances.append(predict(model, f.inputs_of(encoder, codes, counts, fixed, MODELS[name].reads), calibrator))
    return np.mean(chances, axis=0)


def precompute(chance: np.ndarray, log: Log, rows: f.Rows, lag: int, name: str) -> SnapshotReader:
    """The batch job: chances of the 40 eligible ads of each request, -1 in place of an ad that was not yet born."""
    scores = chance.reshape(-1, ELIGIBLE).astype(np.float32)
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


class Counters:
    """Streaming counters: rows of whole numbers in memory by (person, ad), raised with every event."""

    def __init__(self, keys: np.ndarray, counts: np.ndarray) -> None:
        """`keys` (n,) name the rows of `counts` (n, G)."""
        self.row_of = {int(key): row for row, key in enumerate(keys)}
        self.counts = np.array(counts, np.int64)

    @property
    def nbytes(self) -> int:
        """The numbers, and about 100 bytes a row for the dictionary that finds them."""
        return self.counts.nbytes + 100 * len(self.row_of)

    def read(self, keys: list[int]) -> np.ndarray:
        """Counters (k, G) of some keys. Raises KeyError for one never seen."""
        return self.counts[[self.row_of[key] for key in keys]]

    def raise_(self, key: int, counter: int) -> None:
        """One event more."""
        self.counts[self.row_of[key], counter] += 1


def start_counters(log: Log, rows: f.Rows) -> Counters:
    """Counters as of now, for every person and ad of the test."""
    return Counters(np.arange(len(rows.test)), f.counts_of(log, rows.test, 0))
