"""The tables of a design as CSV, and the design with all its figures as JSON that this app reads back."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from core.analysis.figures import FIGURES
from core.contract.case import Case
from core.contract.design import Design, from_query, to_query
from core.contract.json_file import fitted, parsed
from core.export.subject import Subject
from core.runtime.timing import environment
from core.serving.evaluate import Evaluated
from core.serving.prices import Prices

SCHEMA, VERSION = "kneepoint/design", 1
WHAT = "a design saved by Kneepoint"
NAMES = ("quality", "times", "costs", "asked", "steps", "designs")
# the name of a headline figure in a file → its key: files keep theirs, so that old ones still open
IN_A_FILE = {
    **{key: key for key in ("p50_ms", "p95_ms", "p99_ms", "cpu_ms", "memory_bytes", "build_s", "load_p99_ms")},
    **{"replicas": "replicas", "usd_per_month": "usd"},
}


@dataclass(frozen=True)
class Loaded:
    """What a file said: the design as near as it can be had, its figures then, and what had to be changed."""

    case: Case
    design: Design
    seed: int
    figures: Mapping[str, float | None]
    notes: tuple[str, ...]


def tables(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """{name: rows} of every table of the page, plain values, units at the end of the names."""
    present = subject.present
    measured = present.measured
    return {
        "quality": quality_rows(present),
        "times": [
            {"part": name, "mean_ms": float(part.mean()), "n_requests": len(part)}
            for name, part in (("whole request", measured.service_ms), *measured.parts_ms.items())
        ],
        "costs": [{"part": part, "usd_per_month": usd} for part, usd in present.assessment.usd_per_month.items()],
        "asked": [
            {
                "asked": limit.label,
                "limit": limit.asked,
                "given": limit.got,
                "unit": limit.unit,
                "verdict": limit.verdict,
            }
            for limit in present.constraints
        ],
        "steps": [{"step": s.name, "cpu_s": s.cpu_s, "bytes": s.nbytes} for s in measured.steps],
        "designs": [row.columns for row in subject.rows],
    }


def quality_rows(evaluated: Evaluated) -> list[dict[str, Any]]:
    """Every quality with its interval, the number of queries behind it, and the number of items that it is of.

    A quality that no law carries to the size that was asked is of the items that were measured.
    """
    return [
        {
            "quality": axis.key, "value": quality.value, "low": quality.low, "high": quality.high,
            "covers": quality.covers, "n_queries": estimate.n_units, "this_world": estimate.value,
            "at_items": evaluated.sized.n_items if quality.judged else evaluated.measured.n_items,
        }
        for axis in evaluated.case.qualities
        if (estimate := evaluated.measured.quality.get(axis.key)) is not None
        for quality in [evaluated.quality(axis.key)]
    ]  # fmt: skip


def figures(evaluated: Evaluated) -> dict[str, float]:
    """The headline figures by the names that they have in a file, units at the end.

    A quality that no law carries to the size that was asked is left out: it is of the items that were measured.
    """
    carried = {key: evaluated.quality(key) for key in evaluated.measured.quality}
    quality = {
        key: carried[key].value if carried[key].moved else estimate.value
        for key, estimate in evaluated.measured.quality.items()
        if carried[key].judged
    }
    return quality | {name: FIGURES[key].read(evaluated) for name, key in IN_A_FILE.items()}


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as CSV; a text that a spreadsheet would run as a formula gets a quote before it."""
    lines = [dict(row) for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(name for line in lines for name in line)), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _cell(value) for name, value in line.items()} for line in lines])
    return out.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@" and value else value


def as_json(subject: Subject) -> str:
    """The design with its figures and tables; figures that are not finite are null, since JSON has no other word."""
    whole = {
        "schema": SCHEMA,
        "version": VERSION,
        "case": subject.case.slug,
        "design": to_query(subject.present.design, subject.present.seed),
        "seed": subject.present.seed,
        "link": subject.address,
        "requirements": dataclasses.asdict(subject.present.scenario.requirements),
        "prices": price_values(subject.present.scenario.prices),
        "at_items": subject.present.sized.n_items,
        "figures": figures(subject.present),
        "measured_items": subject.present.measured.n_items,
        "figures_as_measured": figures(subject.present.as_measured),
        "tables": tables(subject),
        "machine": environment(),
    }
    return json.dumps(_finite(whole), indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def price_values(prices: Prices) -> dict[str, float]:
    """The value of every assumption by name."""
    return {field.name: getattr(prices, field.name).value for field in dataclasses.fields(prices)}


def _plain(value: Any) -> Any:
    """numpy's numbers as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def read_json(cases: Mapping[str, Case], content: str | bytes) -> Loaded:
    """The design in a file that `as_json` wrote. Raises ValueError with what is wrong with any other file."""
    from core.export.design_schema import DesignPart

    whole = parsed(content, WHAT)
    if whole.get("schema") != SCHEMA:
        raise ValueError(f"This is not {WHAT}: it names no such schema.")
    if whole.get("version") != VERSION:
        said = str(whole.get("version"))[:20]
        raise ValueError(
            f"The file is of version {said} and this app reads version {VERSION}. Its link may still open."
        )
    said = fitted(DesignPart, whole, WHAT)
    case = cases.get(said.case)
    if case is None:
        raise ValueError(f"There is no case “{said.case[:40]}” here.")
    design, seed, notes = from_query(case.Design, {name: str(option) for name, option in said.design.items()})
    return Loaded(case, design, seed, said.figures, tuple(notes))
