"""The Pareto front and its knee."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics import Better

STRAIGHT = 1e-9  # a smaller bend, as a share of the axis, is rounding


def front(points: ArrayLike, better: Sequence[Better]) -> NDArray[np.bool_]:
    """Return the mask (n,) of the Pareto-optimal rows: no other row is as good in every column and better in one.

    Equal rows are kept or dropped together; a row with NaN is never on the front. ValueError for a bad `better`.
    """
    costs = _costs(points, better)
    mask = np.zeros(len(costs), dtype=bool)
    known = ~np.isnan(costs).any(axis=1)
    if known.any():
        rows, which = np.unique(costs[known], axis=0, return_inverse=True)
        mask[known] = (_front_of_two(rows) if rows.shape[1] == 2 else _front_of_many(rows))[which.ravel()]
    return mask


def knee(points: ArrayLike, better: Sequence[Better]) -> int | None:
    """Return the row of the front furthest from the chord of its ends, on the better side, axes scaled to 0..1.

    The Kneedle criterion without smoothing (Satopää et al. 2011). The knee depends on the scale: for a log axis pass
    logarithms. None with fewer than 3 different front points, or without one on the better side of the chord.
    """
    costs = _costs(points, better)
    if costs.shape[1] != 2:
        raise ValueError(f"a knee needs two columns, got {costs.shape[1]}")
    at = np.flatnonzero(front(points, better) & np.isfinite(costs).all(axis=1))
    if len(np.unique(costs[at], axis=0)) < 3:
        return None
    low, high = costs[at].min(axis=0), costs[at].max(axis=0)
    bend = 1 - ((costs[at] - low) / (high - low)).sum(axis=1)  # the chord joins (0, 1) and (1, 0)
    return int(at[bend.argmax()]) if bend.max() > STRAIGHT else None


def _front_of_two(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the front of different rows (n, 2), sorted, lower better: the second cost must beat all before it."""
    keep = np.ones(len(rows), dtype=bool)
    keep[1:] = rows[1:, 1] < np.minimum.accumulate(rows[:, 1])[:-1]
    return keep


def _front_of_many(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the front of different rows (n, m), sorted, lower better: nothing after the first row left can beat it."""
    keep = np.zeros(len(rows), dtype=bool)
    left = np.arange(len(rows))
    while len(left):
        keep[left[0]] = True
        left = left[(rows[left] < rows[left[0]]).any(axis=1)]
    return keep


def _costs(points: ArrayLike, better: Sequence[Better]) -> NDArray[np.float64]:
    """Return points (n, m) with every column turned so that lower is better."""
    if not better or not set(better) <= {"higher", "lower"}:
        raise ValueError(f"better must name 'higher' or 'lower' for every column, got {better!r}")
    table = np.asarray(points, dtype=float)
    if not table.size:
        return np.empty((0, len(better)))
    if table.ndim != 2 or table.shape[1] != len(better):
        raise ValueError(f"points of shape {table.shape} do not fit {len(better)} columns")
    return table * np.where(np.array(better) == "higher", -1.0, 1.0)
