"""Rooms: a mock interview that a candidate and an interviewer share on one server, each by a link of their own.

A room lives in this process. It is forgotten some time after its last use, and there are at most so many of them.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.contract.case import Case, Requirements
from core.contract.design import Design
from core.contract.interview_spec import STEPS
from core.formatting import markdown_text
from core.interview.curveballs import drawn
from core.interview.mock_interview import GRADES, MOST_TEXT, Rehearsal, transcript

MOST_ROOMS, IDLE_S = 200, 2 * 3600.0
CODE_BYTES = 12  # 96 bits: a code cannot be guessed
Role = Literal["candidate", "interviewer"]


class RoomsFull(RuntimeError):
    """Every room is in use."""


@dataclass
class ScoreSheet:
    """The interviewer's private part, by step: a grade, the expected points that were made, and notes."""

    grades: dict[str, str] = field(default_factory=dict)  # step → one of GRADES
    points: dict[str, set[int]] = field(default_factory=dict)  # step → positions in its expected points
    notes: dict[str, str] = field(default_factory=dict)

    def grade(self, step: str, grade: str | None) -> None:
        """Grade a step, or take its grade back. ValueError for an unknown grade."""
        if grade is None:
            self.grades.pop(step, None)
        elif grade in GRADES:
            self.grades[step] = grade
        else:
            raise ValueError(f"a grade is one of {', '.join(GRADES)}")

    def tick(self, step: str, point: int, made: bool) -> None:
        """Note whether an expected point was made."""
        made_points = self.points.setdefault(step, set())
        (made_points.add if made else made_points.discard)(point)

    def write(self, step: str, text: str) -> None:
        """Keep the notes of a step, at most MOST_TEXT characters."""
        self.notes[step] = text[:MOST_TEXT]


@dataclass(frozen=True)
class Shown:
    """What the candidate's page shows: the design, the requirements, and its figures and misses in words."""

    design: Design
    requirements: Requirements
    figures: Mapping[str, str]
    missed: tuple[str, ...]


@dataclass
class Room:
    """A shared mock interview: the candidate's part, the interviewer's part and the code of each."""

    rehearsal: Rehearsal
    candidate: str
    interviewer: str
    sheet: ScoreSheet = field(default_factory=ScoreSheet)
    shown: Shown | None = None  # None until the candidate's page has drawn a design
    ball_asked: bool = False  # by the interviewer; the candidate's page throws it
    alone: bool = False  # without an interviewer: a room of one, which outlives a reload of the page
    used_s: float = 0.0

    def role_of(self, code: str) -> Role:
        """Whose code this is."""
        return "interviewer" if code == self.interviewer else "candidate"

    def take_ball(self) -> bool:
        """True once for each curve-ball that the interviewer asked for."""
        asked, self.ball_asked = self.ball_asked, False
        return asked

    def next_ball(self, case: Case) -> str:
        """The words of the next curve-ball; empty before the candidate's page has drawn a design."""
        shown, rehearsal = self.shown, self.rehearsal
        if shown is None:
            return ""
        return drawn(case, shown.requirements, shown.design, rehearsal.seed, len(rehearsal.balls)).text


class Rooms:
    """The open rooms of this process by code; thread-safe. Times are seconds of any clock that only goes forward."""

    def __init__(self, most: int = MOST_ROOMS, idle_s: float = IDLE_S) -> None:
        self._by_code: dict[str, Room] = {}
        self._most, self._idle_s, self._lock = most, idle_s, threading.Lock()

    def open(self, case: str, seed: int, now_s: float, alone: bool = False) -> Room:
        """A new room for a rehearsal of a case, of one where `alone`. Raises RoomsFull where no more fit."""
        with self._lock:
            self._forget_idle(now_s)
            if len(self._by_code) >= 2 * self._most:
                raise RoomsFull(f"All {self._most} rooms of this server are in use. Try later, or rehearse alone.")
            codes = secrets.token_hex(CODE_BYTES), secrets.token_hex(CODE_BYTES)
            room = Room(Rehearsal(case, seed), *codes, used_s=now_s, alone=alone)
            self._by_code |= dict.fromkeys(codes, room)
            return room

    def find(self, code: str, now_s: float) -> Room | None:
        """The room of a code, which counts as a use of it; None where there is no such room any more."""
        with self._lock:
            self._forget_idle(now_s)
            room = self._by_code.get(code)
            if room is not None:
                room.used_s = now_s
            return room

    def close(self, room: Room) -> None:
        """Forget a room."""
        with self._lock:
            for code in (room.candidate, room.interviewer):
                self._by_code.pop(code, None)

    def __len__(self) -> int:
        return len(self._by_code) // 2

    def _forget_idle(self, now_s: float) -> None:
        kept = {code: room for code, room in self._by_code.items() if now_s - room.used_s <= self._idle_s}
        self._by_code = kept


ROOMS = Rooms()


def score_sheet_text(sheet: ScoreSheet, points: Mapping[str, Sequence[str]], rehearsal: Rehearsal, title: str) -> str:
    """The score sheet in Markdown, the transcript below it; `points` maps a step to its expected points."""
    parts = [f"# Score sheet: {title}"]
    for step, name in STEPS.items():
        made = sheet.points.get(step, set())
        parts.append(f"## {name}: {sheet.grades.get(step, 'not scored')}")
        parts.append("\n".join(f"- [{'x' if n in made else ' '}] {text}" for n, text in enumerate(points[step])))
        parts.append(markdown_text(sheet.notes.get(step, "")) or "*no notes*")
    return "\n\n".join(parts) + "\n\n" + transcript(rehearsal, title)
