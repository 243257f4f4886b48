"""Alternatives to the present design, by paired tests over the same queries: framings and one-knob moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.analysis.explain import move
from core.contract.case import SEED, Measurement, paired_change
from core.contract.design import Design, canonical, knobs, neighbours
from core.contract.interview_spec import Interview
from core.metrics import PairedDifference
from core.serving.evaluate import Evaluated


@dataclass(frozen=True)
class Choice:
    """An alternative design, its label and its description."""

    label: str
    words: str
    design: Design


@dataclass(frozen=True)
class Compared:
    """A measured choice, and its first quality minus that of the present design (None: the queries differ)."""

    choice: Choice
    evaluated: Evaluated
    gained: PairedDifference | None


def framing_choices(interview: Interview, present: Design) -> tuple[Choice, ...]:
    """The case's framings of the present design as valid designs, without duplicates."""
    choices: dict[Design, Choice] = {}
    for framing in interview.framings:
        design = canonical(framing.design(present))
        choices.setdefault(design, Choice(framing.label, framing.words, design))
    return tuple(choices.values())


def move_choices(present: Design, families: Collection[str]) -> tuple[Choice, ...]:
    """Every neighbour by a knob of these families; data knobs never move."""
    described = knobs(type(present))
    return tuple(
        Choice(move(present, moved), "", moved)
        for name, moved in neighbours(present)
        if described[name].family in families
    )


def compare(present: Evaluated, choices: Iterable[Choice], known: Mapping[Design, Measurement]) -> tuple[Compared, ...]:
    """The measured choices, each compared with the present design."""
    key = present.case.qualities[0].key
    return tuple(
        Compared(
            choice,
            present.beside(choice.design, known[choice.design]),
            gained(known[choice.design], present.measured, key, present.seed),
        )
        for choice in choices
        if choice.design in known
    )


def missing(choices: Iterable[Choice], known: Collection[Design]) -> list[Design]:
    """The designs of these choices that are not measured yet."""
    return [choice.design for choice in choices if choice.design not in known]


def gained(after: Measurement, before: Measurement, key: str, seed: int = SEED) -> PairedDifference | None:
    """A quality of one run minus that of another; None where the units are not the same ones."""
    if key not in after.quality or key not in before.quality:
        return None
    return paired_change(before.quality[key], after.quality[key], seed)


def difference_text(compared: Compared, label: str) -> str:
    """The difference in words: with its interval, or as noise, or that the queries differ."""
    if compared.gained is None:
        return "other queries: not paired"
    interval = interval_text(compared.gained)
    return f"{label} {interval}" if compared.gained.distinguishable else f"within noise, {interval}"


def interval_text(gained: PairedDifference) -> str:
    """A difference with its interval, signed, to three decimals."""
    return f"{signed(gained.mean)} ({signed(gained.low)} to {signed(gained.high)})"


def signed(value: float) -> str:
    """Three decimals with a sign, which is left out for a rounded zero."""
    return f"{value:+.3f}" if round(value, 3) else "0.000"
