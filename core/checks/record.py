"""Verdicts kept in a file, each as it comes, and what changed between two such files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.checks.common import checks_of
from core.checks.results import state_of
from core.contract.case import Case
from core.contract.check import Check, verdict_of
from core.runtime import recorded
from core.runtime.compare_records import compare_files, compare_sample
from core.runtime.record import code_version

Row = dict[str, Any]


def record_checks(case: Case, path: Path, seed: int, again: bool = False) -> int:
    """Run the checks of a case and keep each verdict as it comes; returns how many stand in the file.

    Verdicts of today's code are there already and stay, unless all are to run `again`; those of other cases and seeds
    stay as they are. Raises OSError where the file cannot be written.
    """
    rows = recorded.read(path) if path.exists() else []
    kept = {row["check"]: row for row in rows if (row["case"], row["seed"]) == (case.slug, seed)}
    others = [row for row in rows if (row["case"], row["seed"]) != (case.slug, seed)]
    said: list[Row] = []
    for check in checks_of(case):
        row = kept.get(check.id)
        said.append(row if row and not again and _current(row, case, check) else _verdict(case, check, seed))
        rest = [row for id, row in kept.items() if id not in {one["check"] for one in said}]
        recorded.write(path, [*others, *said, *rest])
    recorded.write(path, [*others, *said])  # without those of checks that are gone
    return len(said)


def _current(row: Row, case: Case, check: Check) -> bool:
    same = row.get("code") == code_version(case) and row.get("sentence") == check.sentence
    return same and bool(row["ran"])


def _verdict(case: Case, check: Check, seed: int) -> Row:
    verdict = verdict_of(check, seed)
    said = {"holds": verdict.holds, "ran": verdict.ran, "state": state_of(check, verdict), "numbers": verdict.numbers}
    about = {"case": case.slug, "seed": seed, "check": check.id, "sentence": check.sentence}
    return {"design": "", **about, **said, "code": code_version(case)}


def verdict_changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for every check whose verdict is another one, or that only one of both recordings has."""
    then, now = ({f"{row['case']}/{row['check']}": row for row in rows} for rows in (before, after))
    return [
        f"{name}: {then[name]['state'] if name in then else 'not there'} → "
        f"{now[name]['state'] if name in now else 'not there'} [{now.get(name, then.get(name))['numbers']}]"
        for name in {**then, **now}
        if (name in then, then.get(name, {}).get("state")) != (name in now, now.get(name, {}).get("state"))
    ]


def compare(cases: Iterable[Case], committed: Path, other: Path | None, n: int) -> Iterator[tuple[str, bool]]:
    """Lines of what changed since a committed recording, each with whether it is a change or only said beside them.

    Compared are the files of an `other` folder, verdicts too, or n designs of each case that are run again now.
    Raises ValueError where there is nothing to compare with.
    """
    cases = list(cases)
    for case in cases:
        name = f"{case.slug}.parquet"
        if other is not None:
            changes, beside = compare_files(case, committed / name, other / name)
        else:
            changes, beside = compare_sample(case, committed / name, n)
        yield from ((line, True) for line in changes)
        yield f"{case.slug}: {len(changes)} changed. {beside}".strip(), False
    if other is not None:
        slugs = {case.slug for case in cases}
        before, after = (
            [row for row in recorded.read(folder / recorded.CHECKS) if row["case"] in slugs]
            for folder in (committed, other)
        )
        yield from ((line, True) for line in verdict_changes(before, after))
