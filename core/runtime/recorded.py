"""Measurements kept in a file: one row per design, with the machine, the day and the version that they are of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from core.contract.case import Measurement
from core.contract.design import Design, to_query
from core.runtime.timing import environment


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
    }


def write(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows as Parquet with the machine and the day in every one of them; returns how many there are.

    The file is only replaced once it is whole. Raises OSError where it cannot be written.
    """
    import pandas as pd

    table = pd.DataFrame(list(rows))
    machine = environment()
    table["processor"], table["python"], table["recorded_on"] = (
        machine["processor"],
        machine["python"],
        date.today().isoformat(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".part")
    table.to_parquet(whole, index=False)
    whole.replace(path)
    return len(table)


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a file that `write` made. Raises ValueError with what is wrong with any other file."""
    import pandas as pd

    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's own error is a ValueError
        raise ValueError(f"{path} holds no recorded measurements: {str(error)[:80]}") from None
    if not {"design", "seed", "recorded_on"} <= set(table.columns):
        raise ValueError(f"{path} holds no recorded measurements: its columns are others")
    return table.to_dict("records")
