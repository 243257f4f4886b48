"""A submission: a design of one student with the figures that the server measured of it and what was predicted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from core.analysis.tradeoff_table import TradeoffRow, differing
from core.classroom.lesson import Lesson
from core.contract.case import Measurement
from core.contract.design import Design, serving_mode, to_query
from core.serving.evaluate import evaluate
from core.serving.slo import ruled_out_by, too_noisy

Way = Literal["down", "same", "up"]
HIDDEN = "hidden name"


class Prediction(BaseModel):
    """Which way a figure was said to go with the move to the submitted design, and which way it went."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str
    said: Way
    measured: Way


class Submission(BaseModel):
    """A design with its figures, all from the server's own measurement."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    design: str  # the query that opens it
    differs: str  # the knobs that differ from the starting design, with their options
    figures: dict[str, float | None]  # None where the machine was too busy to say
    verdict: Literal["meets", "misses", "cannot say"]
    missed: str  # the requirements that are not known to be met, in words
    noisy: bool
    mode: str  # how the design serves
    mode_at: int
    predictions: tuple[Prediction, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A submission as it is on the wall: its number in the store, whose it is, and when it came."""

    number: int
    student: int
    nickname: str
    at_s: float
    submission: Submission
    hidden: bool = False

    @property
    def name(self) -> str:
        """The nickname as others see it."""
        return HIDDEN if self.hidden else self.nickname


def submission(
    lesson: Lesson, design: Design, measured: Measurement, predictions: Iterable[Prediction] = ()
) -> Submission:
    """A measured design under the lesson's requirements.

    Raises ValueError for a design that the lesson does not allow.
    """
    if design != lesson.kept(design):
        raise ValueError(" ".join(lesson.strays(design)) or "This design is not one of this class.")
    evaluated = evaluate(lesson.of_case, design, measured, lesson.scenario, lesson.seed)
    at, mode = serving_mode(design)
    columns = TradeoffRow(evaluated, "sweep", "").columns
    return Submission(
        design=urlencode(to_query(design, lesson.seed)),
        differs=differing(lesson.design, design),
        figures={name: _number(value) for name, value in columns.items() if _is_figure(lesson, name, value)},
        verdict=evaluated.verdict,
        missed=ruled_out_by(evaluated.constraints),
        noisy=too_noisy(measured),
        mode=mode,
        mode_at=at,
        predictions=tuple(predictions),
    )


def _is_figure(lesson: Lesson, name: str, value: object) -> bool:
    knob = name in lesson.of_case.Design.__dataclass_fields__
    return not knob and isinstance(value, (int, float)) and not isinstance(value, bool)


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None
