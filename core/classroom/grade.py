"""Marking a folder of exported designs: each is run again here, and its figures are held against the file's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.analysis.figures import FIGURES
from core.catalog import BY_SLUG
from core.classroom.lesson import Lesson, first_reason
from core.contract.case import SEED, Case, Measurement, Requirements
from core.contract.design import MOST_SEED, Design, from_query
from core.serving.evaluate import Evaluated, evaluate
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.serving.slo import too_noisy

MOST_BYTES, MOST_FILES = 5_000_000, 1_000
BUSY = "timed on a busy machine: mark it again when that is quiet"
LESSON_FILE = "lesson.json"  # beside the students' files: what was asked of them
Text = Annotated[str, Field(max_length=200)]
Runner = Callable[[Case, Design, int], Measurement]


class DesignFile(BaseModel):
    """What grading reads of a file that the page's Export wrote; the rest of it is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)

    schema_name: Literal["kneepoint/design"] = Field(alias="schema")
    version: Literal[1]
    case: Text
    design: dict[Text, Text] = Field(max_length=200)
    seed: int = Field(SEED, ge=0, le=MOST_SEED)
    requirements: dict[Text, Any] = Field(default_factory=dict)
    at_items: float | None = Field(None, ge=0, le=1e15)
    figures: dict[Text, float | None] = Field(max_length=500)
    figures_as_measured: dict[Text, float | None] = Field(default_factory=dict, max_length=500)


class Span(NamedTuple):
    """A quality that was run again, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Graded:
    """One file: what it said, what the same design gave here, and where it ranks; or why it could not be marked."""

    name: str
    case: str = ""
    quality: str = ""  # the label of the case's first quality
    said: float | None = None
    reproduced: float | None = None
    within: bool = False  # whether what was said lies in the interval of what was reproduced
    slo: str = ""  # "meets", "misses" or "cannot say"
    usd: float | None = None
    p99_ms: float | None = None
    goal: float | None = None  # what the ranking goes by, under the teacher's requirements
    rank: int | None = None
    note: str = ""
    failure: str = ""

    @property
    def as_row(self) -> dict[str, Any]:
        """The row as plain values."""
        return dict(self.__dict__)


def read_file(text: bytes) -> DesignFile:
    """The design of a file. Raises ValueError with a sentence for one that the page's Export did not write."""
    if len(text) > MOST_BYTES:
        raise ValueError(f"the file is larger than {MOST_BYTES / 1e6:g} MB")
    try:
        return DesignFile.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"this is no design that Kneepoint exported: {first_reason(error)}") from None


def grade(
    folder: Path, run: Runner, lesson: Lesson | None = None, asked: Callable[[Requirements], Requirements] | None = None
) -> list[Graded]:
    """Every JSON file of a folder, the best first; one that cannot be marked is a row with its reason, at the end.

    The requirements are those of the lesson, else the case's own with those of `asked`: never what a file claims.
    """
    rows = [_one(path, run, lesson, asked) for path in files_in(folder)]
    return _ranked(rows, lesson)


def files_in(folder: Path) -> list[Path]:
    """The students' files. Raises ValueError for a folder without one, or with more than a class has."""
    found = sorted(path for path in folder.glob("*.json") if path.name != LESSON_FILE)
    if not found or len(found) > MOST_FILES:
        raise ValueError(f"{folder} holds {len(found) or 'no'} JSON files; 1 to {MOST_FILES:,} can be marked")
    return found


def _one(
    path: Path, run: Runner, lesson: Lesson | None, asked: Callable[[Requirements], Requirements] | None
) -> Graded:
    name = path.stem.encode("utf-8", "replace").decode()  # a name that is no text on its system is printed all the same
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BYTES:
            raise ValueError(f"this is a link, no file, or larger than {MOST_BYTES / 1e6:g} MB")
        file = read_file(path.read_bytes())
        case, design, seed, note = _opened(file, lesson)
        requirements = lesson.asked if lesson else (asked or _as_they_are)(case.requirements)
        measured = run(case, design, seed)
        return _graded(name, file, evaluate(case, design, measured, Scenario(requirements), seed), note, lesson)
    except Exception as error:  # whatever is wrong with one file, the others are marked
        return Graded(name, failure=" ".join(f"{error}".split())[:300] or type(error).__name__)


def _as_they_are(requirements: Requirements) -> Requirements:
    return requirements


def _opened(file: DesignFile, lesson: Lesson | None) -> tuple[Case, Design, int, str]:
    """The case, the design and the seed of a file, and what has to be known of them."""
    case = BY_SLUG.get(file.case)
    if case is None:
        raise ValueError(f"there is no case “{file.case[:40]}” here")
    design, seed, notes = from_query(case.Design, {**file.design, "seed": str(file.seed)})
    if notes:
        raise ValueError(f"its design cannot be had here: {notes[0]}")
    if lesson is None:
        return case, design, seed, _other_requirements(file, case)
    if (file.case, seed) != (lesson.case, lesson.seed):
        raise ValueError("it is of another case or another seed than the lesson")
    if strays := lesson.strays(design):
        raise ValueError(f"it is not a design of this lesson: {strays[0]}")
    return case, lesson.kept(design), seed, ""


def _other_requirements(file: DesignFile, case: Case) -> str:
    ours = {name: getattr(case.requirements, name) for name in LIMITS}
    others = [name for name in LIMITS if name in file.requirements and file.requirements[name] != ours[name]]
    return f"made under other requirements: {', '.join(others)}" if others else ""


def _graded(name: str, file: DesignFile, evaluated: Evaluated, note: str, lesson: Lesson | None) -> Graded:
    axis = evaluated.case.qualities[0]
    claims = _claims(file, evaluated, axis.key)
    said, span = claims[0] if claims else (None, None)
    return Graded(
        name,
        evaluated.case.slug,
        axis.label,
        said,
        None if span is None else span.value,
        bool(claims) and all(span.low <= said <= span.high for said, span in claims),
        evaluated.verdict,
        _said("usd", evaluated),
        _said("load_p99_ms", evaluated),
        _goal_value(evaluated, lesson),
        note="; ".join(filter(None, (note, BUSY if too_noisy(evaluated.measured) else ""))),
    )


def _claims(file: DesignFile, evaluated: Evaluated, key: str) -> list[tuple[float, Span]]:
    """What a file says of a quality, at its own size and as measured, each with what the design gives here."""
    if key not in evaluated.measured.quality:
        return []
    estimate = evaluated.measured.quality[key]
    here = Span(float(estimate.value), estimate.low, estimate.high)
    requirements = replace(evaluated.scenario.requirements, items=file.at_items)
    carried = replace(evaluated, scenario=replace(evaluated.scenario, requirements=requirements)).quality(key)
    at_its_size = Span(float(carried.value), carried.low, carried.high) if carried.moved else here
    pairs = ((file.figures.get(key), at_its_size), (file.figures_as_measured.get(key), here))
    return [(said, span) for said, span in pairs if said is not None]


def _goal_value(evaluated: Evaluated, lesson: Lesson | None) -> float | None:
    """The figure that the ranking goes by, under the teacher's requirements."""
    key = lesson.goal if lesson else evaluated.case.qualities[0].key
    if key in FIGURES:
        return _said(key, evaluated)
    reported = key in evaluated.measured.quality
    return float(evaluated.within_world.quality(key).value) if reported else None


def _said(key: str, evaluated: Evaluated) -> float | None:
    figure = FIGURES[key]
    return None if figure.noisy_where(evaluated) else float(figure.read(evaluated))


def _ranked(rows: Sequence[Graded], lesson: Lesson | None) -> list[Graded]:
    """Files that were reproduced and meet the SLO, case by case, by the goal; then the others by name."""
    fit = [row for row in rows if row.within and row.slo == "meets" and not row.failure]
    order = sorted(fit, key=lambda row: (row.case, _value(row, lesson), row.name))
    ranks: dict[str, int] = {}
    done = []
    for row in order:
        ranks[row.case] = ranks.get(row.case, 0) + 1
        done.append(replace(row, rank=ranks[row.case]))
    rest = sorted((row for row in rows if row not in fit), key=lambda row: (bool(row.failure), row.name))
    return [*done, *rest]


def _value(row: Graded, lesson: Lesson | None) -> float:
    """What the ranking goes by, lower being better."""
    better = lesson.push.better if lesson else BY_SLUG[row.case].qualities[0].better
    return inf if row.goal is None else -row.goal if better == "higher" else row.goal
