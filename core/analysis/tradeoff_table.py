"""Measured designs as one table, the source of every chart, list and download of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import nan
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from core.analysis.explain import beside
from core.analysis.figures import FIGURES, Figure
from core.charts import Axis
from core.contract.design import Design, describe, knobs, serving_mode, to_query
from core.metrics.pareto import front
from core.serving.evaluate import Evaluated
from core.serving.slo import TOO_NOISY, ruled_out_by, too_noisy

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "p50_ms", "p99_ms", "memory_mb", "build_s", "index_build_s", "load_p99_ms", "goodput", "usd", "machines_usd",
    "usd_per_million", "replicas",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TradeoffRow:
    """A design on a chart: its role and its name relative to the present design."""

    evaluated: Evaluated
    role: str  # "recorded", "sweep", "neighbour", "baseline", "last" or "present"
    name: str
    recorded: str = ""  # machine and day, where the design was not measured here

    @property
    def ruled_out_by(self) -> str:
        """The requirements that the design misses, in words; empty when it meets all."""
        return ruled_out_by(self.evaluated.constraints)

    @property
    def link(self) -> str:
        """The query that opens the design on its page."""
        return _link(self.evaluated.design, self.evaluated.seed)

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The row of a downloadable table: knobs, qualities within one world, and every other figure.

        A figure that the machine was too busy to say has no number.
        """
        evaluated = self.evaluated
        design, apart = evaluated.design, bool(evaluated.scenario.requirements.charges)
        return {
            **{name: getattr(design, name) for name in knobs(type(design))},
            **quality_columns(evaluated.within_world),
            **{key: _said(FIGURES[key], evaluated) for key in COLUMNS if apart or key != "machines_usd"},
            "ruled_out_by": self.ruled_out_by,
            "role": self.role,
        }

    @cached_property
    def mark(self) -> dict[str, Any]:
        """The row of a chart: its columns, its serving mode, its hover text and its link."""
        design, noisy = self.evaluated.design, too_noisy(self.evaluated.measured)
        at, mode = serving_mode(design)
        said = (_words(design), *[TOO_NOISY] * noisy, *filter(None, [self.recorded]))
        words = {"design": "<br>".join(said), "link": self.link, "name": self.name}
        return {**self.columns, **words, "mode": mode, "mode_at": at, "noisy": noisy}


def quality_columns(evaluated: Evaluated) -> dict[str, float]:
    """Every quality of a design by key, with the ends of its interval."""
    return {
        f"{key}{end}": value
        for key, quality in ((key, evaluated.quality(key)) for key in evaluated.measured.quality)
        for end, value in (("", quality.value), ("_low", quality.low), ("_high", quality.high))
    }


def tradeoff_rows(evaluated: Iterable[Evaluated], roles: Mapping[Design, str], present: Design) -> list[TradeoffRow]:
    """One row per design, with its role from `roles`, else "sweep"."""
    return [TradeoffRow(e, roles.get(e.design, "sweep"), beside(present, e.design)) for e in evaluated]


def recorded_rows(evaluated: Iterable[tuple[Evaluated, str]], present: Design) -> list[TradeoffRow]:
    """One row per design that was measured elsewhere, with where and when."""
    return [TradeoffRow(e, "recorded", beside(present, e.design), where) for e, where in evaluated]


def as_table(rows: Sequence[TradeoffRow]) -> pd.DataFrame:
    """The rows as a pandas table, to show or to download."""
    import pandas as pd

    return pd.DataFrame([row.columns for row in rows])


def with_front(rows: Sequence[TradeoffRow], x: Axis, y: Axis) -> list[dict[str, Any]]:
    """The rows of a chart with `on_front`, which is True for Pareto-optimal designs of their serving mode on two axes.

    A look-up and a computed answer know different things, so neither dominates the other; nor does a noisy figure.
    """
    marks = [{**row.mark, "on_front": False} for row in rows]
    for mode in {mark["mode"] for mark in marks}:
        same = [mark for mark in marks if mark["mode"] == mode and not mark["noisy"]]
        for mark, on in zip(same, _front(same, x, y), strict=True):
            mark["on_front"] = bool(on)
    return marks


def _front(marks: Sequence[dict[str, Any]], x: Axis, y: Axis) -> Iterable[bool]:
    return front([[mark[x.column], mark[y.column]] for mark in marks], (x.better, y.better)) if marks else ()


def _said(figure: Figure, evaluated: Evaluated) -> float:
    return nan if figure.noisy_where(evaluated) else figure.read(evaluated)


def roles(
    present: Design, baseline: Design, last: Design | None, neighbour_designs: Iterable[Design]
) -> dict[Design, str]:
    """The role of each design on a chart; the present design's role wins over the others."""
    parts = {design: "neighbour" for design in neighbour_designs}
    parts[baseline] = "baseline"
    if last is not None:
        parts[last] = "last"
    parts[present] = "present"
    return parts


@lru_cache(maxsize=8_000)
def _words(design: Design) -> str:
    return "<br>".join(f"{label}: {option}" for label, option in describe(design).items())


@lru_cache(maxsize=8_000)
def _link(design: Design, seed: int) -> str:
    return urlencode(to_query(design, seed))
