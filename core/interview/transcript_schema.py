"""The fields of a transcript file, with the bounds of each; what this app writes fits in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.contract.design import MOST_SEED
from core.contract.interview_spec import STEPS
from core.interview.mock_interview import GRADES, KINDS, MOST_ENTRIES, MOST_TEXT, RUBRIC, VERSION

MOST_NAME = 200
MOST_KEYS = 50  # of figures beside an entry, and of constraints
MOST_S = 1e9  # seconds into a rehearsal: what is longer is no clock

Step = Literal[tuple(STEPS)]
Kind = Literal[tuple(KINDS)]
Question = Literal[tuple(RUBRIC)]
Grade = Literal[tuple(GRADES)]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
Name = Annotated[str, Field(max_length=MOST_NAME)]
Seconds = Annotated[float, Field(ge=0, le=MOST_S, allow_inf_nan=False)]
Names = Annotated[list[Name], Field(max_length=MOST_KEYS, fail_fast=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EntryPart(_Part):
    """A log entry."""

    at_s: Seconds
    kind: Kind
    text: Text
    figures: Annotated[dict[Name, Name], Field(max_length=MOST_KEYS)] = {}


class BallPart(_Part):
    """A curve-ball."""

    text: Text
    at_s: Seconds
    before: Names = []
    broke: Names | None = None
    impact: Text = ""
    outcome: Text = ""


class TranscriptPart(_Part):
    """A whole mock interview; files of older versions lack the last two fields."""

    version: Literal[VERSION]
    case: Name
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)]
    started_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    step: Step
    entries: Annotated[list[EntryPart], Field(max_length=MOST_ENTRIES, fail_fast=True)]
    notes: dict[Step, Text]
    grades: dict[Question, Grade]
    balls: Annotated[list[BallPart], Field(max_length=MOST_ENTRIES, fail_fast=True)] = []
    missed: Names = []
