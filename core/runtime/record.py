"""Recording a case: which designs are measured, in which order, and kept as they come so that it can be continued."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from core.contract.case import Case, Measurement
from core.contract.design import Design, canonical, from_query, neighbours, serving_mode
from core.metrics.pareto import front
from core.runtime import recorded
from core.runtime.measuring import timed_anew
from core.runtime.recorded_example import to_text
from core.runtime.sweep import ordered, spread
from core.runtime.timing import BUSY

CORE = Path(__file__).resolve().parents[1]
DECIDE = ("runtime", "stages", "datasets", "metrics", "contract", "checks", "serving")  # floors a figure depends on
# Files of these floors that keep or show what was measured and decide none of it.
KEEPERS = ("record.py", "recorded.py", "recorded_example.py", "compare_records.py", "results.py")
ENOUGH = 2  # the default and the baseline, whatever they take
AT_ONCE = 10  # designs between two writes, and between two looks at the budget
SHARE_NEAR = 0.4  # of the designs, for the neighbours of the default
SHARE_SPREAD = 0.35  # drawn over the space; the rest are neighbours of the front so far
SAME_MODE = 3  # so many of four drawn designs serve as the default does: a front is of one serving mode

Tell = Callable[[str], None]


def record_designs(
    case: Case, path: Path, n: int, seed: int, cpu_s: float, again: bool = False, tell: Tell = print
) -> int:
    """Measure about n designs of a case into a file within a budget of CPU seconds; returns how many failed.

    Today's rows of other seeds stay in the file.

    A recording that was interrupted goes on where it stopped, and one of the same code with as many designs is left
    alone, unless all are measured `again`. Raises OSError where the file cannot be written.
    """
    partial = path.with_name(f"{case.slug}.partial.parquet")
    rows = _kept(partial, case) or ([] if again else _kept(path, case))
    known = {_design(case, row): row for row in rows if row["seed"] == seed}
    if not partial.exists() and known and all(row["wanted"] >= n for row in known.values()):
        tell(f"{case.slug}: {len(known)} designs are recorded already")
        return 0
    others = [row for row in _kept(path, case) if row["seed"] != seed]
    started, failed = time.process_time(), set()
    for batch in batches(case, n, seed, lambda: known):
        if len(known) >= ENOUGH and time.process_time() - started > cpu_s:
            break
        for design in ordered(design for design in batch if design not in known and design not in failed):
            measured = _measured(case, design, seed, tell)
            if measured is None:
                failed.add(design)
            else:
                kept = {"code": code_version(case), "wanted": n, "example": _example(case, design, measured)}
                known[design] = {**recorded.row(design, seed, measured), **kept}
        recorded.write(partial, known.values())
    for row in known.values():
        row["wanted"] = n
    recorded.write(path, [*known.values(), *others])
    partial.unlink(missing_ok=True)
    tell(f"{case.slug}: {len(known)} designs in {time.process_time() - started:.0f} CPU s, {len(failed)} failed")
    return len(failed)


def batches(case: Case, n: int, seed: int, known: Callable[[], Mapping[Design, Any]]) -> Iterator[list[Design]]:
    """Designs worth recording, a few at a time and n in all, so that a budget may end them after any batch.

    In turns: the default, the baseline and what is one knob away from the default; a spread over the space; and what is
    one knob away from the front of the rows so far, which `known` gives.
    """
    start, taken = canonical(case.Design()), dict[Design, None]()
    near = [start, canonical(case.baseline), *_evenly([d for _, d in neighbours(start)], int(SHARE_NEAR * n))]
    drawn = _drawn(start, int(SHARE_SPREAD * n), seed)
    while True:
        before = len(taken)
        for source in (lambda: near, lambda: drawn, lambda: _around_front(case, known())):
            asked = {**taken, **known()}
            fresh = [design for design in dict.fromkeys(source()) if design not in asked]
            batch = fresh[: max(0, min(AT_ONCE, n - len(asked)))]
            taken.update(dict.fromkeys(batch))
            if batch:
                yield batch
        if len(taken) == before:
            return


def _around_front(case: Case, known: Mapping[Design, Any]) -> list[Design]:
    """What is one knob away from the front and not measured yet, a few of it."""
    around = [design for best in _front(case, known) for _, design in neighbours(best) if design not in known]
    return _evenly(list(dict.fromkeys(around)), AT_ONCE)


def _evenly(designs: list[Design], most: int) -> list[Design]:
    """At most so many of a list, spread over all of it, so that every knob has a turn."""
    step = max(1.0, len(designs) / max(1, most))
    return [designs[int(at * step)] for at in range(min(most, len(designs)))]


def _drawn(start: Design, n: int, seed: int) -> list[Design]:
    """A spread over the space, three of four in the serving mode of the start, shuffled as it was drawn."""
    drawn = spread(start, 4 * n, seed)
    same = [design for design in drawn if serving_mode(design) == serving_mode(start)]
    other = [design for design in drawn if serving_mode(design) != serving_mode(start)]
    n_same = n if not other else math.ceil(n * SAME_MODE / (SAME_MODE + 1))
    return _evenly(same, n_same) + _evenly(other, n - n_same)


def _front(case: Case, known: Mapping[Design, Mapping[str, Any]]) -> list[Design]:
    """The designs that no other of the default's serving mode beats in the first quality and p50."""
    axis, mode = case.qualities[0], serving_mode(case.Design())
    rows = {design: row for design, row in known.items() if serving_mode(design) == mode and axis.key in row}
    points = [[row["p50_ms"], row[axis.key]] for row in rows.values()]
    return [d for d, on in zip(rows, front(points, ("lower", axis.better)), strict=True) if on] if points else []


def _measured(case: Case, design: Design, seed: int, tell: Tell) -> Measurement | None:
    """The design's measurement, timed once more where the machine was busy; None, and a word, where it cannot run."""
    try:
        measured = case.run(design, seed=seed)
        if measured.noise > BUSY:
            with timed_anew():
                again = case.run(design, seed=seed)
            measured = min(measured, again, key=lambda one: one.noise)
    except Exception as error:  # one failing design must not lose the others
        tell(f"{case.slug}: {design} could not be run: {type(error).__name__}: {error}")
        return None
    return measured


def _example(case: Case, design: Design, measured: Measurement) -> str:
    """What the default answers to one query, for a page to show at once; nothing of other designs."""
    return to_text(measured.shown) if design == canonical(case.Design()) else ""


def _kept(path: Path, case: Case) -> list[dict[str, Any]]:
    """The rows of a file that today's code made; none without a file."""
    rows = recorded.read(path) if path.exists() else []
    return [row for row in rows if row.get("code") == code_version(case)]


def _design(case: Case, row: Mapping[str, Any]) -> Design:
    return from_query(case.Design, dict(parse_qsl(row["design"])))[0]


@cache
def _digest(folders: tuple[Path, ...]) -> str:
    paths = sorted(path for folder in folders for path in folder.rglob("*.py") if path.name not in KEEPERS)
    whole = hashlib.sha256()
    for path in [*paths, CORE.parent / "data" / "checksums.json"]:
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()[:12]


def code_version(case: Case) -> str:
    """A digest of the code and the data files that decide what the case measures; a change elsewhere leaves it."""
    return _digest((CORE / "cases" / case.slug, *(CORE / floor for floor in DECIDE)))
