"""The decision card of a step: what was chosen, what it gives, what binds, why, and what could go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.contract.case import Case, Estimate, Measurement, QualityAxis, Requirements, Source
from core.contract.check import Check
from core.contract.design import knobs
from core.contract.interview_spec import STEPS, Claim
from core.serving.cost import Assessment
from core.serving.prices import Prices
from core.serving.slo import Constraint, binding, judge

MOST_CHARACTERS = 600  # of a rationale: a decision that needs more is several decisions


@dataclass(frozen=True)
class Shown:
    """A figure of a card: its name, its value, its interval where it has one, its unit and which way is better."""

    label: str
    value: float
    low: float | None
    high: float | None
    unit: str
    better: str
    badge: str


@dataclass(frozen=True)
class Decision:
    """One step's card."""

    step: str
    question: str
    choice: Mapping[str, str]  # knob label → option, in words
    primary: Shown
    guardrail: Shown | None
    binding: Constraint
    rationale: str
    could_go_wrong: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True when the visitor has said why."""
        return bool(self.rationale)


def decide(
    case: Case,
    step: str,
    design: Any,
    measured: Measurement,
    assessed: Assessment,
    needs: Requirements,
    prices: Prices,
    rationale: str = "",
) -> Decision:
    """A step's card for a measured design. KeyError for an unknown step or a case without an interview."""
    if case.interview is None or step not in STEPS:
        raise KeyError(f"{case.slug} has no step {step!r}")
    stop, axis = case.interview.stops[step], case.qualities[0]
    described = knobs(case.Design)
    choice = {described[name].label: described[name].text(getattr(design, name)) for name in stop.knobs}
    return Decision(
        step=step,
        question=stop.decision,
        choice=choice,
        primary=_quality(axis, measured.quality[axis.key]),
        guardrail=figure(case, case.interview.guardrail, measured, assessed),
        binding=binding(judge(measured, assessed, needs, prices, axis)),
        rationale=tidy(rationale),
        could_go_wrong=stop.pitfalls,
    )


def figure(case: Case, key: str, measured: Measurement, assessed: Assessment) -> Shown | None:
    """A quality or a cost by its key; None where this run does not give it. KeyError for a key that is neither."""
    for axis in case.qualities:
        if axis.key == key:
            return _quality(axis, measured.quality[key]) if key in measured.quality else None
    if key in ("p50_ms", "p99_ms"):
        p = measured.percentiles_ms[key.removesuffix("_ms")]
        return Shown(f"{key[:3]} service time", p.value, p.low, p.high, "ms", "lower", "measured")
    costs = {
        "load_p99_ms": ("p99 at the load", assessed.p99_ms, "ms", "modelled"),
        "usd": ("cost", assessed.total_usd, "$/month", "modelled"),
        "memory_mb": ("memory of a replica", measured.memory_bytes / 1e6, "MB", "measured"),
        "build_s": ("build time", measured.build_s, "CPU s", "modelled" if measured.shipped_s else "measured"),
    }
    label, value, unit, badge = costs[key]
    return Shown(label, value, None, None, unit, "lower", badge)


def _quality(axis: QualityAxis, found: Estimate) -> Shown:
    return Shown(axis.label, found.value, found.low, found.high, "", axis.better, axis.badge)


def tidy(rationale: str) -> str:
    """A visitor's text without control characters and surrounding blanks, cut at MOST_CHARACTERS."""
    return "".join(c for c in rationale if c.isprintable() or c == "\n").strip()[:MOST_CHARACTERS]


def backing(case: Case, checks: tuple[Check, ...], remark: Claim) -> Check | Source:
    """The check or the source that backs a remark. KeyError when it is neither an id nor a title of the case."""
    by_id = {check.id: check for check in checks}
    by_title = {source.title: source for source in (*case.sources, *(each.source for each in case.published))}
    found = by_id.get(remark.backed_by) or by_title.get(remark.backed_by)
    if found is None:
        raise KeyError(f"{case.slug}: nothing backs a remark: {remark.backed_by!r} is no check and no source")
    return found


def sentence(remark: Claim, behind: Check | Source) -> str:
    """What a remark says: the sentence of its check, so that it says what is checked, else its own text."""
    return behind.sentence if isinstance(behind, Check) else remark.text
