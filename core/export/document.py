"""The design document: what was asked, what was chosen and why, what it gives, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from core.analysis.compare import compared_figures
from core.analysis.figures import Figure
from core.charts import tradeoff_summary
from core.contract.case import Requirements
from core.contract.design import describe
from core.contract.interview_spec import STEPS
from core.diagram import describe as describe_drawing
from core.export.figures import chart_axes, charts, drawing
from core.export.subject import Subject, rejected
from core.formatting import count_text, figure_text, markdown_text, rate_text, usd_text
from core.runtime.timing import environment
from core.serving.evaluate import Evaluated
from core.serving.prices import dated, dials
from core.serving.slo import NOT_JUDGED, TOO_NOISY, Constraint, ruled_out_by, too_noisy

VERDICTS = {
    "meets": "Meets the SLO. Binding constraint: {}.",
    "misses": "Misses the SLO: {}.",
    "cannot say": "Cannot say yet whether it meets the SLO: {}.",
}
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


@dataclass(frozen=True)
class Written:
    """Text that the visitor typed; empty where a required field was left empty."""

    text: str


@dataclass(frozen=True)
class Table:
    """A head and rows of texts."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """An SVG made here, with its words; a Markdown file has the words alone."""

    svg: str
    words: str


@dataclass(frozen=True)
class Link:
    """The address that opens the design again; only one of http or https can be followed."""

    address: str


Part: TypeAlias = str | Written | Table | Picture | Link  # a str is a paragraph of our own


def markdown(subject: Subject, typed: Mapping[str, str]) -> str:
    """The document as Markdown; drawing and charts are told in words."""
    return _rendered("document.md.jinja", subject, typed)


def html(subject: Subject, typed: Mapping[str, str]) -> str:
    """The document as one HTML file: drawing and charts in it, no script, no network, fit for screen and paper."""
    return _rendered("document.html.jinja", subject, typed)


def _rendered(name: str, subject: Subject, typed: Mapping[str, str]) -> str:
    """The template with every value in it escaped for its format, unless it is marked `safe`."""
    from jinja2 import Environment, FileSystemLoader

    in_html = name.endswith(".html.jinja")
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=in_html,
        finalize=None if in_html else lambda text: text if hasattr(text, "__html__") else markdown_text(text),
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return templates.get_template(name).render(case=subject.case, sections=sections(subject, typed))


def sections(subject: Subject, typed: Mapping[str, str]) -> dict[str, list[Part]]:
    """{heading: its parts} in order; a section without parts is left out."""
    said = {field.key: _said(field, typed) for field in FIELDS}
    parts: dict[str, list[Part]] = {
        "Decision": said["decision"],
        "Requirements": [_requirements(subject), subject.present.scenario.requirements.source],
        "The design": [_design(subject), Picture(drawing(subject), describe_drawing(subject.drawing))],
        "What it gives": [_figures(subject), *_charts(subject)],
        "Can it ship?": _verdict(subject),
        "Cost per month": [_costs(subject)],
        "Why this design": [*said["rationale"], *_decisions(subject)],
        "Primary metric and guardrail": said["primary"],
        "Rejected alternatives": [_rejected(subject), *said["alternatives"]],
        "Risks": [*said["risks"], *_pitfalls(subject)],
        "Next step": said["next"],
        "How to get these figures again": [Link(subject.address), _stamp(subject)],
    }
    return {heading: within for heading, within in parts.items() if within}


def _said(field: Field, typed: Mapping[str, str]) -> list[Part]:
    text = "\n".join(line.strip() for line in typed.get(field.key, "")[:MOST_TYPED].strip().splitlines())
    return [Written(text)] if text or field.required else []


def _requirements(subject: Subject) -> Part:
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


def _design(subject: Subject) -> Part:
    case, present = subject.case, subject.present
    data = case.data if isinstance(case.data, str) else case.data(present.design)
    return Table(("knob", "choice"), [*describe(present.design).items(), ("Data", data), ("Seed", str(present.seed))])


def _figures(subject: Subject) -> Part:
    present = subject.present
    here, base = present.as_measured, f"{present.projected.base:,}"
    rows = [(figure.label, *_at_asked(figure, present), figure.text(here)) for figure in compared_figures(present)]
    return Table(("figure", f"at {present.sized.n_items:,}", "95 % interval", "kind", f"at the {base} measured"), rows)


def _at_asked(figure: Figure, present: Evaluated) -> tuple[str, str, str]:
    """A figure at the size that was asked, its interval and its kind; a quality without a law is of no other size."""
    if figure.quality is not None and not present.quality(figure.key).judged:
        return NOT_JUDGED, "", figure.badge_of(present)
    return figure.text(present), figure.interval_text(present), figure.badge_of(present)


def _verdict(subject: Subject) -> list[Part]:
    present = subject.present
    rows = [
        (limit.label, _asked(limit), TOO_NOISY if limit.noisy else figure_text(limit.got, limit.unit), limit.verdict)
        for limit in present.constraints
    ]
    unsure = present.verdict == "cannot say"
    verdict = VERDICTS[present.verdict].format(ruled_out_by(present.constraints) if unsure else present.binding.label)
    return [Table(("asked of", "asked", "given", "verdict"), rows), verdict]


def _charts(subject: Subject) -> list[Part]:
    if not subject.rows:
        return []
    pairs = zip(charts(subject).values(), chart_axes(subject), strict=True)
    return [Picture(svg, tradeoff_summary(rows, x, y)) for svg, (rows, x, y) in pairs]


def _costs(subject: Subject) -> Part:
    if too_noisy(subject.present.measured):
        return f"The machine was too busy while timing: replicas and the bill are {TOO_NOISY}."
    assessment = subject.present.assessment
    parts = [(part, usd_text(value), "modelled") for part, value in assessment.paid.items()]
    between = assessment.total_between
    ends = "" if between is None else f", {' to '.join(map(usd_text, between))} by the charges' intervals"
    total = ("together", usd_text(assessment.total_usd) + ends, "modelled")
    replicas = ("replicas", f"{assessment.replicas:,}, {assessment.utilisation:.0%} busy", "modelled")
    return Table(("part", "dollars per month", "kind"), [*parts, total, replicas])


def _rejected(subject: Subject) -> Part:
    rows = rejected(subject)
    return Table(("measured design", "why not"), rows) if rows else "No other design was measured on these data."


def _decisions(subject: Subject) -> list[Part]:
    """What was decided at the seven steps, where the visitor has said why."""
    rows = [
        (STEPS[made.step], made.question, ", ".join(f"{a}: {b}" for a, b in made.choice.items()), made.rationale)
        for made in subject.decisions
    ]
    return [Table(("step", "decision", "choice", "why"), rows)] if rows else []


def _pitfalls(subject: Subject) -> list[Part]:
    """What the case's own seven steps warn of, to be ticked off against what was written."""
    stops = subject.case.interview.stops if subject.case.interview else {}
    rows = [(STEPS[step], pitfall) for step, stop in stops.items() for pitfall in stop.pitfalls]
    return [Table(("step", "what often goes wrong in this case"), rows)] if rows else []


def _stamp(subject: Subject) -> Part:
    scenario = subject.present.scenario
    prices = [
        (name.replace("_", " "), f"{assumed.value:,.15g} {assumed.unit} ({assumed.source}, {dated(assumed)})")
        for name, dial in dials(scenario.prices, scenario.requirements).items()
        for assumed in [dial.assumed]
    ]
    made = [("written", subject.made_on)] if subject.made_on else []
    return Table(("what", "value"), [("seed", str(subject.present.seed)), *made, *environment().items(), *prices])
