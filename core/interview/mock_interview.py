"""The mock interview: its clock, its log and its transcript."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from core.contract.interview_spec import STEPS
from core.formatting import markdown_text

VERSION = 1
# A usual split of 45 minutes; illustrative, since companies differ.
MINUTES = {"clarify": 5, "frame": 5, "data": 7, "model": 8, "training": 6, "serving": 9, "monitoring": 5}
KINDS = ("step", "design", "ball", "broke", "held", "fixed", "end")
MOST_ENTRIES, MOST_TEXT = 500, 4_000

RUBRIC = {
    "scope": "Asked for the load, the bound, the budget and what may go wrong before drawing anything.",
    "framing": "Said what goes in, what comes out and what is learned from, and named another way to frame it.",
    "baseline": "Measured something simple first and said what it costs to beat it.",
    "data": "Knew where the labels come from, split by time where time matters, and looked for leaks.",
    "tradeoff": "Chose by measured figures, with the price of each choice said aloud.",
    "serving": "Found what binds at the peak, and what happens when a replica dies.",
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
class Rehearsal:
    """The state of one mock interview; its log only grows."""

    case: str
    seed: int
    started_s: float  # seconds since the epoch
    step: str = "clarify"
    entries: list[Entry] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)  # step → what the candidate wrote
    grades: dict[str, str] = field(default_factory=dict)  # a key of RUBRIC → one of GRADES
    version: int = VERSION

    def add(self, now_s: float, kind: str, text: str, figures: Mapping[str, str] | None = None) -> None:
        """Add a log entry; at the limit, new entries are dropped."""
        if len(self.entries) < MOST_ENTRIES:
            self.entries.append(Entry(max(0.0, now_s - self.started_s), kind, text[:MOST_TEXT], dict(figures or {})))

    @property
    def balls(self) -> int:
        """The number of curve-balls so far."""
        return sum(entry.kind == "ball" for entry in self.entries)

    @property
    def open_ball(self) -> Entry | None:
        """The last curve-ball until its effect is known and repaired, else None."""
        for entry in reversed(self.entries):
            if entry.kind in ("fixed", "held", "end"):
                return None
            if entry.kind == "ball":
                return entry
        return None

    @property
    def ended(self) -> bool:
        """True after the end."""
        return bool(self.entries) and self.entries[-1].kind == "end"


def judge_ball(rehearsal: Rehearsal, now_s: float, missed: list[str], figures: Mapping[str, str]) -> None:
    """After a curve-ball: log what it broke, that it broke nothing, or how long the repair took."""
    ball = rehearsal.open_ball
    if ball is None:
        return
    broke = any(entry.kind == "broke" and entry.at_s >= ball.at_s for entry in rehearsal.entries)
    if missed and not broke:
        rehearsal.add(now_s, "broke", "; ".join(missed), figures)
    elif not missed:
        took_s = now_s - rehearsal.started_s - ball.at_s
        outcome = f"mended after {clock(took_s)}" if broke else "the design held"
        rehearsal.add(now_s, "fixed" if broke else "held", outcome, figures)


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


def to_json(rehearsal: Rehearsal) -> str:
    """The whole mock interview as JSON."""
    return json.dumps(asdict(rehearsal), ensure_ascii=False, indent=1)


def from_json(text: str) -> Rehearsal:
    """Read the output of `to_json`; ValueError with a message for the reader for anything else."""
    try:
        raw = json.loads(text)
        if raw["version"] != VERSION:
            raise ValueError(f"This transcript is of version {raw['version']!s:.20}; this app reads {VERSION}.")
        entries = [Entry(**entry) for entry in raw.pop("entries")][:MOST_ENTRIES]
        rehearsal = Rehearsal(entries=entries, **raw)
        sound = (
            {e.kind for e in entries} <= set(KINDS) and set(rehearsal.notes) <= set(STEPS) and rehearsal.step in STEPS
        )
        if not sound or set(rehearsal.grades) - set(RUBRIC) or not isinstance(rehearsal.case, str):
            raise KeyError
        return rehearsal
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError):
        raise ValueError("This is not a transcript of a rehearsal, or it was cut off.") from None


def transcript(rehearsal: Rehearsal, title: str) -> str:
    """The transcript in Markdown: log, figures, notes and the rubric."""
    parts = [f"# Rehearsal: {title}", f"Seed {rehearsal.seed}. Figures are measured unless they say modelled."]
    parts += ["## What happened", *map(_line, rehearsal.entries)]
    notes = {name: markdown_text(rehearsal.notes.get(step, "")) for step, name in STEPS.items()}
    parts += ["## Notes", *(f"**{name}.** {note or '*nothing written*'}" for name, note in notes.items())]
    parts += ["## Rubric", "| | shown |\n|---|---|\n" + "\n".join(_graded(rehearsal, name) for name in RUBRIC)]
    return "\n\n".join(parts) + "\n"


def _line(entry: Entry) -> str:
    kind = "Curve-ball" if entry.kind == "ball" else entry.kind.capitalize()
    figures = markdown_text("; ".join(f"{name} {value}" for name, value in entry.figures.items()))
    then = f" ({figures})" if figures else ""
    return f"- {clock(entry.at_s)} **{kind}** {markdown_text(entry.text)}{then}"


def _graded(rehearsal: Rehearsal, name: str) -> str:
    return f"| {RUBRIC[name]} | {rehearsal.grades.get(name, 'not scored')} |"
