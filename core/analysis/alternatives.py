"""Designs beside the present one, by paired tests over the same queries: framings, one-knob moves, tuned designs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.analysis.explain import move
from core.contract.case import SEED, Case, Measurement
from core.contract.design import canonical, knobs, neighbours
from core.contract.interview_spec import Interview
from core.metrics import PairedDifference, paired_difference


@dataclass(frozen=True)
class Choice:
    """A design that could be taken instead, under the name a reader knows it by."""

    label: str
    words: str
    design: Any


@dataclass(frozen=True)
class Compared:
    """A choice with its measurement, and the first quality less that of the present design (None: nothing to pair)."""

    choice: Choice
    measured: Measurement
    gained: PairedDifference | None

    def value(self, key: str) -> float | None:
        """A quality of the choice; None where these data do not give it."""
        return self.measured.quality[key].value if key in self.measured.quality else None


def framing_choices(interview: Interview, present: Any) -> tuple[Choice, ...]:
    """The case's framings of the present design, each as a valid design; two that come out equal are kept once."""
    found: dict[Any, Choice] = {}
    for each in interview.framings:
        design = canonical(each.design(present))
        found.setdefault(design, Choice(each.label, each.words, design))
    return tuple(found.values())


def move_choices(present: Any, families: Collection[str]) -> tuple[Choice, ...]:
    """Every design one move away by a knob of these families; data dials never move."""
    described = knobs(type(present))
    return tuple(
        Choice(move(present, other), "", other)
        for name, other in neighbours(present)
        if described[name].family in families
    )


def compare(
    case: Case, before: Measurement, choices: Iterable[Choice], known: Mapping[Any, Measurement], seed: int = SEED
) -> tuple[Compared, ...]:
    """The choices measured so far, each beside `before`."""
    key = case.qualities[0].key
    return tuple(
        Compared(each, known[each.design], gained(known[each.design], before, key, seed))
        for each in choices
        if each.design in known
    )


def missing(choices: Iterable[Choice], known: Collection[Any]) -> list[Any]:
    """The designs of these choices that nobody has measured yet."""
    return [each.design for each in choices if each.design not in known]


def gained(after: Measurement, before: Measurement, key: str, seed: int = SEED) -> PairedDifference | None:
    """A quality of one run less that of another; None where they did not answer the same queries."""
    if key not in after.quality or key not in before.quality:
        return None
    a, b = after.quality[key].per_query, before.quality[key].per_query
    return paired_difference(a, b, seed) if a.shape == b.shape else None


def said(found: Compared, label: str) -> str:
    """The difference in words: with its interval, or that it may be noise, or that there is nothing to pair."""
    if found.gained is None:
        return "other queries: not paired"
    interval = interval_text(found.gained)
    return f"{label} {interval}" if found.gained.distinguishable else f"within noise, {interval}"


def interval_text(found: PairedDifference) -> str:
    """A difference with its interval, signed, three decimals."""
    return f"{signed(found.mean)} ({signed(found.low)} to {signed(found.high)})"


def signed(value: float) -> str:
    """Three decimals and a sign; what rounds to nothing has none."""
    return f"{value:+.3f}" if round(value, 3) else "0.000"
