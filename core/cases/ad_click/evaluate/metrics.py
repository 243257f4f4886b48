"""Quality of predicted chances: entropy, ranking, calibration and money, each with values that can be paired."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from core.cases.ad_click.evaluate.auction import Takings
from core.cases.ad_click.features import Rows
from core.contract.case import Estimate, estimate
from core.metrics import area_interval
from core.metrics.classification import auc_by_row, average_precision_by_row
from core.metrics.maths import tied_means

GROUP = 20  # exposures of neighbouring people whose errors are averaged into one value
GROUPS = f"groups of {GROUP} exposures"
CURVE = 10  # groups of a calibration curve, as many exposures each
RESAMPLES = 400


def log_loss(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross-entropy (n,) of each exposure, in nats."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.where(y, np.log(p), np.log1p(-p))


def normalised_entropy(p: np.ndarray, y: np.ndarray, background: float) -> np.ndarray:
    """Log loss over that of always saying the background rate (He et al. 2014, equation 1), in groups (n / GROUP,).

    The mean over groups is the figure. A group holds exposures of the same few people, so that an interval over groups
    knows that a person's exposures go together.
    """
    mine, plain = log_loss(p, y), log_loss(np.full(len(y), background), y).mean()
    return by_group(mine) / plain


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


def calibration_error(groups: Curve, seed: int) -> Estimate:
    """Mean distance of the curve from the diagonal, over the click rate; the interval redraws each group's clicks."""
    rate = float((groups.observed * groups.n).sum() / groups.n.sum())
    per_group = np.abs(groups.predicted - groups.observed) / rate
    rng = np.random.default_rng(seed)
    drawn = rng.binomial(groups.n, groups.observed, (RESAMPLES, len(groups.n))) / groups.n
    again = (np.abs(groups.predicted - drawn) / rate).mean(axis=1)
    value = float(per_group.mean())
    low, high = np.quantile(again, [0.025, 0.975]) - again.mean() + value  # drawn noise alone adds to every distance
    low, high = min(max(float(low), 0.0), value), max(float(high), value)
    return Estimate(value, low, high, per_group, unit="deciles of the design's own order", pairable=False)


def by_group(per_exposure: np.ndarray) -> np.ndarray:
    """The mean of each GROUP of exposures (n / GROUP,), which are of the same few people."""
    return per_exposure.reshape(-1, GROUP).mean(axis=1)


def _area(per_click: np.ndarray, per_exposure: np.ndarray, rows: Rows) -> Estimate:
    value, groups = float(per_click.mean()), by_group(per_exposure)
    interval = area_interval(value, groups, int(rows.test_y.sum()))
    return estimate(groups, unit=GROUPS, units=judged(rows), value=value, interval=interval)


def judged(rows: Rows) -> int:
    """A digest of the exposures that are predicted, which differ by split, data and seed."""
    return crc32(rows.test_y.tobytes(), crc32(rows.test.tobytes()))


def grade(p: np.ndarray, rows: Rows, takings: Takings, seed: int) -> dict[str, Estimate]:
    """Every quality of the served chances `p` (n,)."""
    y, background = rows.test_y, rows.background
    return {
        "ne": estimate(normalised_entropy(p, y, background), seed, unit=GROUPS, units=judged(rows)),
        "auc": _area(auc_values(p, y), auc_by_row(p, y), rows),
        "calibration": calibration_error(curve(p, y), seed),
        "ap": _area(precision_values(p, y), average_precision_by_row(p, y), rows),
        "earned": estimate(takings.earned, seed, unit="auctions", units=judged(rows)),
    }
