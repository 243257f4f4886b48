"""Measurements kept in a file: one row per design, with the machine, the day and the version that they are of.

A row holds what charts, bills and projections need of a measurement: qualities with their intervals, and of every time
its quantiles. It has no value of a single query, so that nothing recorded enters a paired test.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import nan
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from core.contract.answer import Answer
from core.contract.case import Case, Estimate, Measurement
from core.contract.design import Design, from_query, to_query
from core.runtime.recorded_example import from_text
from core.runtime.timing import BUSY, environment

FOLDER = Path(__file__).resolve().parents[2] / "data" / "recorded"
CHECKS = "checks.parquet"
QUANTILES = tuple(np.round(np.concatenate([np.linspace(0, 0.95, 20), [0.97, 0.98, 0.99, 0.995, 1.0]]), 4))
REBUILT = 1_000  # requests of a rebuilt measurement: the fewest of which a p99 is told
FACTS = ("build_s", "index_build_s", "shipped_s", "refresh_s", "refresh_every_h", "answered", "ingest_h")
FACTS += ("store_bytes", "noise", "interrupted", "n_keys")
SAME_SPEED = 0.05  # relative; a smaller difference between two machines is not told
TABLES = ("counts", "charged", "cpu_ms", "parts_bytes")


@dataclass(frozen=True)
class Recorded:
    """A design that was measured on another machine or on another day."""

    design: Design
    seed: int
    measured: Measurement
    processor: str
    recorded_on: str
    example: tuple[Answer, ...] = ()  # one of its answers, where the case shows pictures and this is its default

    @property
    def origin(self) -> str:
        """What a badge says of it: “recorded on <processor>, <day>”."""
        return f"recorded on {self.processor}, {self.recorded_on}"


@dataclass(frozen=True)
class RecordedVerdict:
    """What a check said on another machine or on another day, of the sentence that it had then."""

    sentence: str
    holds: bool
    ran: bool
    numbers: str
    processor: str
    recorded_on: str

    @property
    def origin(self) -> str:
        """What a badge says of it: “recorded on <processor>, <day>”."""
        return f"recorded on {self.processor}, {self.recorded_on}"


def row(design: Design, seed: int, measured: Measurement) -> dict[str, Any]:
    """One design as plain values: its link, every quality with its interval, times, bytes and counts."""
    quality = {
        f"{key}{end}": value
        for key, estimate in measured.quality.items()
        for end, value in (("", estimate.value), ("_low", estimate.low), ("_high", estimate.high))
    }
    times = {f"{name}_ms": percentile.value for name, percentile in measured.percentiles_ms.items()}
    return {
        "design": urlencode(to_query(design, seed)),
        "seed": seed,
        **quality,
        **times,
        "memory_bytes": measured.memory_bytes,
        "build_s": measured.build_s,
        "n_items": measured.n_items,
        "clock_noise": measured.noise,
        **{f"count {name}": float(value) for name, value in measured.counts.items()},
        "facts": json.dumps(_facts(measured)),
    }


def _facts(measured: Measurement) -> dict[str, Any]:
    return {
        "units": {key: [estimate.unit, estimate.n_units] for key, estimate in measured.quality.items()},
        "parts_ms": {part: _short(np.quantile(ms, QUANTILES)) for part, ms in measured.parts_ms.items()},
        "charged_between": {name: list(map(float, ends)) for name, ends in measured.charged_between.items()},
        "batches_ms": {str(size): ms for size, ms in measured.batches_ms.items()},
        **{name: float(getattr(measured, name)) for name in FACTS},
        **{name: {key: float(value) for key, value in getattr(measured, name).items()} for name in TABLES},
    }


def _short(values: Iterable[float]) -> list[float]:
    """To four significant digits, less than two runs differ by."""
    return [float(f"{value:.4g}") for value in values]


def measurement(row: Mapping[str, Any]) -> Measurement:
    """The measurement of a row, its requests drawn from the quantiles. Raises ValueError for a row of another kind."""
    try:
        facts = json.loads(row["facts"])
        quality = {
            key: Estimate(*(float(row[f"{key}{end}"]) for end in ("", "_low", "_high")), np.empty(0), unit, n, False)
            for key, (unit, n) in facts["units"].items()
        }
        parts_ms = {part: _drawn(quantiles) for part, quantiles in facts["parts_ms"].items()}
        return Measurement(
            quality,
            sum(parts_ms.values()),
            parts_ms,
            int(row["memory_bytes"]),
            steps=(),
            n_items=int(row["n_items"]),
            charged_between={name: tuple(ends) for name, ends in facts["charged_between"].items()},
            batches_ms={int(size): ms for size, ms in facts["batches_ms"].items()},
            **{name: facts[name] for name in (*FACTS, *TABLES)},
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"this row holds no measurement: {error}") from None


def _drawn(quantiles: Iterable[float]) -> np.ndarray:
    """Times (REBUILT,) with these quantiles, from the shortest to the longest: a slow request is slow in every part."""
    return np.interp((np.arange(REBUILT) + 0.5) / REBUILT, QUANTILES, list(quantiles))


def recorded_designs(case: Case, path: Path | None = None) -> tuple[Recorded, ...]:
    """The recorded designs of a case that its design space of today still has; none without a file.

    Raises ValueError for a file that holds no recorded measurements.
    """
    return _designs(case.Design, path or FOLDER / f"{case.slug}.parquet")


@cache
def _designs(design_class: type, path: Path) -> tuple[Recorded, ...]:
    if not path.exists():
        return ()
    found = []
    for line in read(path):
        design, seed, notes = from_query(design_class, dict(parse_qsl(line["design"])))
        if not notes:  # what had to be changed is another design than the one that was measured
            place = line["processor"], line["recorded_on"], from_text(line.get("example"))
            found.append(Recorded(design, seed, measurement(line), *place))
    return tuple(found)


def recorded_verdicts(path: Path | None = None) -> Mapping[tuple[str, str, int], RecordedVerdict]:
    """The recorded verdicts by case, check and seed; none without a file.

    Raises ValueError for a file that holds no recorded verdicts.
    """
    return _verdicts(path or FOLDER / CHECKS)


@cache
def _verdicts(path: Path) -> Mapping[tuple[str, str, int], RecordedVerdict]:
    try:
        return {
            (line["case"], line["check"], int(line["seed"])): RecordedVerdict(
                line["sentence"],
                bool(line["holds"]),
                bool(line["ran"]),
                line["numbers"],
                line["processor"],
                line["recorded_on"],
            )
            for line in (read(path) if path.exists() else [])
        }
    except KeyError as error:
        raise ValueError(f"{path} holds no recorded verdicts: it lacks {error}") from None


FEWEST_PAIRS = 3  # designs measured on both machines, before a factor between them is told


def speed_factor(pairs: Iterable[tuple[Measurement, Measurement]]) -> tuple[float, int] | None:
    """How much longer a request takes here than on the recording machine, and over how many designs that is the median.

    Pairs are (recorded, measured here) of one design each; a noisy reading says nothing of the machine. None for too
    few of them.
    """
    quiet = [pair for pair in pairs if max(one.noise for one in pair) <= BUSY]
    medians = [[one.percentiles_ms["p50"].value for one in pair] for pair in quiet]
    ratios = [here / there for there, here in medians if there > 0 and here > 0]
    return (float(np.median(ratios)), len(ratios)) if len(ratios) >= FEWEST_PAIRS else None


def speed_text(factor: tuple[float, int] | None) -> str:
    """The factor between both machines in a sentence; empty where it is not known."""
    if factor is None:
        return ""
    times, n = factor
    over = f"(median p50 ratio of {n} designs measured on both)"
    if abs(times - 1) < SAME_SPEED:
        return f"This machine is as fast as the recording one {over}."
    way = "slower" if times > 1 else "faster"
    return f"This machine is {max(times, 1 / times):.1f}× {way} than the recording one {over}."


def write(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as Parquet with the machine and the day in every one of them; returns how many there are.

    The file is only replaced once it is whole. Raises OSError where it cannot be written.
    """
    import pandas as pd

    table = pd.DataFrame(list(rows))
    machine = environment()
    today = {"processor": machine["processor"], "python": machine["python"], "recorded_on": date.today().isoformat()}
    for name, value in today.items():
        table[name] = table[name].fillna(value) if name in table else value
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part")
    table.to_parquet(whole, index=False, compression="zstd")
    whole.replace(path)
    return len(table)


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that `write` made. Raises ValueError with what is wrong with any other file."""
    from pyarrow.parquet import ParquetFile  # pandas would take .3 s and 60 MB, which the first page can do without

    try:
        with ParquetFile(path) as file:
            table = file.read(use_threads=False)
    except (OSError, ValueError) as error:  # pyarrow's own error is a ValueError
        raise ValueError(f"{path} holds no recorded measurements: {str(error)[:80]}") from None
    if not {"design", "seed", "recorded_on"} <= set(table.column_names):
        raise ValueError(f"{path} holds no recorded measurements: its columns are others")
    values = zip(*map(_values, table.columns), strict=True)
    return [dict(zip(table.column_names, row, strict=True)) for row in values]


def _values(column: Any) -> list[Any]:
    """A column as plain values; a number that a row lacks is nan, a text None."""
    from pyarrow.types import is_floating

    lacking = nan if is_floating(column.type) else None
    return [lacking if value is None else value for value in column.to_pylist()]
