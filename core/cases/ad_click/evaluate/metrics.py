"""Quality of predicted chances: entropy, ranking, calibration and money, each with values that can be paired."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from core.cases.ad_click.data.exposures import Log
from core.cases.ad_click.evaluate.auction import Takings
from core.cases.ad_click.features import Rows
from core.contract.case import Estimate, estimate
from core.metrics import area_interval, by_unit
from core.metrics.calibration import miscalibration
from core.metrics.classification import auc_by_row, average_precision_by_row
from core.metrics.maths import tied_means

CURVE = 10  # groups of a calibration curve, as many exposures each


def log_loss(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross-entropy (n,) of each exposure, in nats."""
    p = np.clip(p, 1e-7, 1 - 1e-7, dtype=np.float64)
    return -np.where(y, np.log(p), np.log1p(-p))


def normalised_entropy(p: np.ndarray, y: np.ndarray, background: float) -> np.ndarray:
    """Log loss (n,) of each exposure over the mean of always saying the background rate (He et al. 2014, equation 1).

    Its mean is the figure. The denominator varies with the clicks too, which each value takes into account.
    """
    mine, plain = log_loss(p, y), log_loss(np.full(len(y), background), y)
    ratio = mine.mean() / plain.mean()
    return ratio + (mine - ratio * plain) / plain.mean()


def auc_values(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each click (n_clicks,) the share of unclicked exposures with a lower chance, ties half: their mean is AUC."""
    negatives = np.sort(p[~y])
    if not len(negatives) or not y.any():
        raise ValueError("AUC needs both clicks and exposures without one")
    below, upto = (np.searchsorted(negatives, p[y], side=side) for side in ("left", "right"))
    return (below + upto) / 2 / len(negatives)


def precision_values(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """For each click (n_clicks,) the share of clicks among exposures with at least its chance: average precision."""
    scores, clicked = np.sort(p), np.sort(p[y])
    at_least = len(scores) - np.searchsorted(scores, p[y], side="left")
    return (len(clicked) - np.searchsorted(clicked, p[y], side="left")) / at_least


@dataclass(frozen=True)
class Curve:
    """A calibration curve: of each group, the mean predicted chance, the share clicked with its interval, the size."""

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def curve(p: np.ndarray, y: np.ndarray, groups: int = CURVE) -> Curve:
    """Groups of equal size by predicted chance, rows of one chance spread evenly; the interval is Wilson's (1927)."""
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, groups)
    n = np.array([len(part) for part in parts])
    said, seen = (np.array([values[part].mean() for part in parts]) for values in (p, tied_means(p, y.astype(float))))
    z = 1.96
    centre = (seen + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(seen * (1 - seen) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return Curve(said, seen, np.maximum(centre - half, 0), centre + half, n)


def judged(test: np.ndarray, clicked: np.ndarray) -> int:
    """A digest of the exposures that are predicted, in this order; they differ by split, data and seed."""
    return crc32(clicked.tobytes(), crc32(test.tobytes()))


def grade(p: np.ndarray, log: Log, rows: Rows, takings: Takings) -> dict[str, Estimate]:
    """Every quality of the served chances `p` (n,); all exposures of a household go together."""
    y, household = rows.test_y, log.codes[rows.test, 0]
    by_row = np.argsort(rows.test)  # a household has the same exposures in whatever order they are predicted
    which = dict(unit="households", units=judged(rows.test[by_row], y[by_row]))

    def mean(per_exposure: np.ndarray) -> Estimate:
        return estimate(by_unit(per_exposure, household), **which)

    def area(per_click: np.ndarray, per_exposure: np.ndarray) -> Estimate:
        value, households = float(per_click.mean()), by_unit(per_exposure, household)
        return estimate(households, **which, value=value, interval=area_interval(value, households, int(y.sum())))

    off, interval = miscalibration(p[:, None], y[:, None], household)
    return {
        "ne": mean(normalised_entropy(p, y, rows.background)),
        "auc": area(auc_values(p, y), auc_by_row(p, y)),
        "calibration": estimate(off, **which, interval=interval),
        "ap": area(precision_values(p, y), average_precision_by_row(p, y)),
        "earned": estimate(takings.earned, unit="auctions", units=judged(rows.test, y)),
    }
