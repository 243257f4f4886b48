"""Pinned designs as a link that can be shared: `case=toy&a=dim-64~seed-0&b=dim-4~seed-0`.

A design is written by the knobs that stand off their defaults, since some cases have two dozen. A mark of the defaults
goes with it: a link made before a default changed opens the designs of then where the case remembers those defaults
(`FORMER_DEFAULTS` of its design), and says so where it does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contract.case import SEED, Case
from core.contract.design import (
    LINK_VERSION,
    Design,
    former_defaults,
    from_pairs,
    from_query,
    knobs,
    left_out,
    without_punctuation,
)

LETTERS = "abcde"  # as many designs as the charts have symbols and colours
BETWEEN, IS = "~", "-"  # the signs that an address leaves as they are; no name of a knob holds a "-"
MOST_TEXT = 2_000  # characters of one design in a link
WORDS = ("case", "ref", "v", "defaults")


@dataclass(frozen=True)
class Pin:
    """A design and the seed it was measured with."""

    design: Design
    seed: int = SEED


@dataclass(frozen=True)
class Opened:
    """What a link asked for, as near as it can be had, and a sentence for all that had to be changed."""

    case: Case | None
    pins: tuple[Pin, ...]
    reference: int
    notes: tuple[str, ...]


def to_link(case: Case, pins: Sequence[Pin], reference: int = 0) -> dict[str, str]:
    """The pins of a case as link parameters, at most as many as there are letters."""
    link = {"case": case.slug, **{letter: _text(pin) for letter, pin in zip(LETTERS, pins, strict=False)}}
    if pins:
        link["ref"] = LETTERS[reference]
    return {**link, "v": LINK_VERSION, "defaults": defaults_mark(case)}


def defaults_mark(case: Case) -> str:
    """Eight letters that change when a default of the case does."""
    text = ";".join(f"{name}={each.default}" for name, each in knobs(case.Design).items())
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def from_link(cases: Mapping[str, Case], query: Mapping[str, str]) -> Opened:
    """The case and the nearest valid pins of a link; an unknown case opens none."""
    slug = without_punctuation(query.get("case", ""))
    case = cases.get(slug)
    if case is None:
        said = f"There is no case “{slug[:40]}”." if slug else "The link names no case."
        return Opened(None, (), 0, (said,))
    mark, former = without_punctuation(query.get("defaults", "")), former_defaults(case.Design)
    pins, letters, notes = _pins(case, query, former.get(mark, {}))
    if pins and mark not in ("", defaults_mark(case), *former):
        notes.append("Defaults of this case have changed since the link was made; what it does not name is at today's.")
    unknown = [name for name in query if name not in (*WORDS, *LETTERS)]
    notes += left_out(unknown, "a part of a comparison", "parts of a comparison")
    asked = without_punctuation(query.get("ref", ""))
    if pins and asked and asked not in letters:
        notes.append(f"“{asked[:40]}” is not among the designs, so {LETTERS[0].upper()} is the reference.")
    return Opened(case, tuple(pins), letters.index(asked) if asked in letters else 0, tuple(notes))


def _pins(case: Case, query: Mapping[str, str], defaults: Mapping[str, Any]) -> tuple[list[Pin], list[str], list[str]]:
    """The designs of a link with their letters and notes; `defaults` are those that differed when it was made."""
    pins: list[Pin] = []
    letters: list[str] = []
    notes: list[str] = []
    for letter in LETTERS:
        if letter not in query:
            continue
        fields, doubled = from_pairs(_fields(query[letter]))
        fields = {name: str(value) for name, value in defaults.items()} | fields
        design, seed, said = from_query(case.Design, fields)
        notes += [f"{letter.upper()}, {note}" for note in doubled + said]
        if Pin(design, seed) in pins:
            notes.append(f"{letter.upper()} is the same design as another and was left out.")
            continue
        pins.append(Pin(design, seed))
        letters.append(letter)
    return pins, letters, notes


def _text(pin: Pin) -> str:
    off = [(name, each) for name, each in knobs(type(pin.design)).items() if getattr(pin.design, name) != each.default]
    fields = [f"{name}{IS}{getattr(pin.design, name)}" for name, _ in off]
    return BETWEEN.join([*fields, f"seed{IS}{pin.seed}"])


def _fields(text: str) -> list[tuple[str, str]]:
    """(knob, option) as texts; a part without a "-" becomes a name that no knob has."""
    parts = (part.partition(IS) for part in text[:MOST_TEXT].split(BETWEEN))
    return [(name, option) for name, _, option in parts if name]
