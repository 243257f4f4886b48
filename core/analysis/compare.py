"""Designs side by side: every figure against a reference, who dominates, and what the largest difference is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, log
from typing import Any

from core.analysis.explain import JUST_NOISE, paired, quality_change, ratio_change
from core.analysis.tradeoff_table import COSTS, badge_of
from core.contract.case import SEED, Case, Measurement, QualityAxis
from core.contract.design import Knob, data_dials, differences, knobs
from core.formatting import figure_text
from core.metrics import Better
from core.serving.cost import Assessment

NOISE = {"p50_ms": JUST_NOISE, "p99_ms": JUST_NOISE, "load_p99_ms": JUST_NOISE, "build_s": JUST_NOISE, "usd": 0.05}
NO_DIFFERENCE = "no difference this data can tell from noise"
MOST_KNOBS = 3  # named in a sentence


@dataclass(frozen=True)
class Contender:
    """A measured design under a letter, with what it takes to serve the load."""

    letter: str
    design: Any
    seed: int
    measured: Measurement
    assessed: Assessment

    def same_world(self, other: Contender) -> bool:
        """True when both were asked the same queries over the same data, so that they can be paired."""
        return self.seed == other.seed and data_dials(self.design) == data_dials(other.design)


@dataclass(frozen=True)
class Fact:
    """One figure of a comparison: how to read it off a design, and which way is better."""

    key: str
    label: str
    unit: str
    better: Better
    badge: str
    read: Callable[[Contender], float]
    axis: QualityAxis | None = None  # of a quality

    def text(self, of: Contender) -> str:
        """The figure as a reader sees it."""
        return figure_text(self.read(of), self.unit)


@dataclass(frozen=True)
class Delta:
    """A figure of one design against the same figure of another: in words, and "better", "worse" or "same"."""

    fact: Fact
    before: float
    after: float
    text: str
    side: str

    @property
    def size(self) -> float:
        """How large the difference is, as the logarithm of the factor; 0 where it may be noise."""
        if self.side == "same" or not (0 < self.before < inf and 0 < self.after < inf):
            return 0.0
        return abs(log(self.after / self.before))


@dataclass(frozen=True)
class Tested:
    """A paired test of one quality between the reference and another design."""

    label: str
    letter: str
    mean: float
    low: float
    high: float
    n_queries: int
    words: str


READ: dict[str, Callable[[Contender], float]] = {
    "p50_ms": lambda c: c.measured.percentiles_ms["p50"].value,
    "p99_ms": lambda c: c.measured.percentiles_ms["p99"].value,
    "load_p99_ms": lambda c: c.assessed.p99_ms,
    "usd": lambda c: c.assessed.total_usd,
    "memory_mb": lambda c: c.measured.memory_bytes / 1e6,
    "build_s": lambda c: c.measured.build_s,
}


def facts(case: Case, contenders: Sequence[Contender]) -> list[Fact]:
    """The figures that every one of these designs has: qualities first, then times, memory, build and cost."""
    shared = [q for q in case.qualities if all(q.key in c.measured.quality for c in contenders)]
    qualities = [
        Fact(q.key, q.label, "", q.better, q.badge, lambda c, k=q.key: c.measured.quality[k].value, q) for q in shared
    ]
    made = any(c.measured.shipped_s for c in contenders)  # vectors that come made: their build time is modelled
    return qualities + [
        Fact(
            key,
            axis.label,
            axis.unit,
            axis.better,
            "modelled" if made and key == "build_s" else badge_of(case, key),
            READ[key],
        )
        for key, axis in COSTS.items()
        if key in READ
    ]


def delta(fact: Fact, reference: Contender, other: Contender) -> Delta:
    """One figure against the reference's; a difference that may be noise is neither better nor worse."""
    before, after = fact.read(reference), fact.read(other)
    if fact.axis is None:
        change = ratio_change(fact.key, fact.label, before, after, NOISE.get(fact.key, 0.0))
        text, apart = change.text, change.distinguishable
        if apart and _overlap(fact.key, reference, other):
            text, apart = f"{text}, intervals overlap", False
    elif reference.same_world(other):
        change = quality_change(fact.axis, reference.measured, other.measured, SEED)
        text, apart = change.text, change.distinguishable
    else:
        one, two = (c.measured.quality[fact.key] for c in (reference, other))
        text, apart = f"{after - before:+.3f} (other data)", one.high < two.low or two.high < one.low
    gained = (after > before) == (fact.better == "higher")
    side = ("better" if gained else "worse") if apart and after != before else "same"
    return Delta(fact, before, after, text.removeprefix(fact.label).strip(), side)


def _overlap(key: str, one: Contender, other: Contender) -> bool:
    """True for a percentile of the service time whose 95 % intervals touch; a figure without interval has none."""
    name = key.removesuffix("_ms")
    a, b = (c.measured.percentiles_ms.get(name) for c in (one, other))
    return a is not None and b is not None and a.low <= b.high and b.low <= a.high


def deltas(case: Case, reference: Contender, other: Contender) -> list[Delta]:
    """Every figure that both have, against the reference's."""
    return [delta(fact, reference, other) for fact in facts(case, (reference, other))]


def paired_tests(case: Case, reference: Contender, others: Iterable[Contender]) -> list[Tested]:
    """Every quality of every other design against the reference's, over the same queries; other data are left out."""
    found = []
    for other in others:
        shared = [f.axis for f in facts(case, (reference, other)) if f.axis] if reference.same_world(other) else []
        for axis in shared:
            test = paired(axis, reference.measured, other.measured)
            if test is not None:
                better = (test.mean > 0) == (axis.better == "higher")
                words = f"{'better' if better else 'worse'} than {reference.letter.upper()}"
                n = len(other.measured.quality[axis.key].per_query)
                said = words if test.distinguishable else NO_DIFFERENCE
                label = f"{axis.label} ({axis.badge})"
                found.append(Tested(label, other.letter, test.mean, test.low, test.high, n, said))
    return found


def knob_rows(contenders: Sequence[Contender]) -> tuple[list[tuple[str, list[str]]], list[tuple[str, str]]]:
    """(label, option of each) of the knobs that differ; (label, option) of those that are the same and do something."""
    Design = type(contenders[0].design)
    differ, same = [], []
    for name, each in knobs(Design).items():
        texts = [_option(each, name, c.design) for c in contenders]
        if len(set(texts)) > 1:
            differ.append((each.label, texts))
        elif each.active(contenders[0].design):
            same.append((each.label, texts[0]))
    if len({c.seed for c in contenders}) > 1:
        differ.append(("Seed", [str(c.seed) for c in contenders]))
    return differ, same


def _option(each: Knob, name: str, design: Any) -> str:
    return each.text(getattr(design, name)) if each.active(design) else "–"


def dominance(case: Case, contenders: Sequence[Contender]) -> str:
    """The design that is nowhere worse and somewhere better than each other one; where none is, who leads on what."""
    for one in contenders:
        against = {c.letter: deltas(case, c, one) for c in contenders if c is not one}
        if against and all(dominates(found) for found in against.values()):
            return _dominates(one, against)
    ahead = {c.letter: _ahead(case, c, contenders) for c in contenders}
    told = [f"{letter.upper()} is ahead on {', '.join(labels)}" for letter, labels in ahead.items() if labels]
    return "**None dominates.** " + ("; ".join(told) + "." if told else f"Between them there is {NO_DIFFERENCE}.")


def dominates(found: Sequence[Delta]) -> bool:
    """True when no figure is worse and one is better."""
    sides = [each.side for each in found]
    return "worse" not in sides and "better" in sides


def _dominates(one: Contender, against: dict[str, list[Delta]]) -> str:
    told = []
    for letter, found in against.items():
        better = [each.fact.label for each in found if each.side == "better"]
        even = [each.fact.label for each in found if each.side == "same"]
        rest = f" (not told apart on {', '.join(even)})" if even else ""
        told.append(f"better than {letter.upper()} on {', '.join(better)}{rest}")
    return f"**{one.letter.upper()} dominates.** It is worse on no figure, and {'; '.join(told)}."


def _ahead(case: Case, one: Contender, contenders: Sequence[Contender]) -> list[str]:
    """The figures on which no other is better and one at least is worse."""
    found = [{d.fact.label: d.side for d in deltas(case, c, one)} for c in contenders if c is not one]
    shared = [f.label for f in facts(case, contenders)]
    return [
        label
        for label in shared
        if all(sides[label] != "worse" for sides in found) and any(sides[label] == "better" for sides in found)
    ]


def largest_difference(case: Case, reference: Contender, others: Iterable[Contender]) -> str:
    """The largest difference of a cost and of a quality from the reference, the part it arises in, and the knobs."""
    pairs = [(other, each) for other in others for each in deltas(case, reference, other)]
    largest = []
    for kind in (False, True):
        some = [(other, each) for other, each in pairs if (each.fact.axis is not None) == kind and each.size > 0]
        largest += [max(some, key=lambda pair: pair[1].size)] if some else []
    if not largest:
        return f"Between these designs there is {NO_DIFFERENCE}."
    told = [_explained(reference, other, each) for other, each in largest]
    if len({other.letter for other, _ in largest}) == 1:  # the same knobs stand behind both: say them once
        return f"{' '.join(told)} {_cause(reference, largest[0][0])}"
    return " ".join(f"{text} {_cause(reference, other)}" for text, (other, _) in zip(told, largest, strict=True))


def _explained(reference: Contender, other: Contender, largest: Delta) -> str:
    fact, kind = largest.fact, "quality" if largest.fact.axis else "what it costs"
    return (
        f"The largest difference in {kind} is {fact.label}: {fact.text(other)} for {other.letter.upper()}, "
        f"{fact.text(reference)} for {reference.letter.upper()} ({largest.text})"
        f"{_where(fact.key, reference, other)}."
    )


def _cause(reference: Contender, other: Contender) -> str:
    changed = differences(reference.design, other.design)
    told = [f"{knob.label.lower()} {knob.text(a)} → {knob.text(b)}" for knob, a, b in changed]
    if not reference.same_world(other):
        return "The two run on other data, so it is not the design alone."
    if len(told) == 1:
        return f"One knob differs: {told[0]}."
    rest = f" and {len(told) - MOST_KNOBS} more" if len(told) > MOST_KNOBS else ""
    knobs_told = ", ".join(told[:MOST_KNOBS])
    return f"{len(told)} knobs differ ({knobs_told}{rest}), so these two alone do not say which of them did it."


def _where(key: str, reference: Contender, other: Contender) -> str:
    """The part whose difference is the largest, where the figure has parts and they were measured."""
    unit = COSTS[key].unit if key in COSTS else ""
    before, after = _parts(key, reference), _parts(key, other)
    if len(before | after) < 2:
        return ""
    part = max(before | after, key=lambda name: abs(after.get(name, 0.0) - before.get(name, 0.0)))
    texts = [figure_text(parts[part], unit) if part in parts else "nothing" for parts in (before, after)]
    a_mean = " of the mean request" if unit == "ms" else ""
    return f"; the part that differs most is {part}{a_mean}, {texts[0]} → {texts[1]}"


def _parts(key: str, of: Contender) -> dict[str, float]:
    if key in ("p50_ms", "p99_ms", "load_p99_ms"):
        return {name: float(part.mean()) for name, part in of.measured.parts_ms.items()}
    if key == "usd":
        return {name: value for name, value in of.assessed.usd_per_month.items() if isfinite(value)}
    found: dict[str, float] = {}
    for each in of.measured.steps if key == "build_s" else ():
        found[each.name] = found.get(each.name, 0.0) + each.cpu_s
    return found
