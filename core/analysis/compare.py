"""Designs side by side: each figure against a reference, the dominating design, and the largest difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log

from core.analysis.explain import cost_change, paired, quality_change
from core.analysis.figures import COMPARED, FIGURES, Figure, quality_figures
from core.contract.case import QualityAxis
from core.contract.design import Design, Knob, differences, knobs
from core.formatting import count_text, figure_text
from core.serving.evaluate import Evaluated

NO_DIFFERENCE = "no difference this data can tell from noise"
MOST_KNOBS = 3  # named in a sentence


@dataclass(frozen=True)
class Lettered:
    """An evaluated design and its letter in a comparison."""

    letter: str
    evaluated: Evaluated


@dataclass(frozen=True)
class Delta:
    """A figure of one design against the reference: the difference in words, and "better", "worse" or "same"."""

    figure: Figure
    before: float
    after: float
    text: str
    side: str

    @property
    def size(self) -> float:
        """The size of the difference as the logarithm of the ratio; 0 where it may be noise."""
        if self.side == "same" or not (0 < self.before < inf and 0 < self.after < inf):
            return 0.0
        return abs(log(self.after / self.before))


@dataclass(frozen=True)
class Tested:
    """A paired test of one quality, reference against candidate."""

    label: str
    letter: str
    mean: float
    low: float
    high: float
    n_queries: int
    words: str


def compared_figures(*evaluated: Evaluated) -> list[Figure]:
    """The figures that all of these designs have: qualities first, then times, cost, memory and build."""
    qualities = quality_figures(evaluated[0].case, *evaluated)
    return [*qualities.values(), *(FIGURES[key] for key in COMPARED)]


def delta(figure: Figure, reference: Evaluated, candidate: Evaluated) -> Delta:
    """One figure of a candidate against the reference; a difference that may be noise is "same"."""
    before, after = figure.read(reference), figure.read(candidate)
    if figure.quality is None:
        change = cost_change(figure, reference, candidate)
        text, apart = change.text, change.distinguishable
        if apart and _overlap(figure, reference, candidate):
            text, apart = f"{text}, intervals overlap", False
    elif reference.same_world(candidate):
        change = quality_change(figure.quality, reference.measured, candidate.measured, candidate.seed)
        text, apart = change.text, change.distinguishable
        paired_side, before, after = change.after - change.before, change.before, change.after
        if figure.projected_where(reference) or figure.projected_where(candidate):
            here = figure.read(candidate.within_world) - figure.read(reference.within_world)
            apart = apart and here * paired_side > 0  # what turns round with the size is not told by the test
            text = f"{text} at the {count_text(candidate.projected.base)} measured, {here:+.3f} at this size"
    else:
        text, apart = f"{after - before:+.3f} (other data)", not _overlap(figure, reference, candidate)
    gained = (after > before) == (figure.better == "higher")
    side = ("better" if gained else "worse") if apart and after != before else "same"
    return Delta(figure, before, after, text.removeprefix(figure.label).strip(), side)


def _overlap(figure: Figure, a: Evaluated, b: Evaluated) -> bool:
    """True for a figure whose 95 % intervals overlap; False for one without intervals."""
    intervals = figure.interval(a), figure.interval(b)
    if None in intervals:
        return False
    (low, high), (other_low, other_high) = intervals
    return low <= other_high and other_low <= high


def deltas(reference: Evaluated, candidate: Evaluated) -> list[Delta]:
    """Every figure that both designs have, candidate against reference."""
    return [delta(figure, reference, candidate) for figure in compared_figures(reference, candidate)]


def paired_tests(reference: Lettered, others: Iterable[Lettered]) -> list[Tested]:
    """A paired test of every quality of every candidate on the reference's data and seed."""
    return [
        tested
        for candidate in others
        if reference.evaluated.same_world(candidate.evaluated)
        for figure in quality_figures(candidate.evaluated.case, reference.evaluated, candidate.evaluated).values()
        if (tested := _tested(figure.quality, reference, candidate)) is not None
    ]


def _tested(axis: QualityAxis, reference: Lettered, candidate: Lettered) -> Tested | None:
    before, after = reference.evaluated, candidate.evaluated
    test = paired(axis, before.measured, after.measured, after.seed)
    if test is None:
        return None
    better = (test.mean > 0) == (axis.better == "higher")
    words = f"{'better' if better else 'worse'} than {reference.letter.upper()}"
    n_queries = after.measured.quality[axis.key].n_units
    verdict = words if test.distinguishable else NO_DIFFERENCE
    return Tested(f"{axis.label} ({axis.badge})", candidate.letter, test.mean, test.low, test.high, n_queries, verdict)


def knob_rows(compared: Sequence[Evaluated]) -> tuple[list[tuple[str, list[str]]], list[tuple[str, str]]]:
    """(label, option of each design) of the knobs that differ; (label, option) of the active knobs that agree."""
    first = compared[0].design
    differ, same = [], []
    for name, knob in knobs(type(first)).items():
        texts = [_option(knob, name, evaluated.design) for evaluated in compared]
        if len(set(texts)) > 1:
            differ.append((knob.label, texts))
        elif knob.active(first):
            same.append((knob.label, texts[0]))
    if len({evaluated.seed for evaluated in compared}) > 1:
        differ.append(("Seed", [str(evaluated.seed) for evaluated in compared]))
    return differ, same


def _option(knob: Knob, name: str, design: Design) -> str:
    return knob.text(getattr(design, name)) if knob.active(design) else "–"


def dominance(compared: Sequence[Lettered]) -> str:
    """A sentence naming the design that dominates all others or, without one, who leads on which figure."""
    for leader in compared:
        against = {c.letter: deltas(c.evaluated, leader.evaluated) for c in compared if c is not leader}
        if against and all(map(dominates, against.values())):
            return _dominates(leader, against)
    ahead = {c.letter: _ahead(c, compared) for c in compared}
    leads = [f"{letter.upper()} is ahead on {', '.join(labels)}" for letter, labels in ahead.items() if labels]
    return "**None dominates.** " + ("; ".join(leads) + "." if leads else f"Between them there is {NO_DIFFERENCE}.")


def dominates(over: Sequence[Delta]) -> bool:
    """True when no figure is worse and at least one is better."""
    sides = [delta.side for delta in over]
    return "worse" not in sides and "better" in sides


def _dominates(leader: Lettered, against: dict[str, list[Delta]]) -> str:
    parts = []
    for letter, over in against.items():
        better = [delta.figure.label for delta in over if delta.side == "better"]
        even = [delta.figure.label for delta in over if delta.side == "same"]
        rest = f" (not told apart on {', '.join(even)})" if even else ""
        parts.append(f"better than {letter.upper()} on {', '.join(better)}{rest}")
    return f"**{leader.letter.upper()} dominates.** It is worse on no figure, and {'; '.join(parts)}."


def _ahead(leader: Lettered, compared: Sequence[Lettered]) -> list[str]:
    """The figures on which no other design is better and at least one is worse."""
    others = [c.evaluated for c in compared if c is not leader]
    sides = [{delta.figure.label: delta.side for delta in deltas(rival, leader.evaluated)} for rival in others]
    labels = [figure.label for figure in compared_figures(*(c.evaluated for c in compared))]
    return [
        label
        for label in labels
        if all(side[label] != "worse" for side in sides) and any(side[label] == "better" for side in sides)
    ]


def largest_difference(reference: Lettered, others: Iterable[Lettered]) -> str:
    """The largest differences in cost and in quality, with the part they arise in and the knobs that differ."""
    pairs = [(candidate, delta) for candidate in others for delta in deltas(reference.evaluated, candidate.evaluated)]
    largest = []
    for of_quality in (False, True):
        some = [pair for pair in pairs if (pair[1].figure.quality is not None) == of_quality and pair[1].size > 0]
        largest += [max(some, key=lambda pair: pair[1].size)] if some else []
    if not largest:
        return f"Between these designs there is {NO_DIFFERENCE}."
    texts = [_explained(reference, candidate, delta) for candidate, delta in largest]
    causes = [_cause(reference.evaluated, candidate.evaluated) for candidate, _ in largest]
    if len({candidate.letter for candidate, _ in largest}) == 1:  # both have the same cause
        return f"{' '.join(texts)} {causes[0]}"
    return " ".join(f"{text} {cause}" for text, cause in zip(texts, causes, strict=True))


def _explained(reference: Lettered, candidate: Lettered, largest: Delta) -> str:
    figure, kind = largest.figure, "quality" if largest.figure.quality else "what it costs"
    return (
        f"The largest difference in {kind} is {figure.label}: {figure.text(candidate.evaluated)} for "
        f"{candidate.letter.upper()}, {figure.text(reference.evaluated)} for {reference.letter.upper()} "
        f"({largest.text}){_where(figure, reference.evaluated, candidate.evaluated)}."
    )


def _cause(reference: Evaluated, candidate: Evaluated) -> str:
    changed = differences(reference.design, candidate.design)
    moves = [f"{knob.label.lower()} {knob.text(a)} → {knob.text(b)}" for knob, a, b in changed]
    if not reference.same_world(candidate):
        return "The two run on other data, so it is not the design alone."
    if len(moves) == 1:
        return f"One knob differs: {moves[0]}."
    rest = f" and {len(moves) - MOST_KNOBS} more" if len(moves) > MOST_KNOBS else ""
    named = ", ".join(moves[:MOST_KNOBS])
    return f"{len(moves)} knobs differ ({named}{rest}), so these two alone do not say which of them did it."


def _where(figure: Figure, reference: Evaluated, candidate: Evaluated) -> str:
    """The part that differs most, for figures whose parts were measured."""
    before, after = _parts(figure.key, reference), _parts(figure.key, candidate)
    if len(before | after) < 2:
        return ""
    part = max(before | after, key=lambda name: abs(after.get(name, 0.0) - before.get(name, 0.0)))
    texts = [figure_text(parts[part], figure.unit) if part in parts else "nothing" for parts in (before, after)]
    a_mean = " of the mean request" if figure.unit == "ms" else ""
    return f"; the part that differs most is {part}{a_mean}, {texts[0]} → {texts[1]}"


def _parts(key: str, evaluated: Evaluated) -> dict[str, float]:
    if key in ("p50_ms", "p99_ms", "load_p99_ms"):
        return {name: float(times.mean()) for name, times in evaluated.measured.parts_ms.items()}
    if key == "usd":
        return {part: usd for part, usd in evaluated.assessment.usd_per_month.items() if isfinite(usd)}
    cpu_s: dict[str, float] = {}
    for step in evaluated.measured.steps if key == "build_s" else ():
        cpu_s[step.name] = cpu_s.get(step.name, 0.0) + step.cpu_s
    return cpu_s
