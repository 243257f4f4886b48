"""The words of a case as data: `interview.toml` and `sources.toml` beside its code, checked as they are read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.contract.case import Published, Source
from core.contract.design import knobs
from core.contract.interview_spec import STEPS, Claim, Framing, Interview, InterviewStep, Sample

SOURCE_KINDS = ("data", "paper", "documentation", "interview")
TEXT, TEXTS = "a string that is not empty", "a list of strings that are not empty"
TABLE, TABLES = "a table, which starts with [its name]", "a list of tables, each of which starts with [[its name]]"
Schema = Mapping[str, str]  # key → TEXT, TEXTS, TABLE or TABLES


class WordsError(ValueError):
    """A file of words that cannot be used: the file, the line, and what to do about it."""


def load_sources(module: str) -> tuple[dict[str, Source], tuple[Published, ...]]:
    """The sources by key and the published figures of the `sources.toml` beside a module. Raises WordsError."""
    top = _read(Path(module).with_name("sources.toml"), {"sources": TABLE}, {"published": TABLES})
    sources = {table.key: _source(table) for table in top.tables("sources")}
    return sources, tuple(_published(table, sources) for table in top.list_of("published"))


def load_interview(
    module: str,
    Design: type,
    sources: Mapping[str, Source],
    framings: Mapping[str, Callable[[Any], Any]],
    sample: Callable[[Any, int], Sample],
) -> Interview:
    """The interview of the `interview.toml` beside a module, whose framings run by their keys. Raises WordsError."""
    required = {"guardrail": TEXT, "framings": TABLE, **dict.fromkeys(STEPS, TABLE)}
    top = _read(Path(module).with_name("interview.toml"), required, {"curve_knob": TEXT})
    top.check_known("curve_knob", knobs(Design))
    top.table("framings").check(dict.fromkeys(framings, TABLE))
    return Interview(
        stops={step: _stop(top.table(step), Design, sources) for step in STEPS},
        framings=tuple(_framing(table, framings) for table in top.tables("framings")),
        sample=sample,
        guardrail=top.values["guardrail"],
        curve_knob=top.values.get("curve_knob"),
    )


def place(file: Path, quoted: str) -> str:
    """Where a file first says something in quotes, as “file:line”; the file alone where it does not."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return next((f"{file}:{i}" for i, line in enumerate(lines, start=1) if f'"{quoted}"' in line), str(file))


def _source(table: _Table) -> Source:
    table.check({"title": TEXT, "detail": TEXT, "kind": TEXT}, {"url": TEXT})
    table.check_known("kind", SOURCE_KINDS)
    return Source(**table.values)


def _published(table: _Table, sources: Mapping[str, Source]) -> Published:
    table.check({"what": TEXT, "figure": TEXT, "source": TEXT, "ours": TEXT}, {"agrees": TEXTS})
    table.check_known("source", sources)
    source, agrees = sources[table.values["source"]], tuple(table.values.get("agrees", ()))
    return Published(**{**table.values, "source": source, "agrees": agrees})


def _framing(table: _Table, framings: Mapping[str, Callable[[Any], Any]]) -> Framing:
    table.check({"label": TEXT, "words": TEXT})
    return Framing(**table.values, design=framings[table.key])


def _stop(table: _Table, Design: type, sources: Mapping[str, Source]) -> InterviewStep:
    required = {"questions": TEXTS, "decision": TEXT, "pitfalls": TEXTS}
    table.check(required, {"knobs": TEXTS, "remarks": TABLES})
    table.check_known("knobs", knobs(Design))
    return InterviewStep(
        questions=tuple(table.values["questions"]),
        decision=table.values["decision"],
        knobs=tuple(table.values.get("knobs", ())),
        remarks=tuple(_remark(each, sources) for each in table.list_of("remarks")),
        pitfalls=tuple(table.values["pitfalls"]),
    )


def _remark(table: _Table, sources: Mapping[str, Source]) -> Claim:
    """A remark that rests on a source has its own text; one that rests on a check takes the check's sentence."""
    table.check({}, {"text": TEXT, "check": TEXT, "source": TEXT})
    if ("check" in table.values) == ("source" in table.values):
        raise table.error('a remark rests on a check or on a source: give either check = "…" or source = "…"')
    if "check" in table.values:
        if "text" in table.values:
            raise table.error("a remark that rests on a check takes the check's sentence: delete its text", "text")
        return Claim("", table.values["check"])
    table.check({"text": TEXT, "source": TEXT})
    table.check_known("source", sources)
    return Claim(table.values["text"], sources[table.values["source"]].title)


def _read(file: Path, required: Schema, optional: Schema) -> _Table:
    try:
        text = file.read_text(encoding="utf-8")
        top = _Table(file, tuple(text.splitlines()), tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise WordsError(f"{file}:{at[1] if at else len(text.splitlines())}: mend the TOML here: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WordsError(f"{file}:1: there has to be such a file, in UTF-8: {error}") from None
    top.check(required, optional)
    return top


@dataclass(frozen=True)
class _Table:
    """A table of a TOML file that knows its place there, since a parsed one no longer knows its line."""

    file: Path
    lines: tuple[str, ...]  # of the whole file
    values: Mapping[str, Any]
    name: str = ""  # as its header has it; empty at the top of the file
    nth: int = 0  # among the tables of that name

    @property
    def key(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def check(self, required: Schema, optional: Schema | None = None) -> None:
        """Refuse a key that is unknown or missing and a value of another type."""
        known = {**required, **(optional or {})}
        for key, value in self.values.items():
            if key not in known:
                raise self.error(f"unknown key “{key}”: use {_listed(known)}", key)
            if not _fits(value, known[key]):
                raise self.error(f"“{key}” has to be {known[key]}", key)
        for key in required:
            if key not in self.values:
                raise self.error(f"“{self.below(key)}” is missing: add it here, as {required[key]}")

    def check_known(self, key: str, known: Collection[str]) -> None:
        """Refuse a string, or one of a list of strings, that is not among the known ones."""
        value = self.values.get(key, ())
        for each in [value] if isinstance(value, str) else value:
            if each not in known:
                raise self.error(f"“{each}” cannot be in “{key}”: use {_listed(known)}", key)

    def below(self, key: str) -> str:
        """The name of what a key of this table holds."""
        return f"{self.name}.{key}".strip(".")

    def table(self, key: str) -> _Table:
        """The table [name.key]."""
        return _Table(self.file, self.lines, self.values[key], self.below(key))

    def tables(self, key: str) -> list[_Table]:
        """The tables [name.key.…], in order; each has to be one."""
        parent = self.table(key)
        parent.check(dict.fromkeys(parent.values, TABLE))
        return [parent.table(each) for each in parent.values]

    def list_of(self, key: str) -> list[_Table]:
        """The tables [[name.key]], in order; none where there is none."""
        found = enumerate(self.values.get(key, ()))
        return [_Table(self.file, self.lines, each, self.below(key), n) for n, each in found]

    def error(self, what: str, key: str = "") -> WordsError:
        """What is wrong with the table or one of its keys, and where."""
        return WordsError(f"{self.file}:{_line(self.lines, self.name, self.nth, key)}: {what}")


def _fits(value: Any, kind: str) -> bool:
    if kind in (TEXT, TABLE):
        return isinstance(value, str) and bool(value.strip()) if kind == TEXT else isinstance(value, dict)
    return isinstance(value, list) and all(_fits(each, TEXT if kind == TEXTS else TABLE) for each in value)


def _line(lines: tuple[str, ...], name: str, nth: int, key: str) -> int:
    """The line, from 1, of a key in the nth table of a name; that of the table's header where the key has none."""
    headers = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{re.escape(name)}\s*\]", line)]
    start = headers[nth] if nth < len(headers) else -1
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"\s*\[\[?[\w.\s]+\]", lines[n])), len(lines))
    place = rf"""\s*["']?{re.escape(key)}["']?\s*[.=]"""
    child = rf"\s*\[\[?\s*{re.escape(f'{name}.{key}'.strip('.'))}\s*[.\]]"
    within = (n for n in range(start + 1, end) if re.match(place, lines[n]))
    below = (n for n, line in enumerate(lines) if re.match(child, line))
    return next((n for found in (within, below) for n in found if key), max(start, 0)) + 1


def _listed(options: Collection[str]) -> str:
    return ", ".join(options) or "none"
