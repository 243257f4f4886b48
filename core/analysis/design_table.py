"""Measured designs as a table to read: figures before knobs, labels of the panel, nothing that is the same in all."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from core.analysis.figures import FIGURES, quality_figures
from core.analysis.tradeoff_table import COLUMNS, TradeoffRow
from core.charts.looks import axis_title
from core.contract.design import Design, Knob, knobs

if TYPE_CHECKING:
    import pandas as pd

MISSES, MEASURED, HERE = "misses the SLO", "measured", "here"
DIGITS = 3  # significant ones of a figure


def by_quality(rows: Sequence[TradeoffRow]) -> list[TradeoffRow]:
    """The rows with the best first quality on top; those without one come last."""
    if not rows:
        return []
    quality = rows[0].evaluated.case.qualities[0]
    sign = -1 if quality.better == "higher" else 1

    def place(row: TradeoffRow) -> tuple[bool, float]:
        value = row.columns.get(quality.key, float("nan"))
        return not isfinite(value), sign * value if isfinite(value) else 0.0

    return sorted(rows, key=place)


def design_table(rows: Sequence[TradeoffRow]) -> pd.DataFrame:
    """One line per row, in order: qualities, figures, the missed parts of the SLO, knobs, and where it was measured.

    A knob that has no effect in a design is empty there; a column that says the same of all rows is left out, except
    the first quality.
    """
    import pandas as pd

    if not rows:
        return pd.DataFrame()
    columns = {**_figures(rows), MISSES: [row.ruled_out_by for row in rows]}
    for knob in knobs(type(rows[0].evaluated.design)).values():
        label = knob.label if knob.label not in columns else f"{knob.label} (knob)"
        columns[label] = _options(knob, rows)
    columns[MEASURED] = [row.recorded or HERE for row in rows]
    first = next(iter(columns))
    return pd.DataFrame({name: values for name, values in columns.items() if name == first or _varies(values)})


def varying_knobs(rows: Sequence[TradeoffRow], present: Design) -> list[Knob]:
    """The knobs in which the rows differ: those with an effect in the present design first, the main ones ahead."""
    if not rows:
        return []
    found = [knob for knob in knobs(type(rows[0].evaluated.design)).values() if _varies(_options(knob, rows))]
    return sorted(found, key=lambda knob: (not knob.active(present), not knob.main))


def _figures(rows: Sequence[TradeoffRow]) -> dict[str, list[float]]:
    """{label with unit: values} of every figure that a row has."""
    known = quality_figures(rows[0].evaluated.case, *(row.evaluated for row in rows))
    known |= {key: FIGURES[key] for key in COLUMNS if key in rows[0].columns}
    return {
        axis_title(figure.axis, None): [_rounded(row.columns.get(key, float("nan"))) for row in rows]
        for key, figure in known.items()
    }


def _options(knob: Knob, rows: Sequence[TradeoffRow]) -> list[Any]:
    """The option of each row: a number where all are shown as numbers, else its text; None where it has no effect."""
    designs = [row.evaluated.design for row in rows]
    options = [getattr(design, knob.name) if knob.active(design) else None for design in designs]
    if knob.ordered and not knob.names and not any(isinstance(option, bool) for option in knob.options):
        return options
    return [None if option is None else knob.text(option) for option in options]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if isfinite(value) else value


def _varies(values: Sequence[Any]) -> bool:
    return len({value for value in values if value is not None and value == value}) > 1
