"""The mock interview: its clock, its log, its curve-balls and its transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.contract.interview_spec import STEPS
from core.formatting import figure_text, markdown_text
from core.serving.slo import TOO_NOISY, Constraint

VERSION = 1
# A usual split of 45 minutes; illustrative, since companies differ.
MINUTES = {"clarify": 5, "frame": 5, "data": 7, "model": 8, "training": 6, "serving": 9, "monitoring": 5}
KINDS = ("step", "design", "ball", "broke", "held", "fixed", "end")
MOST_ENTRIES, MOST_TEXT = 500, 4_000
DESIGN_HELD = "the design held"

RUBRIC = {
    "scope": "Asked for the load, the bound, the budget and what may go wrong before drawing anything.",
    "framing": "Said what goes in, what comes out and what is learned from, and named another way to frame it.",
    "baseline": "Measured something simple first and said what it costs to beat it.",
    "data": "Knew where the labels come from, split by time where time matters, and looked for leaks.",
    "tradeoff": "Chose by measured figures, with the price of each choice said aloud.",
    "serving": "Found the binding constraint at the peak, and what happens when a replica dies.",
    "curve-balls": "Said what broke and why before mending it.",
    "monitoring": "Named what to watch, from which value an alarm goes off, and what happens then.",
}
GRADES = ("not shown", "in part", "well")


@dataclass(frozen=True)
class Entry:
    """A log entry, in seconds after the start, with the figures at that time."""

    at_s: float
    kind: str  # one of KINDS
    text: str
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Ball:
    """A thrown curve-ball: what was missed before it, what it broke, and how it ended."""

    text: str
    at_s: float  # after the start
    before: tuple[str, ...] = ()  # keys of the constraints that were missed before it
    broke: tuple[str, ...] | None = None  # keys of those it newly broke; None until a design ran under it
    impact: str = ""  # what it broke, in words and figures, or why that cannot be said
    outcome: str = ""  # how it ended; empty while something it broke is missed

    @property
    def open(self) -> bool:
        """True until it is known to have broken nothing, or all that it broke is met again."""
        return not self.outcome


@dataclass
class Rehearsal:
    """The state of one mock interview; its log only grows."""

    case: str
    seed: int
    started_s: float | None = None  # seconds since the epoch; None until the page is drawn
    step: str = "clarify"
    entries: list[Entry] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)  # step → what the candidate wrote
    grades: dict[str, str] = field(default_factory=dict)  # a key of RUBRIC → one of GRADES
    balls: list[Ball] = field(default_factory=list)
    missed: tuple[str, ...] = ()  # keys of the constraints that the last design missed
    version: int = VERSION

    def start(self, now_s: float) -> None:
        """Start the clock, once."""
        if self.started_s is None:
            self.started_s = now_s

    def at_s(self, now_s: float) -> float:
        """Seconds since the start; 0 before it."""
        return 0.0 if self.started_s is None else max(0.0, now_s - self.started_s)

    def add(self, now_s: float, kind: str, text: str, figures: Mapping[str, str] | None = None) -> None:
        """Add a log entry; nothing is added after the end, and at the limit all but the end is dropped."""
        if not self.ended and len(self.entries) < MOST_ENTRIES - (kind != "end"):
            self.entries.append(Entry(self.at_s(now_s), kind, text[:MOST_TEXT], dict(figures or {})))

    def throw(self, now_s: float, text: str) -> None:
        """Log a curve-ball, with what was missed before it."""
        self.balls.append(Ball(text, self.at_s(now_s), self.missed))
        self.add(now_s, "ball", text)

    def go_to(self, now_s: float, step: str) -> None:
        """Go to another step and log it. KeyError for an unknown one."""
        if step != self.step:
            self.add(now_s, "step", STEPS[step])
            self.step = step

    def write(self, step: str, text: str) -> None:
        """Keep the notes of a step, at most MOST_TEXT characters."""
        self.notes[step] = text[:MOST_TEXT]

    @property
    def ended(self) -> bool:
        """True after the end."""
        return bool(self.entries) and self.entries[-1].kind == "end"


def judge_balls(
    rehearsal: Rehearsal,
    now_s: float,
    constraints: Sequence[Constraint],
    figures: Mapping[str, str],
    moved: bool = False,
) -> None:
    """After a run: what the new curve-ball broke, and which of the earlier ones are mended.

    A ball is blamed for the constraints that are missed now and were not before it, and mended once these are met.
    While the machine is too busy to say, it waits; once the design has `moved` meanwhile, it is not judged at all.
    """
    for ball in rehearsal.balls:
        if ball.broke is None and ball.impact and moved:
            ball.broke, ball.outcome, ball.impact = (), "not judged", "the machine was too busy before the next move"
        elif ball.broke is None:
            _blame(rehearsal, ball, now_s, constraints, figures)
        elif ball.open and not still_broken(ball, constraints):
            ball.outcome = f"mended after {clock(rehearsal.at_s(now_s) - ball.at_s)}"
            rehearsal.add(now_s, "fixed", f"{ball.outcome}: {ball.text}", figures)
    rehearsal.missed = tuple(limit.key for limit in constraints if limit.verdict == "misses")


def _blame(
    rehearsal: Rehearsal, ball: Ball, now_s: float, constraints: Sequence[Constraint], figures: Mapping[str, str]
) -> None:
    newly = [limit for limit in constraints if limit.verdict == "misses" and limit.key not in ball.before]
    noisy = [limit.label for limit in constraints if limit.noisy and limit.key not in ball.before]
    if newly:
        ball.broke, ball.impact = tuple(limit.key for limit in newly), "; ".join(map(missed_text, newly))
        rehearsal.add(now_s, "broke", ball.impact, figures)
    elif noisy:
        ball.impact = f"{', '.join(noisy)} {TOO_NOISY} yet"
    else:
        earlier = [limit.label for limit in constraints if limit.verdict == "misses"]
        unsure = [f"{limit.label} ({limit.unsure})" for limit in constraints if limit.verdict == "cannot say"]
        parts = [f"missed before it as well: {', '.join(earlier)}"] if earlier else []
        parts += [f"cannot be judged: {', '.join(unsure)}"] if unsure else []
        ball.broke, ball.impact = (), "; ".join(parts)
        ball.outcome = "nothing newly missed" if parts else DESIGN_HELD
        rehearsal.add(now_s, "held", "; ".join([ball.outcome, *parts]), figures)


def still_broken(ball: Ball, constraints: Sequence[Constraint]) -> list[Constraint]:
    """The constraints that the ball broke and that are not known to be met again."""
    return [limit for limit in constraints if limit.key in (ball.broke or ()) and not limit.met]


def missed_text(limit: Constraint) -> str:
    """A constraint with its value and its limit: “cost $938/month, SLO $200/month”."""
    return f"{limit.label} {figure_text(limit.got, limit.unit)}, SLO {figure_text(limit.asked, limit.unit)}"


def clock(seconds: float) -> str:
    """Minutes and seconds as text."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def planned(at_s: float) -> tuple[str, float]:
    """The planned step at a time, and the seconds left in total; the last step after the end."""
    left_s = 60.0 * sum(MINUTES.values()) - at_s
    ends_s = 0.0
    for step, minutes in MINUTES.items():
        ends_s += 60.0 * minutes
        if at_s < ends_s:
            return step, left_s
    return "monitoring", left_s


def log_rows(rehearsal: Rehearsal) -> list[dict[str, str]]:
    """The log as a table of texts: time as m:ss, what happened, and a column per figure, empty where there is none."""
    figures = dict.fromkeys(name for entry in rehearsal.entries for name in entry.figures)
    return [
        {"time": clock(entry.at_s), "what": kind_text(entry.kind), "details": entry.text}
        | {name: entry.figures.get(name, "") for name in figures}
        for entry in rehearsal.entries
    ]


def transcript(rehearsal: Rehearsal, title: str) -> str:
    """The transcript in Markdown: log, figures, notes and the rubric."""
    parts = [f"# Rehearsal: {title}", f"Seed {rehearsal.seed}. Figures are measured unless they say modelled."]
    parts += ["## What happened", *map(_line, rehearsal.entries)]
    notes = {name: markdown_text(rehearsal.notes.get(step, "")) for step, name in STEPS.items()}
    parts += ["## Notes", *(f"**{name}.** {note or '*nothing written*'}" for name, note in notes.items())]
    parts += ["## Rubric", "| | shown |\n|---|---|\n" + "\n".join(_graded(rehearsal, name) for name in RUBRIC)]
    return "\n\n".join(parts) + "\n"


def kind_text(kind: str) -> str:
    """The kind of a log entry, as a reader is told it."""
    return "Curve-ball" if kind == "ball" else kind.capitalize()


def _line(entry: Entry) -> str:
    figures = markdown_text("; ".join(f"{name} {value}" for name, value in entry.figures.items()))
    then = f" ({figures})" if figures else ""
    return f"- {clock(entry.at_s)} **{kind_text(entry.kind)}** {markdown_text(entry.text)}{then}"


def _graded(rehearsal: Rehearsal, name: str) -> str:
    return f"| {RUBRIC[name]} | {rehearsal.grades.get(name, 'not scored')} |"
