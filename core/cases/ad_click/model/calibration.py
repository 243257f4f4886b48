"""From log-odds to a chance that may be multiplied with money: undo the sampling, or learn a calibrator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.ad_click import features as f
from core.metrics.maths import sigmoid

CALIBRATORS = {"none": "None", "formula": "Downsampling formula", "platt": "Platt", "isotonic": "Isotonic"}
LEAST, MOST = 1e-4, 0.999  # chances that isotonic steps may say


@dataclass(frozen=True)
class Calibrator:
    """How log-odds become a chance: shifted and stretched, or by the steps of a curve."""

    shift: float = 0.0
    stretch: float = 1.0
    steps_x: np.ndarray | None = None
    steps_y: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """What a server holds of it."""
        return 16 + sum(steps.nbytes for steps in (self.steps_x, self.steps_y) if steps is not None)

    def __call__(self, log_odds: np.ndarray) -> np.ndarray:
        """The chance (n,) of a click."""
        if self.steps_x is not None:
            return np.clip(np.interp(log_odds, self.steps_x, self.steps_y), LEAST, MOST)
        return sigmoid(self.stretch * log_odds + self.shift)


def corrected(p: np.ndarray | float, rate: float) -> np.ndarray | float:
    """q = p / (p + (1 - p) / w): undo keeping the share w of the negatives (He et al. 2014, section 6.3)."""
    if not 0 < rate <= 1:
        raise ValueError(f"negatives kept must be a share above 0 and at most 1, not {rate}")
    return p / (p + (1 - p) / rate)


def fit_calibrator(how: str, log_odds: np.ndarray, y: np.ndarray, rate: float) -> Calibrator:
    """A calibrator from the held-back rows (n,). Raises ValueError for an unknown one, or where none was clicked."""
    if how == "none":
        return Calibrator()
    if how == "formula":
        corrected(0.5, rate)
        return Calibrator(shift=float(np.log(rate)))  # the formula, on log-odds
    if not y.any() or y.all():
        raise ValueError(f"a calibrator needs clicks: the {len(y)} held-back exposures have {int(y.sum())}")
    if how == "platt":
        return _platt(log_odds, y)
    if how == "isotonic":
        return _isotonic(log_odds, y)
    raise ValueError(f"no calibrator called {how!r}: choose one of {', '.join(CALIBRATORS)}")


def _platt(log_odds: np.ndarray, y: np.ndarray) -> Calibrator:
    """Logistic regression of the click on the log-odds alone (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    if np.ptp(log_odds) < 1e-9:  # the base rate: nothing to stretch
        return Calibrator(shift=float(np.log(y.mean() / (1 - y.mean())) - log_odds[0]))
    fitted = LogisticRegression(C=1e3).fit(log_odds[:, None], y)
    return Calibrator(float(fitted.intercept_[0]), float(fitted.coef_[0, 0]))


def _isotonic(log_odds: np.ndarray, y: np.ndarray) -> Calibrator:
    """The rising curve nearest to the clicks (Zadrozny and Elkan 2002)."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit(log_odds, y)
    return Calibrator(steps_x=fitted.X_thresholds_, steps_y=fitted.y_thresholds_)


def calibrate(model: Any, held_back: f.Inputs, rows: f.Rows, how: str) -> Calibrator:
    """A calibrator learnt from what was held back."""
    return fit_calibrator(how, model.log_odds(held_back), rows.calibration_y, 1.0)


def undo_sampling(how: str, rate: float) -> Calibrator:
    """No calibrator, or the formula: neither has anything to learn."""
    return fit_calibrator(how, np.empty(0), np.empty(0, bool), rate)
