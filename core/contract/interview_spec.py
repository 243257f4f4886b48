"""The seven steps of the interview, and what a case says and shows at each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

STEPS = {
    "clarify": "Requirements",
    "frame": "ML task",
    "data": "Data",
    "model": "Features and model",
    "training": "Training and evaluation",
    "serving": "Serving",
    "monitoring": "Monitoring",
}


@dataclass(frozen=True)
class Claim:
    """A sentence a reader is told, and what backs it: the id of a check of the case or the title of a source."""

    text: str
    backed_by: str


@dataclass(frozen=True)
class InterviewStep:
    """One step of one case: what is asked, what is to be decided, what is known, and what goes wrong."""

    questions: tuple[str, ...]  # what an interviewer asks here
    decision: str  # what has to be decided, as a question
    knobs: tuple[str, ...] = ()  # the knobs of the design that answer it
    remarks: tuple[Claim, ...] = ()
    pitfalls: tuple[str, ...] = ()  # what could go wrong, as things to look for


@dataclass(frozen=True)
class Framing:
    """One way to frame the task, as a change to the present design, run beside the others."""

    label: str
    words: str  # input, output and loss in one sentence
    design: Callable[[Any], Any]  # present design → the same with this framing


@dataclass(frozen=True)
class Column:
    """What one column of the data must be like: a validation rule, in words that a library can check."""

    name: str
    kind: str  # "int", "float" or "str"
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True)
class Sample:
    """Real rows of the case's data, how they are split, and the rules that a new batch of them has to keep."""

    rows: tuple[Mapping[str, Any], ...]  # at most 500, in the order of time where there is one
    columns: tuple[Column, ...]
    split: Mapping[str, int]  # part → number of rows or queries in it
    labels: str  # where the labels come from
    leakage: str  # what could leak, and what keeps it out
    spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]  # plants what a broken feed would bring


@dataclass(frozen=True)
class Interview:
    """What a case brings to the seven steps; everything else in them follows from its design and its measurements."""

    stops: Mapping[str, InterviewStep]  # a key of STEPS → stop, all seven
    framings: tuple[Framing, ...]  # at least two where the case has them, else one
    sample: Callable[[Any, int], Sample]  # sample(design, seed)
    guardrail: str  # the key of the quality or figure that must not get worse while the first quality is raised
    curve_knob: str | None = None  # an ordered knob whose options make a learning curve, if the case has one
