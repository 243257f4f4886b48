"""The glossary: each term with one sentence and a source."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

DEPTH = r"(?:@(?:\d+|k|N))"  # how many answers a metric looks at
FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Term:
    """A term, its meaning in one sentence, its source and its group."""

    name: str
    meaning: str
    source: str
    url: str
    group: str
    also: tuple[str, ...] = ()  # other spellings

    @property
    def anchor(self) -> str:
        """The term's anchor in links, such as “recall-at-k”."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower().replace("@", " at ")).strip("-")


def _read(entry: Mapping[str, Any]) -> Term:
    return Term(**{**entry, "also": tuple(entry.get("also", ()))})


TERMS: tuple[Term, ...] = tuple(map(_read, tomllib.loads(FILE.read_text(encoding="utf-8"))["term"]))
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(term.group for term in TERMS))


def search(text: str) -> list[Term]:
    """The terms whose name, aliases or meaning contain every word of the text; all terms for an empty text."""
    words = text.casefold().split()
    return [term for term in TERMS if all(word in _searched(term) for word in words)]


def _searched(term: Term) -> str:
    return " ".join((term.name, *term.also, term.meaning)).casefold()


def by_anchor(anchor: str) -> Term | None:
    """The term of an anchor, or None."""
    return next((term for term in TERMS if term.anchor == anchor), None)


@lru_cache(maxsize=4_000)
def occurrences(text: str) -> tuple[tuple[int, int, Term], ...]:
    """(start, end, term) of every known term in a text, in order: whole words, longest match, no overlaps."""
    return tuple((at.start(), at.end(), _meant(at.group())) for at in _pattern().finditer(text))


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted(_spelt_as_is(), key=len, reverse=True)
    return re.compile(rf"(?<![\w@])(?:{'|'.join(map(_written, names))})(?!\w)")


def _written(name: str) -> str:
    """The pattern of a name: with or without a list depth, case-insensitive except for abbreviations."""
    stem = name.removesuffix("@k")
    pattern = re.escape(stem) + DEPTH + ("" if name != stem else "?")
    return pattern if _abbreviation(name) else f"(?i:{pattern})"


def _abbreviation(name: str) -> bool:
    return sum(letter.isupper() for letter in name) > 1


def _spelt_as_is() -> dict[str, Term]:
    return {name: term for term in TERMS for name in (term.name, *term.also)}


@cache
def _spelt() -> dict[str, Term]:
    return {name.casefold(): term for name, term in _spelt_as_is().items()}


def _meant(word: str) -> Term:
    """The term of a matched word: “Recall@10” is recall@k, “nDCG@10” is nDCG."""
    at_depth, plain = re.sub(DEPTH + "$", "@k", word).casefold(), re.sub(DEPTH + "$", "", word).casefold()
    return _spelt().get(at_depth) or _spelt()[plain]
