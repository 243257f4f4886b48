"""Rankings of two classes: what every row adds to AUC and average precision.

None of these is a mean over rows, yet intervals and paired tests need values to resample, of both classes: a harmless
post that ranks high costs precision as surely as a harmful one that ranks low. The values are leave-one-out
pseudo-values (Efron & Tibshirani 1993, section 11.5) moved so that their mean is the figure.
"""

from __future__ import annotations

import numpy as np


def auc_by_row(score: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """What each row (n,) adds to AUC, ties half, so that the variance of the mean is that of DeLong et al. (1988).

    Raises ValueError without both classes.
    """
    _both(positive)
    classes, placed = (positive, ~positive), np.empty(len(score))
    for own, other, sign in zip(classes, classes[::-1], (1, -1), strict=True):
        placed[own] = _share_below(sign * score[own], sign * score[other])
    return placed[positive].mean() + _centred(placed, positive)


def _share_below(score: np.ndarray, others: np.ndarray) -> np.ndarray:
    ordered = np.sort(others)
    below, upto = (np.searchsorted(ordered, score, side=side) for side in ("left", "right"))
    return (below + upto) / 2 / len(ordered)


def average_precision_by_row(score: np.ndarray, positive: np.ndarray, prevalence: float | None = None) -> np.ndarray:
    """What each row (n,) adds to average precision, rows of one score together, by leaving each of them out.

    With a `prevalence` positives weigh that share whatever the rows hold, so each class is resampled on its own; with
    None every row counts once and the share of positives is itself a finding. Raises ValueError without both classes.
    """
    _both(positive)
    own, n_positive = np.sort(score[positive]), int(positive.sum())
    n_negative = len(score) - n_positive
    ranked = np.sort(score[~positive])
    hits = n_positive - np.searchsorted(own, own, side="left")
    misses = n_negative - np.searchsorted(ranked, own, side="left")
    right, wrong = _weights(n_positive, n_negative, prevalence)
    fewer_right, _ = _weights(n_positive - 1, n_negative, prevalence)
    _, fewer_wrong = _weights(n_positive, n_negative - 1, prevalence)
    value = _precision(right * hits, wrong * misses).mean()
    above = np.searchsorted(own, score, side="right")  # positives that rank no higher: their precision counts the row
    harmed = _precision(right * hits, fewer_wrong * (misses - 1)), _precision(right * hits, fewer_wrong * misses)
    helped = _precision(fewer_right * (hits - 1), wrong * misses), _precision(fewer_right * hits, wrong * misses)
    without = np.empty(len(score))
    without[~positive] = _spliced(*harmed, above[~positive]) / n_positive
    place = np.searchsorted(own, score[positive], side="left")
    without[positive] = (_spliced(*helped, above[positive]) - helped[0][place]) / max(n_positive - 1, 1)
    return _pseudo_values(value, without, positive, prevalence is not None)


def _both(positive: np.ndarray) -> None:
    if not positive.any() or positive.all():
        raise ValueError("a ranking of two classes needs rows of both")


def _weights(n_positive: int, n_negative: int, prevalence: float | None) -> tuple[float, float]:
    if prevalence is None:
        return 1.0, 1.0
    return prevalence / max(n_positive, 1), (1 - prevalence) / max(n_negative, 1)


def _precision(right: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    wrong = np.maximum(wrong, 0.0)
    return np.divide(right, right + wrong, out=np.zeros(len(right)), where=right > 0)


def _spliced(changed: np.ndarray, kept: np.ndarray, n_changed: np.ndarray) -> np.ndarray:
    """For each count, the sum of that many first `changed` values and of the `kept` ones after them."""
    first, all_kept = (np.concatenate([[0.0], values.cumsum()]) for values in (changed, kept))
    return first[n_changed] + all_kept[-1] - all_kept[n_changed]


def _pseudo_values(value: float, without: np.ndarray, positive: np.ndarray, by_class: bool) -> np.ndarray:
    if by_class:
        sizes = np.where(positive, positive.sum(), (~positive).sum())
        return value + _centred((sizes - 1) * (value - without), positive)
    moved = (len(without) - 1) * (value - without)
    return value + moved - moved.mean()


def _centred(values: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Deviations from the mean of the own class, scaled so that the variance of their mean is the sum of both parts."""
    centred = np.empty(len(values))
    for own in (positive, ~positive):
        centred[own] = (values[own] - values[own].mean()) * (len(values) / own.sum())
    return centred
