"""Measured designs as one table: what every chart, list and download of a case is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from core.analysis.explain import beside
from core.charts import Axis
from core.contract.case import Case, Measurement, QualityAxis, Requirements
from core.contract.design import describe, knobs, to_query
from core.metrics.pareto import front
from core.runtime.identity import ById
from core.serving.cost import Assessment, Fleet, Load, fleet, load_of, priced
from core.serving.prices import Prices
from core.serving.slo import Candidate, judge, ruled_out_by

COSTS = {
    "p99_ms": Axis("p99_ms", "p99 service time", "ms", "lower", log=True),
    "p50_ms": Axis("p50_ms", "p50 service time", "ms", "lower", log=True),
    "load_p99_ms": Axis("load_p99_ms", "p99 at the load", "ms", "lower", log=True),
    "usd": Axis("usd", "cost", "$/month", "lower", log=True),
    "machines_usd": Axis("machines_usd", "cost of machines", "$/month", "lower", log=True),
    "usd_per_million": Axis("usd_per_million", "cost of requests", "$ a million", "lower", log=True),
    "memory_mb": Axis("memory_mb", "memory of a replica", "MB", "lower", log=True),
    "build_s": Axis("build_s", "build time", "CPU s", "lower", log=True),
}
MODELLED = ("load_p99_ms", "usd", "machines_usd", "usd_per_million")  # among the costs; the others are measured


def cost_axes(needs: Requirements) -> dict[str, Axis]:
    """What quality can be drawn against; the cost of machines apart only where people or errors are charged too."""
    return {key: axis for key, axis in COSTS.items() if needs.charges or key != "machines_usd"}


def badge_of(case: Case, key: str) -> str:
    """How the figures on an axis came about: "measured" or "modelled"."""
    if key in MODELLED:
        return "modelled"
    return next((axis.badge for axis in case.qualities if axis.key == key), "measured")


def quality_axes(case: Case, measured: Measurement) -> dict[str, Axis]:
    """The qualities that this case reports on this data, as axes."""
    return {q.key: Axis(q.key, q.label, "", q.better) for q in case.qualities if q.key in measured.quality}


@lru_cache(maxsize=8_000)
def _fleet(seed: int, load: Load, measured: ById) -> Fleet:
    return fleet(measured.value, load, seed)


@lru_cache(maxsize=8_000)
def _assessed(seed: int, needs: Requirements, prices: Prices, measured: ById) -> Assessment:
    load = load_of(needs, prices)
    return priced(measured.value, _fleet(seed, load, measured), load, needs, prices)


def assessment(measured: Measurement, seed: int, needs: Requirements, prices: Prices) -> Assessment:
    """`assess`, remembered, since every redraw asks for every row again; a price alone never queues again."""
    return _assessed(seed, needs, prices, ById(measured))


def tradeoff_rows(
    case: Case,
    rows: Mapping[Any, Measurement],
    seed: int,
    needs: Requirements,
    prices: Prices,
    roles: Mapping[Any, str],
    present: Any,
) -> list[dict[str, Any]]:
    """One line a design: its knobs, figures, `role` ("sweep" unless `roles` says more), hover text, name and link."""
    return [
        {
            **_line(design, seed, needs, prices, case.qualities[0], ById(measured)),
            "role": roles.get(design, "sweep"),
            "name": beside(present, design),
        }
        for design, measured in rows.items()
    ]


def candidates(
    case: Case, rows: Mapping[Any, Measurement], seed: int, needs: Requirements, prices: Prices
) -> list[Candidate]:
    """Every measured design with how it stands to what was asked."""
    found = []
    for design, measured in rows.items():
        taken = assessment(measured, seed, needs, prices)
        judged = judge(measured, taken, needs, prices, case.qualities[0])
        found.append(Candidate(design, measured, taken, judged))
    return found


def as_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The lines as a table to read or to download: knobs and figures, without what only a chart needs."""
    return pd.DataFrame(rows).drop(columns=["name", "design", "link"], errors="ignore")


@lru_cache(maxsize=8_000)
def _line(design: Any, seed: int, needs: Requirements, prices: Prices, axis: QualityAxis, held: ById) -> dict[str, Any]:
    measured = held.value
    taken = assessment(measured, seed, needs, prices)
    return {
        **_facts(design, seed, held),
        "load_p99_ms": taken.p99_ms,
        "usd": taken.total_usd,
        **({"machines_usd": taken.machines_usd} if needs.charges else {}),
        "usd_per_million": taken.usd_per_million,
        "replicas": taken.replicas,
        "ruled_out_by": ruled_out_by(judge(measured, taken, needs, prices, axis)),
    }


@lru_cache(maxsize=8_000)
def _facts(design: Any, seed: int, held: ById) -> dict[str, Any]:
    """What of a line no requirement and no price moves."""
    measured = held.value
    quality = {
        f"{key}{end}": value
        for key, e in measured.quality.items()
        for end, value in (("", e.value), ("_low", e.low), ("_high", e.high))
    }
    return {
        **{name: getattr(design, name) for name in knobs(type(design))},
        **quality,
        "p50_ms": measured.percentiles_ms["p50"].value,
        "p99_ms": measured.percentiles_ms["p99"].value,
        "memory_mb": measured.memory_bytes / 1e6,
        "build_s": measured.build_s,
        "design": "<br>".join(f"{label}: {option}" for label, option in describe(design).items()),
        "link": urlencode(to_query(design, seed)),
    }


def with_front(rows: list[dict[str, Any]], x: Axis, y: Axis) -> list[dict[str, Any]]:
    """The lines with `on_front`: True where no other design is at least as good on both axes and better on one."""
    points = [[row[x.column], row[y.column]] for row in rows]
    return [{**row, "on_front": bool(on)} for row, on in zip(rows, front(points, (x.better, y.better)), strict=True)]


def roles(present: Any, baseline: Any, last: Any | None, near: Iterable[Any]) -> dict[Any, str]:
    """Which part each design plays on a chart; the present design's part wins over the others."""
    parts = {design: "neighbour" for design in near}
    parts[baseline] = "baseline"
    if last is not None:
        parts[last] = "last"
    parts[present] = "present"
    return parts
