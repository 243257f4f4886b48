"""The design document: what was asked, what was chosen and why, what it gives, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.analysis.compare import compared_figures
from core.charts import tradeoff_summary
from core.contract.case import Requirements
from core.contract.design import describe
from core.contract.interview_spec import STEPS
from core.diagram import describe as describe_drawing
from core.export.blocks import Block, Heading, Link, Paragraph, Picture, Table, Written, as_html, as_markdown
from core.export.figures import chart_axes, charts, drawing
from core.export.subject import Subject, rejected
from core.formatting import count_text, figure_text, rate_text, usd_text
from core.runtime.timing import environment
from core.serving.prices import dials
from core.serving.slo import Constraint

MOST_TYPED = 2_000  # characters of one field


@dataclass(frozen=True)
class Field:
    """One thing that only the visitor can say."""

    key: str
    label: str
    help: str
    required: bool = True


FIELDS = (
    Field("decision", "Decision", "What is decided, in one sentence."),
    Field("rationale", "Why this design", "Which figure decided, and what was given up for it."),
    Field("primary", "Primary metric and guardrail", "What is optimised, and what must not get worse."),
    Field("alternatives", "Other alternatives", "What was considered and not measured here, and why not.", False),
    Field("risks", "Risks", "What could go wrong, and what would be watched."),
    Field("next", "Next step", "What would be done first.", False),
)


def markdown(subject: Subject, typed: Mapping[str, str]) -> str:
    """The document as Markdown; drawing and charts are told in words."""
    return as_markdown(blocks(subject, typed))


def html(subject: Subject, typed: Mapping[str, str]) -> str:
    """The document as one HTML file with the drawing and the charts in it."""
    return as_html(f"{subject.case.title}: design document", blocks(subject, typed))


def blocks(subject: Subject, typed: Mapping[str, str]) -> list[Block]:
    """The document's parts in order."""
    said = {field.key: Written(typed.get(field.key, "")[:MOST_TYPED], field.required) for field in FIELDS}
    return [
        Heading(f"{subject.case.title}: design document", 1),
        Paragraph(subject.case.question),
        *_titled("Decision", [said["decision"]]),
        *_titled("Requirements", [_requirements(subject), Paragraph(subject.present.scenario.requirements.source)]),
        *_titled("The design", [_design(subject), *_drawing(subject)]),
        *_titled("What it gives", [_figures(subject), *_charts(subject)]),
        *_titled("Can it ship?", _verdict(subject)),
        *_titled("What it costs a month", [_costs(subject)]),
        *_titled("Why this design", [said["rationale"], *_decisions(subject)]),
        *_titled("Primary metric and guardrail", [said["primary"]]),
        *_titled("Rejected alternatives", [_rejected(subject), said["alternatives"]]),
        *_titled("Risks", [said["risks"], *_pitfalls(subject)]),
        *(_titled("Next step", [said["next"]]) if said["next"].text.strip() else []),
        *_titled("How to get these figures again", [Link(subject.address), _stamp(subject)]),
    ]


def _titled(title: str, parts: list[Block]) -> list[Block]:
    return [Heading(title), *parts]


def _requirements(subject: Subject) -> Block:
    load = _load(subject.present.scenario.requirements)
    return Table(("what", "asked"), [*load, *((limit.label, _asked(limit)) for limit in subject.present.constraints)])


def _load(requirements: Requirements) -> list[tuple[str, str]]:
    items_are, new = requirements.items_are, requirements.new_items_a_day
    scale = [(items_are, requirements.items), (f"new {items_are} a day", new)]
    return [
        (f"{requirements.users_are} a day", count_text(requirements.daily_users)),
        ("requests of each", count_text(requirements.requests_per_user)),
        ("busiest second against the mean", f"×{requirements.peak_factor:g}"),
        ("load at peak", rate_text(requirements.peak_rps)),
        *((name, count_text(value)) for name, value in scale if value is not None),
    ]


def _asked(limit: Constraint) -> str:
    way = "at most" if limit.better == "lower" else "at least"
    return f"{way} {figure_text(limit.asked, limit.unit)}"


def _design(subject: Subject) -> Block:
    case, present = subject.case, subject.present
    data = case.data if isinstance(case.data, str) else case.data(present.design)
    return Table(("knob", "choice"), [*describe(present.design).items(), ("Data", data), ("Seed", str(present.seed))])


def _drawing(subject: Subject) -> list[Block]:
    return [Picture(drawing(subject), describe_drawing(subject.drawing))]


def _figures(subject: Subject) -> Block:
    present = subject.present
    rows = [
        (figure.label, figure.text(present), figure.interval_text(present), figure.badge_of(present))
        for figure in compared_figures(present)
    ]
    return Table(("figure", "value", "95 % interval", "kind"), rows)


def _verdict(subject: Subject) -> list[Block]:
    present = subject.present
    rows = [
        (limit.label, _asked(limit), figure_text(limit.got, limit.unit), "meets" if limit.met else "misses")
        for limit in present.constraints
    ]
    verdict = "It can ship; what binds is" if present.feasible else "It cannot ship; what rules it out first is"
    return [Table(("asked of", "asked", "given", "verdict"), rows), Paragraph(f"{verdict} {present.binding.label}.")]


def _charts(subject: Subject) -> list[Block]:
    if not subject.rows:
        return []
    pairs = zip(charts(subject).values(), chart_axes(subject), strict=True)
    return [Picture(svg, tradeoff_summary(rows, x, y)) for svg, (rows, x, y) in pairs]


def _costs(subject: Subject) -> Block:
    assessment = subject.present.assessment
    parts = [(part, usd_text(value), "modelled") for part, value in assessment.usd_per_month.items()]
    total = ("together", usd_text(assessment.total_usd), "modelled")
    replicas = ("replicas", f"{assessment.replicas:,}, {assessment.utilisation:.0%} busy", "modelled")
    return Table(("part", "dollars a month", "kind"), [*parts, total, replicas])


def _rejected(subject: Subject) -> Block:
    rows = rejected(subject)
    if not rows:
        return Paragraph("No other design was measured on these data.")
    return Table(("measured design", "why not"), rows)


def _decisions(subject: Subject) -> list[Block]:
    """What was decided at the seven steps, where the visitor has said why."""
    rows = [
        (STEPS[made.step], made.question, ", ".join(f"{a}: {b}" for a, b in made.choice.items()), made.rationale)
        for made in subject.decisions
    ]
    return [Table(("step", "decision", "choice", "why"), rows)] if rows else []


def _pitfalls(subject: Subject) -> list[Block]:
    """What the case's own seven steps warn of, to be ticked off against what was written."""
    stops = subject.case.interview.stops if subject.case.interview else {}
    rows = [(STEPS[step], pitfall) for step, stop in stops.items() for pitfall in stop.pitfalls]
    return [Table(("step", "what often goes wrong in this case"), rows)] if rows else []


def _stamp(subject: Subject) -> Block:
    scenario = subject.present.scenario
    prices = [
        (name.replace("_", " "), f"{assumed.value:g} {assumed.unit} ({assumed.source}, {assumed.as_of})")
        for name, dial in dials(scenario.prices, scenario.requirements.charges).items()
        for assumed in [dial.assumed]
    ]
    made = [("written", subject.made_on)] if subject.made_on else []
    return Table(("what", "value"), [("seed", str(subject.present.seed)), *made, *environment().items(), *prices])
