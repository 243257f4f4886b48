"""What is on record of the tuning of a case's models: as many settings each, judged on a split that is not the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OnTest:
    """The first quality on the test data with the best setting minus that with the one in use, and its interval."""

    in_use: float
    mean: float
    low: float
    high: float

    @property
    def told_apart(self) -> bool:
        """Whether the interval excludes no change."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class ModelTuning:
    """The settings one model was tried with, the first of them in use, and their scores on the validation split.

    Raises ValueError where scores and settings are not as many, or the best is none of them.
    """

    model: str
    settings: tuple[Mapping[str, Any], ...]
    scores: tuple[float, ...]  # higher is better
    best: int
    test: OnTest | None = None  # None where the setting in use is the best
    reduced: str = ""  # what each setting was trained with, where the model that is served was trained with more

    def __post_init__(self) -> None:
        if len(self.settings) != len(self.scores) or not 0 <= self.best < len(self.scores):
            raise ValueError(
                f"{self.model}: {len(self.scores)} scores of {len(self.settings)} settings, best {self.best}"
            )


@dataclass(frozen=True)
class TuningRecord:
    """The tuning of a case: what settings were judged by, on what, when, and every model's."""

    metric: str
    split: str
    recorded_on: str  # ISO date
    models: tuple[ModelTuning, ...]
    untuned: tuple[str, ...] = ()  # models with nothing to train or to set

    @property
    def n_settings(self) -> int:
        """Settings that every model got at least."""
        return min(len(model.settings) for model in self.models)
