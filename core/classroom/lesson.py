"""A lesson: what a teacher asks of a class, as one frozen record that is kept as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.analysis.figures import FIGURES
from core.catalog import BY_SLUG
from core.contract.case import Case, Requirements
from core.contract.design import Design, canonical, differences, from_query, knobs
from core.formatting import ms_text, usd_text
from core.metrics import Better
from core.serving.requirement_text import LIMITS, MUST
from core.serving.scenario import Scenario

MOST_MINUTES, MOST_BYTES = 240, 16_000
COSTS = ("load_p99_ms", "usd", "memory_mb")  # figures that a class can push down, beside the qualities
Name = Annotated[str, Field(max_length=80)]


@dataclass(frozen=True)
class Goal:
    """The figure that a class pushes, and which way is better."""

    key: str
    label: str
    better: Better

    @property
    def words(self) -> str:
        """The goal without its bounds: “Highest nDCG@10”."""
        return f"{'Highest' if self.better == 'higher' else 'Lowest'} {self.label}"


class Lesson(BaseModel):
    """What is asked: a case, its starting design, what is fixed, the SLO, and the figure to push under that SLO."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    case: Name
    start: dict[Name, Name]  # the link parameters of the starting design, its seed included
    locked: tuple[Name, ...] = ()  # knobs that are shown and cannot be turned
    hidden: tuple[Name, ...] = ()  # knobs that are not shown either
    requirements: dict[Name, float | None]
    goal: Name
    predicts: bool = False  # a prediction comes before every figure
    minutes: int = Field(0, ge=0, le=MOST_MINUTES)  # 0: no clock
    assignment: bool = False  # the files of the submissions are kept for grading

    @model_validator(mode="after")
    def _fits_its_case(self) -> Lesson:
        case = BY_SLUG.get(self.case)
        if case is None:
            raise ValueError(f"there is no case “{self.case[:40]}” here")
        if notes := from_query(case.Design, self.start)[2]:
            raise ValueError(notes[0])
        if unknown := sorted({*self.locked, *self.hidden} - set(knobs(case.Design))):
            raise ValueError(f"“{unknown[0][:40]}” is no knob of this case")
        if self.goal not in goals(case):
            raise ValueError(f"“{self.goal[:40]}” is no goal of this case")
        if set(self.requirements) != set(LIMITS):
            raise ValueError(f"the requirements are {', '.join(LIMITS)}, each once")
        for name, value in self.requirements.items():
            _within(name, value)
        return self

    @cached_property
    def of_case(self) -> Case:
        """The case that the lesson is about."""
        return BY_SLUG[self.case]

    @cached_property
    def design(self) -> Design:
        """The design that everybody starts with."""
        return from_query(self.of_case.Design, self.start)[0]

    @cached_property
    def seed(self) -> int:
        """The seed of data and training, the same for the whole class."""
        return from_query(self.of_case.Design, self.start)[1]

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Knobs that stay as they are: locked and hidden ones, and the data, without which no two designs compare."""
        data = (name for name, knob in knobs(self.of_case.Design).items() if knob.family == "data")
        return tuple(dict.fromkeys((*self.locked, *self.hidden, *data)))

    @cached_property
    def asked(self) -> Requirements:
        """The requirements of the case with those of the lesson."""
        return replace(self.of_case.requirements, **self.requirements)

    @cached_property
    def scenario(self) -> Scenario:
        """The requirements at the project's prices, under which every submission is judged."""
        return Scenario(self.asked)

    @cached_property
    def push(self) -> Goal:
        """The goal, whose bounds are the requirements."""
        return goals(self.of_case)[self.goal]

    def kept(self, design: Design) -> Design:
        """The design with all that is fixed as the lesson has it."""
        return canonical(replace(design, **{name: getattr(self.design, name) for name in self.fixed}))

    def strays(self, design: Design) -> list[str]:
        """A sentence for each fixed knob on which a design differs from what the lesson allows."""
        return [
            f"{knob.label} is fixed in this class at {knob.text(kept)}."
            for knob, _, kept in differences(design, self.kept(design))
            if knob.name not in self.hidden
        ]


def _within(name: str, value: float | None) -> None:
    low, high = LIMITS[name]
    if value is None and name in MUST:
        raise ValueError(f"{name} needs a value")
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} is not between {low:g} and {high:g}")


def goals(case: Case) -> dict[str, Goal]:
    """The figures that a class can push, the first quality first."""
    qualities = {axis.key: Goal(axis.key, axis.label, axis.better) for axis in case.qualities}
    return qualities | {key: Goal(key, FIGURES[key].label, FIGURES[key].better) for key in COSTS}


def read_lesson(text: str | bytes) -> Lesson:
    """The lesson in a JSON text. Raises ValueError with a sentence for any other text."""
    if len(text) > MOST_BYTES:
        raise ValueError(f"This is no lesson: it is longer than {MOST_BYTES:,} bytes.")
    try:
        return Lesson.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"This is no lesson: {first_reason(error)}.") from None


def first_reason(error: ValidationError) -> str:
    """What a schema says of the first thing that is wrong, in a few words."""
    wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in wrong["loc"][:4])
    reason = wrong["msg"].removeprefix("Value error, ")[:160]
    return f"{place}: {reason}" if place else reason


def goal_text(lesson: Lesson) -> str:
    """The goal in a line, no bound parted from its unit: “Highest nDCG@10 with p99 ≤ 5 ms and ≤ $300 per month”."""
    asked, axis = lesson.asked, lesson.of_case.qualities[0]
    parts = [f"p99 ≤ {ms_text(asked.p99_ms)}"]
    if asked.budget_usd is not None:
        parts.append(f"≤ {usd_text(asked.budget_usd)} per month")
    if asked.quality_floor is not None:
        parts.append(f"{axis.label} {'≥' if axis.better == 'higher' else '≤'} {asked.quality_floor:g}")
    if asked.freshness_h is not None:
        parts.append(f"≤ {asked.freshness_h:g} h stale")
    *first, last = [part.replace(" ", "\u00a0") for part in parts]
    return f"{lesson.push.words} with {', '.join(first)}{' and ' if first else ''}{last}"
