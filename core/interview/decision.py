"""The decision card of a step: the choice, its figures, the binding constraint, the reason and the risks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.analysis.figures import Figure, figures_of
from core.checks.common import checks_of
from core.contract.case import Case, Source
from core.contract.check import Check
from core.contract.design import knobs
from core.contract.interview_spec import STEPS, Claim
from core.serving.evaluate import Evaluated

MOST_CHARACTERS = 600  # of a rationale


@dataclass(frozen=True)
class Decision:
    """The card of one step: the choice and the figures of the design."""

    evaluated: Evaluated
    step: str
    question: str
    choice: Mapping[str, str]  # knob label → option, in words
    primary: Figure
    guardrail: Figure | None  # None where this design does not report it
    rationale: str
    could_go_wrong: tuple[str, ...]


def decide(evaluated: Evaluated, step: str, rationale: str = "") -> Decision:
    """The decision card of a step; KeyError for an unknown step or a case without an interview."""
    case, design = evaluated.case, evaluated.design
    if case.interview is None or step not in STEPS:
        raise KeyError(f"{case.slug} has no step {step!r}")
    stop, described = case.interview.stops[step], knobs(case.Design)
    return Decision(
        evaluated=evaluated,
        step=step,
        question=stop.decision,
        choice={described[name].label: described[name].text(getattr(design, name)) for name in stop.knobs},
        primary=figures_of(case)[case.qualities[0].key],
        guardrail=guardrail(evaluated),
        rationale=tidy(rationale),
        could_go_wrong=stop.pitfalls,
    )


def guardrail(evaluated: Evaluated) -> Figure | None:
    """The guardrail figure; None where the design does not report it, KeyError where the case has none."""
    case = evaluated.case
    figure = figures_of(case)[case.interview.guardrail]
    return figure if figure.key in figures_of(case, evaluated) else None


def expected_points(case: Case, step: str) -> tuple[str, ...]:
    """What a good answer at a step touches: the decision, what is known, and what could go wrong."""
    stop, described, checks = case.interview.stops[step], knobs(case.Design), checks_of(case)
    by = ", ".join(described[name].label for name in stop.knobs)
    decides = f"Decides: {stop.decision}" + (f" ({by})" if by else "")
    known = [f"Knows: {sentence(remark, backing(case, checks, remark))}" for remark in stop.remarks]
    return (decides, *known, *(f"Warns of: {pitfall}" for pitfall in stop.pitfalls))


def tidy(rationale: str) -> str:
    """A visitor's text without control characters and surrounding blanks, cut at MOST_CHARACTERS."""
    return "".join(c for c in rationale if c.isprintable() or c == "\n").strip()[:MOST_CHARACTERS]


def backing(case: Case, checks: tuple[Check, ...], remark: Claim) -> Check | Source:
    """The check or source behind a remark; KeyError for an unknown id or title."""
    by_id = {check.id: check for check in checks}
    by_title = {source.title: source for source in (*case.sources, *(published.source for published in case.published))}
    behind = by_id.get(remark.backed_by) or by_title.get(remark.backed_by)
    if behind is None:
        raise KeyError(f"{case.slug}: nothing backs a remark: {remark.backed_by!r} is no check and no source")
    return behind


def sentence(remark: Claim, behind: Check | Source) -> str:
    """The text of a remark: its check's sentence, so that both say the same, else its own text."""
    return behind.sentence if isinstance(behind, Check) else remark.text
