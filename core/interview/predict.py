"""Predict, then reveal: predicted directions of a move against measured ones, and the calibration of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.analysis.explain import Change, cost_change, quality_change
from core.analysis.figures import FIGURES, Figure, quality_figures
from core.serving.evaluate import Evaluated

DIRECTIONS = ("down", "same", "up")
PREDICTED = ("load_p99_ms", "usd")  # beside the first quality


@dataclass(frozen=True)
class Answered:
    """One prediction: the figure, the predicted and the measured direction, and the confidence (0 to 1)."""

    label: str
    predicted: str
    measured: str
    sure: float

    @property
    def right(self) -> bool:
        """True for a correct direction."""
        return self.predicted == self.measured


@dataclass(frozen=True)
class Score:
    """The record of a reader over many predictions."""

    n: int
    right: float  # share
    sure: float  # mean confidence
    brier: float  # mean squared gap between confidence and outcome: 0 is perfect, lower is better (Brier 1950)


def figures_to_predict(before: Evaluated, after: Evaluated) -> dict[str, Figure]:
    """The figures to predict of a move: the first quality, the p99 and the cost, where both designs have them."""
    primary = before.case.qualities[0].key
    qualities = quality_figures(before.case, before, after)
    costs = (FIGURES[key] for key in PREDICTED)
    shown = [figure for figure in costs if not figure.noisy_where(before) and not figure.noisy_where(after)]
    return {figure.key: figure for figure in (*(qualities[key] for key in (primary,) if key in qualities), *shown)}


def direction(change: Change) -> str:
    """The direction of a change; "same" within noise."""
    if not change.distinguishable or change.after == change.before:
        return "same"
    return "up" if change.after > change.before else "down"


def reveal(predicted: Mapping[str, str], sure: float, before: Evaluated, after: Evaluated) -> list[Answered]:
    """Predictions against measurements, for every figure that both designs have.

    ValueError for an unknown direction or a confidence outside 0 to 1.
    """
    if set(predicted.values()) - set(DIRECTIONS):
        raise ValueError(f"a direction is one of {', '.join(DIRECTIONS)}")
    if not 0 <= sure <= 1:
        raise ValueError(f"confidence is a share between 0 and 1, got {sure}")
    figures = figures_to_predict(before, after)
    return [
        Answered(figures[key].label, way, direction(_change(figures[key], before, after)), sure)
        for key, way in predicted.items()
        if key in figures
    ]


def _change(figure: Figure, before: Evaluated, after: Evaluated) -> Change:
    if figure.quality is not None:
        return quality_change(figure.quality, before.measured, after.measured, after.seed)
    return cost_change(figure, before, after)


def score(answered: Iterable[Answered]) -> Score | None:
    """The score over all predictions; None before the first."""
    every = list(answered)
    if not every:
        return None
    n = len(every)
    gaps = [(answer.sure - answer.right) ** 2 for answer in every]
    return Score(n, sum(answer.right for answer in every) / n, sum(answer.sure for answer in every) / n, sum(gaps) / n)
