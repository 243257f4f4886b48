"""Measured differences in words: what a move gains, what it costs, and which differences are noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from core.analysis.figures import FIGURES, Figure, quality_figures
from core.contract.case import SEED, Estimate, Measurement, QualityAxis, paired_change
from core.contract.design import Design, differences
from core.formatting import change_text
from core.metrics import PairedDifference
from core.runtime.identity import ById
from core.serving.evaluate import Evaluated
from core.serving.slo import TOO_NOISY

MOVED = ("p50_ms", "p99_ms", "memory_bytes", "build_s")  # the costs reported for a move


@dataclass(frozen=True)
class Change:
    """One figure before and after, and the change in words."""

    key: str
    before: float
    after: float
    text: str
    distinguishable: bool


def move(before: Design, after: Design) -> str:
    """The knobs that differ, as “effort 8 → 32, re-rank 0 → 50”; empty for equal designs."""
    changed = differences(before, after)
    return ", ".join(f"{knob.label.lower()} {knob.text(a)} → {knob.text(b)}" for knob, a, b in changed)


@lru_cache(maxsize=8_000)
def beside(present: Design, design: Design, most: int = 3) -> str:
    """A design named by the knobs that differ from the present one: “the one with encoder Raw pixels and size 8”."""
    changed = [f"{knob.label.lower()} {knob.text(now)}" for knob, _, now in differences(present, design)]
    if not changed:
        return "this design"
    if len(changed) > most:
        rest = len(changed) - most
        changed = [*changed[:most], f"{rest} more change{'s' * (rest > 1)}"]
    *first, last = changed
    return f"the one with {', '.join(first)} and {last}" if first else f"the one with {last}"


@lru_cache(maxsize=4_000)
def _paired(before: ById, after: ById, seed: int) -> PairedDifference | None:
    return paired_change(before.value, after.value, seed)


def paired(axis: QualityAxis, before: Measurement, after: Measurement, seed: int = SEED) -> PairedDifference | None:
    """The paired test of a quality, after minus before; None where the units are not the same ones."""
    return _paired(ById(before.quality[axis.key]), ById(after.quality[axis.key]), seed)


def unpaired(a: Estimate, b: Estimate) -> str:
    """Why two estimates are not paired, in words."""
    return "other queries" if a.pairable and b.pairable else f"not paired: {(b if a.pairable else a).unit}"


def quality_change(axis: QualityAxis, before: Measurement, after: Measurement, seed: int = SEED) -> Change:
    """A quality before and after, by a paired test where both runs have values of the same units."""
    a, b = before.quality[axis.key], after.quality[axis.key]
    tested = paired(axis, before, after, seed)
    if tested is None:
        apart = a.high < b.low or b.high < a.low
        return Change(axis.key, a.value, b.value, f"{axis.label} {b.value - a.value:+.3f} ({unpaired(a, b)})", apart)
    text = f"{axis.label} {tested.mean:+.3f}" if tested.distinguishable else f"{axis.label} unchanged within noise"
    return Change(axis.key, a.value, b.value, text, tested.distinguishable)


def ratio_change(key: str, label: str, before: float, after: float, noise: float = 0.0) -> Change:
    """A cost before and after as a change: “memory −30 %”, “memory 4× lower”; within `noise` it counts as unchanged."""
    if before <= 0 or after <= 0:
        return Change(key, before, after, f"{label} {before:g} → {after:g}", before != after)
    factor = after / before
    if max(factor, 1 / factor) <= 1 + noise or f"{factor:.2g}" == "1":
        return Change(key, before, after, f"{label} about the same", False)
    return Change(key, before, after, f"{label} {change_text(factor)}", True)


def changes(before: Evaluated, after: Evaluated) -> list[Change]:
    """Every headline figure of a move, qualities first."""
    qualities = quality_figures(after.case, before, after).values()
    return [
        *(quality_change(figure.quality, before.measured, after.measured, after.seed) for figure in qualities),
        *(cost_change(FIGURES[key], before, after) for key in MOVED),
    ]


def cost_change(figure: Figure, before: Evaluated, after: Evaluated) -> Change:
    """A cost or time before and after, as a ratio; where one of them is withheld, there is no change to speak of."""
    if figure.noisy_where(before) or figure.noisy_where(after):
        return Change(figure.key, figure.read(before), figure.read(after), f"{figure.label} {TOO_NOISY}", False)
    change = ratio_change(figure.key, figure.label, figure.read(before), figure.read(after), figure.noise)
    if change.before and change.after:
        return change
    return replace(change, text=f"{figure.label} {figure.text(before)} → {figure.text(after)}")  # no ratio to nothing


def sentence(before: Evaluated, after: Evaluated) -> str:
    """One sentence for a move: the knobs, then the changes; it says so when no figure changed."""
    moved = move(before.design, after.design)
    if not moved:
        return "The same design."
    apart = [change for change in changes(before, after) if change.distinguishable]
    if not apart:
        return f"{moved}: no difference that this data can tell from noise."
    better = {axis.key: axis.better for axis in after.case.qualities}
    gained = any((c.after > c.before) == (better[c.key] == "higher") for c in apart if c.key in better)
    slower = any(c.after > c.before for c in apart if c.key in ("p50_ms", "memory_bytes"))
    bought = " You paid and bought no quality." if slower and not gained else ""
    return f"{moved}: {', '.join(change.text for change in apart)}.{bought}"
