"""The figures of a design as SVG files, made here: the drawing and the two charts every page opens with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.analysis.tradeoff_table import COSTS, quality_axes, with_front
from core.charts import Axis, Line, tradeoff_svg
from core.contract.case import Case, Requirements
from core.diagram import draw
from core.export.subject import Subject

AGAINST = ("p99_ms", "usd")


def drawing(subject: Subject) -> str:
    """What would be built, as a complete <svg>."""
    return draw(subject.drawing)


def charts(subject: Subject) -> dict[str, str]:
    """{name of the cost: <svg>} of the first quality against p99 and against dollars."""
    return {
        x.column: tradeoff_svg(rows, x, y, lines=asked_lines(subject.case, subject.needs, x, y))
        for rows, x, y in chart_axes(subject)
    }


def chart_axes(subject: Subject) -> list[tuple[list[Mapping[str, Any]], Axis, Axis]]:
    """(rows with their front, x, y) of the two charts."""
    y = next(iter(quality_axes(subject.case, subject.measured).values()))
    return [(with_front([dict(row) for row in subject.rows], COSTS[key], y), COSTS[key], y) for key in AGAINST]


def asked_lines(case: Case, needs: Requirements, x: Axis, y: Axis) -> list[Line]:
    """What was asked of the figures on the two axes."""
    asked = {
        "load_p99_ms": (needs.p99_ms, "p99 bound"),
        "usd": (needs.budget_usd, "budget"),
        case.qualities[0].key: (needs.quality_floor, "asked"),
    }
    found = [(name, *asked.get(axis.column, (None, ""))) for name, axis in (("x", x), ("y", y))]
    return [Line(value, name, label) for name, value, label in found if value is not None]
