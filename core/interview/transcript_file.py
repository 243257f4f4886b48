"""A mock interview as a JSON file: written here, and read back as the untrusted text that an upload is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from core.contract.interview_spec import STEPS
from core.interview.mock_interview import GRADES, KINDS, MOST_ENTRIES, RUBRIC, VERSION, Ball, Entry, Rehearsal


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
        balls = [_ball(ball) for ball in raw.pop("balls", [])][:MOST_ENTRIES]  # files of older versions have none
        rehearsal = Rehearsal(entries=entries, balls=balls, **{**raw, "missed": _texts(raw.pop("missed", []))})
        if not _sound(rehearsal):
            raise KeyError
        return rehearsal
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, RecursionError):
        raise ValueError("This is not a transcript of a rehearsal, or it was cut off.") from None


def _ball(raw: Mapping[str, Any]) -> Ball:
    broke = raw["broke"]
    return Ball(**{**raw, "before": _texts(raw["before"]), "broke": None if broke is None else _texts(broke)})


def _texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(text, str) for text in raw):
        raise TypeError
    return tuple(raw)


def _sound(rehearsal: Rehearsal) -> bool:
    """Whether every part is of the kind that the pages show."""
    return (
        isinstance(rehearsal.case, str)
        and isinstance(rehearsal.seed, int)
        and rehearsal.step in STEPS
        and _all_texts(rehearsal.notes)
        and rehearsal.notes.keys() <= STEPS.keys()
        and _all_texts(rehearsal.grades)
        and rehearsal.grades.keys() <= RUBRIC.keys()
        and set(rehearsal.grades.values()) <= set(GRADES)
        and all(_sound_entry(entry) for entry in rehearsal.entries)
    )


def _sound_entry(entry: Entry) -> bool:
    return (
        entry.kind in KINDS
        and isinstance(entry.text, str)
        and isinstance(entry.at_s, (int, float))
        and isfinite(entry.at_s)
        and _all_texts(entry.figures)
    )


def _all_texts(raw: Any) -> bool:
    return isinstance(raw, dict) and all(isinstance(text, str) for pair in raw.items() for text in pair)
