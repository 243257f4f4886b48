"""A mock interview as a JSON file: written here, and read back as the untrusted text that an upload is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from core.contract.json_file import fitted, parsed
from core.interview.mock_interview import VERSION, Ball, Entry, Rehearsal

WHAT = "a transcript of a rehearsal"


def to_json(rehearsal: Rehearsal) -> str:
    """The whole mock interview as JSON."""
    return json.dumps(asdict(rehearsal), ensure_ascii=False, indent=1)


def from_json(content: str | bytes) -> Rehearsal:
    """Read the output of `to_json`; ValueError with a message for the reader for anything else."""
    from core.interview.transcript_schema import TranscriptPart

    whole = parsed(content, WHAT)
    version = whole.get("version")
    if isinstance(version, int) and version != VERSION:
        raise ValueError(f"This transcript is of version {version!s:.20}; this app reads {VERSION}.")
    fields = fitted(TranscriptPart, whole, WHAT).model_dump()
    entries, balls = (
        [Entry(**entry) for entry in fields.pop("entries")],
        [_ball(**ball) for ball in fields.pop("balls")],
    )
    return Rehearsal(entries=entries, balls=balls, missed=tuple(fields.pop("missed")), **fields)


def _ball(before: list[str], broke: list[str] | None, **fields: Any) -> Ball:
    return Ball(before=tuple(before), broke=None if broke is None else tuple(broke), **fields)
