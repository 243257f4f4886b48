"""The ablation waterfall: from the ideal design to the present one, with the measured loss of each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.contract.case import SEED, Case, Measurement, paired_change
from core.contract.design import Design, canonical, describe, differences, knobs
from core.contract.scaling_spec import AblationStep


@dataclass(frozen=True)
class Fall:
    """One step down: its label, the knobs as the present design sets them, and the change in quality.

    `change` is after minus before, `low` and `high` the paired interval (None where the queries differ). `same` is True
    where the present design gives up nothing at this step.
    """

    label: str
    given_up: str
    change: float
    low: float | None
    high: float | None
    distinguishable: bool
    same: bool


@dataclass(frozen=True)
class Waterfall:
    """Ceiling plus the changes equals the final quality exactly; every quality is measured."""

    ceiling: float
    falls: tuple[Fall, ...]
    final: float


def path(case: Case, design: Design) -> tuple[Design, ...]:
    """The designs from the ceiling down to the present one, one step at a time; equal designs are kept."""
    rungs = climbed(case)
    raw = replace(design, **{name: value for rung in rungs for name, value in rung.values(design).items()})
    designs = [canonical(raw)]
    for rung in rungs:
        raw = replace(raw, **{name: getattr(design, name) for name in rung.ideal})
        designs.append(canonical(raw))
    return tuple(designs)


def climbed(case: Case) -> tuple[AblationStep, ...]:
    """The ablation steps of a case that have knobs."""
    return tuple(rung for rung in case.ablation_steps if rung.ideal)


def left_out(case: Case) -> tuple[AblationStep, ...]:
    """The ablation steps of a case that give a reason instead of knobs."""
    return tuple(rung for rung in case.ablation_steps if rung.why_not)


def missing(case: Case, design: Design, known: Mapping[Design, Measurement]) -> list[Design]:
    """The distinct designs of the path that are not measured yet."""
    return [step for step in dict.fromkeys(path(case, design)) if step not in known]


def waterfall(case: Case, design: Design, known: Mapping[Design, Measurement], seed: int = SEED) -> Waterfall | None:
    """The waterfall over measured designs; None without steps or where a run lacks the first quality.

    Raises KeyError when a design of the path was not measured.
    """
    key, designs = case.qualities[0].key, path(case, design)
    runs = [known[step] for step in designs]
    if len(designs) < 2 or any(key not in run.quality for run in runs):
        return None
    pairs = zip(climbed(case), designs, designs[1:], runs, runs[1:], strict=False)
    falls = tuple(_fall(rung, before, after, was, now, key, seed) for rung, before, after, was, now in pairs)
    return Waterfall(runs[0].quality[key].value, falls, runs[-1].quality[key].value)


def _fall(
    rung: AblationStep, before: Design, after: Design, was: Measurement, now: Measurement, key: str, seed: int
) -> Fall:  # fmt: skip
    a, b = was.quality[key], now.quality[key]
    change, given = b.value - a.value, _given_up(before, after)
    if before == after:
        return Fall(rung.label, "", 0.0, 0.0, 0.0, False, True)
    tested = paired_change(a, b, seed)
    if tested is None:
        apart = a.high < b.low or b.high < a.low
        return Fall(rung.label, given, change, None, None, apart, False)
    return Fall(rung.label, given, change, tested.low, tested.high, tested.distinguishable, False)


def _given_up(before: Design, after: Design) -> str:
    return ", ".join(f"{knob.label.lower()} {knob.text(to)}" for knob, _, to in differences(before, after))


def ideal_words(case: Case, design: Design) -> str:
    """The ceiling's design in words, by the knobs that differ from the present one."""
    top, shown = path(case, design)[0], describe(path(case, design)[0])
    labels = [knobs(type(design))[knob.name].label for knob, _, _ in differences(design, top)]
    return ", ".join(f"{label.lower()} {shown[label]}" for label in labels if label in shown) or "the present design"
