"""The checklist of the walkthrough, ticked by actions of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

# The facts of a session; pages note each in words as it happens.
FACTS = (
    "asked",  # the present design was compared with the requirements
    "baseline",  # the baseline was measured on the same data
    "framings",  # at least two framings were run side by side
    "validated",  # a real batch passed the rules and a planted one was rejected
    "representation",  # a move of a representation knob was measured and compared
    "models",  # a move of a model knob was measured and compared
    "curve",  # a learning curve was measured
    "seeds",  # one design was measured under three seeds
    "tuned",  # a tuning run found a design within the bound
    "load",  # the queue at the required load was simulated for the present design
    "thresholds",  # alarm thresholds were computed from the present design's distributions
    "moves",  # the design was changed at least once
)


@dataclass(frozen=True)
class Task:
    """A line of the checklist: its step, the facts that tick it, and what to do until then."""

    step: str  # a key of core.contract.interview_spec.STEPS
    ticked_by: tuple[str, ...]  # any of these facts
    todo: str


TASKS = (
    Task("clarify", ("asked",), "open the first step"),
    Task("frame", ("baseline",), "measure the baseline"),
    Task("data", ("validated",), "open the data and let its rules reject the planted batch"),
    Task("model", ("representation",), "measure a move of a representation knob"),
    Task("model", ("models", "framings"), "measure a move of a model knob, or two framings"),
    Task("training", ("seeds", "curve", "tuned"), "measure three seeds or a curve, or tune"),
    Task("training", ("moves",), "change the design at least once"),
    Task("serving", ("load",), "open the load and the cost"),
    Task("monitoring", ("thresholds",), "compute the thresholds"),
)


@dataclass(frozen=True)
class Ticked:
    """A line of the checklist and what was done for it; empty before that."""

    task: Task
    done: str


def ticked(done: Mapping[str, str]) -> tuple[Ticked, ...]:
    """The checklist with what was done; `done` maps a fact to words. KeyError for an unknown fact."""
    unknown = set(done) - set(FACTS)
    if unknown:
        raise KeyError(f"not a fact of the checklist: {sorted(unknown)}")
    return tuple(Ticked(task, "; ".join(done[fact] for fact in task.ticked_by if fact in done)) for task in TASKS)


def moves(trail: list[tuple[object, int]]) -> int:
    """The number of design changes in a session's trail."""
    return sum(before[0] != after[0] for before, after in pairwise(trail))
