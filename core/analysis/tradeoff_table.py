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
from core.contract.design import Design, differences, knobs, serving_mode, to_query
from core.metrics.pareto import front
from core.runtime.identity import ById
from core.runtime.timing import BUSY
from core.serving.evaluate import MOST_KEPT, Evaluated
from core.serving.slo import ruled_out_by, too_noisy

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "p50_ms", "p99_ms", "memory_mb", "build_s", "index_build_s", "load_p99_ms", "goodput", "usd", "machines_usd",
    "usd_per_million", "replicas", "clock_noise",
)  # fmt: skip
ALSO = ("load_p99_ms", "usd")  # on a hover card besides the figures of the axes
MOST_MOVES = 6  # of the trail on a chart


@dataclass(frozen=True, eq=False)
class TradeoffRow:
    """A design on a chart: its role and its name relative to the present design."""

    evaluated: Evaluated
    role: str  # "recorded", "sweep", "trail", "baseline" or "present"
    name: str
    differs: str = ""  # the knobs that differ from the present design, with their options here
    recorded: str = ""  # machine and day, where the design was not measured here
    trail: tuple[int, ...] = ()  # its places among the last moves of the session, 0 the oldest

    @property
    def ruled_out_by(self) -> str:
        """The requirements that the design misses, in words; empty when it meets all."""
        return _ruled_out_by(ById(self.evaluated))

    @property
    def note(self) -> str:
        """Where and when it was measured, if not here, and that the machine was busy where that disturbed the clock."""
        noise = self.evaluated.measured.noise
        return "; ".join(
            filter(None, (self.recorded, f"timed on a busy machine, wall ÷ CPU {noise:.1f}" * (noise > BUSY)))
        )

    @property
    def link(self) -> str:
        """The query that opens the design on its page."""
        return _link(self.evaluated.design, self.evaluated.seed)

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The row of a downloadable table: knobs, qualities within one world, and every other figure.

        A figure that the machine was too busy to say has no number.
        """
        return {**_figures(ById(self.evaluated)), "role": self.role, "recorded": self.recorded}

    @cached_property
    def mark(self) -> dict[str, Any]:
        """The row of any chart: its columns, its serving mode, the texts of its hover card and its link."""
        return {**self.columns, **_on_chart(ById(self.evaluated)), **self._words}

    def mark_on(self, x: Axis, y: Axis) -> dict[str, Any]:
        """The same with the values of two axes alone, for a chart of many designs: the others take time to work out."""
        place = {**_at(ById(self.evaluated), x.column), **_at(ById(self.evaluated), y.column)}
        said = {"ruled_out_by": self.ruled_out_by, "role": self.role, "recorded": self.recorded}
        return {**place, **said, **_on_chart(ById(self.evaluated)), **self._words}

    @property
    def _words(self) -> dict[str, Any]:
        said = {"differs": self.differs, "note": self.note, "link": self.link, "name": self.name}
        return {**said, "trail": self.trail}


@lru_cache(maxsize=MOST_KEPT)
def _figures(of: ById) -> dict[str, Any]:
    """What a row has whatever its role: knobs, qualities, figures and the requirements that it misses."""
    evaluated: Evaluated = of.value
    design, apart = evaluated.design, bool(evaluated.scenario.requirements.charges)
    return {
        **{name: getattr(design, name) for name in knobs(type(design))},
        **quality_columns(evaluated.within_world),
        **{key: _said(FIGURES[key], evaluated) for key in COLUMNS if apart or key != "machines_usd"},
        "ruled_out_by": _ruled_out_by(of),
    }


@lru_cache(maxsize=2 * MOST_KEPT)
def _at(of: ById, column: str) -> dict[str, float]:
    """A figure or a quality with its interval, by column; nothing where the design does not report it."""
    evaluated: Evaluated = of.value
    if column in FIGURES:
        return {column: _said(FIGURES[column], evaluated)}
    return _quality_columns(evaluated.within_world, column) if column in evaluated.measured.quality else {}


@lru_cache(maxsize=MOST_KEPT)
def _on_chart(of: ById) -> dict[str, Any]:
    """What a mark has whatever its role: its serving mode, further figures of its card, and whether they are noisy."""
    evaluated: Evaluated = of.value
    at, mode = serving_mode(evaluated.design)
    also = tuple((key, f"{FIGURES[key].label} {FIGURES[key].text(evaluated)}") for key in ALSO)
    return {"also": also, "mode": mode, "mode_at": at, "noisy": too_noisy(evaluated.measured)}


@lru_cache(maxsize=MOST_KEPT)
def _ruled_out_by(of: ById) -> str:
    return ruled_out_by(of.value.constraints)


def quality_columns(evaluated: Evaluated) -> dict[str, float]:
    """Every quality of a design by key, with the ends of its interval."""
    parts = (_quality_columns(evaluated, key) for key in evaluated.measured.quality)
    return {column: value for part in parts for column, value in part.items()}


def _quality_columns(evaluated: Evaluated, key: str) -> dict[str, float]:
    quality = evaluated.quality(key)
    return {key: quality.value, f"{key}_low": quality.low, f"{key}_high": quality.high}


def tradeoff_rows(
    evaluated: Iterable[Evaluated], roles: Mapping[Design, str], present: Design, trail: Sequence[Design] = ()
) -> list[TradeoffRow]:
    """One row per design, with its role from `roles`, else "sweep"; `trail` has the previous designs, oldest first."""
    return [
        TradeoffRow(
            e,
            roles.get(e.design, "sweep"),
            beside(present, e.design),
            differing(present, e.design),
            trail=tuple(at for at, design in enumerate(trail[-MOST_MOVES:]) if design == e.design),
        )
        for e in evaluated
    ]


def recorded_rows(evaluated: Iterable[tuple[Evaluated, str]], present: Design) -> list[TradeoffRow]:
    """One row per design that was measured elsewhere, with where and when."""
    return [
        TradeoffRow(e, "recorded", beside(present, e.design), differing(present, e.design), where)
        for e, where in evaluated
    ]


@lru_cache(maxsize=8_000)
def differing(present: Design, design: Design) -> str:
    """The knobs that differ from the present design, with the options of the other: “ANN index HNSW, M 16”."""
    return ", ".join(f"{knob.label} {knob.text(now)}" for knob, _, now in differences(present, design))


def as_table(rows: Sequence[TradeoffRow]) -> pd.DataFrame:
    """The rows as a pandas table, to show or to download."""
    import pandas as pd

    return pd.DataFrame([row.columns for row in rows])


def with_front(rows: Sequence[TradeoffRow], x: Axis, y: Axis, whole: bool = True) -> list[dict[str, Any]]:
    """The rows of a chart with `on_front`, which is True for Pareto-optimal designs of their serving mode on two axes.

    A look-up and a computed answer know different things, so neither dominates the other; nor does a noisy figure.
    Unless `whole`, a row has the columns of the two axes alone.
    """
    marks = [{**(row.mark if whole else row.mark_on(x, y)), "on_front": False} for row in rows]
    for mode in {mark["mode"] for mark in marks}:
        same = [mark for mark in marks if mark["mode"] == mode and not mark["noisy"]]
        for mark, on in zip(same, _front(same, x, y), strict=True):
            mark["on_front"] = bool(on)
    return marks


def _front(marks: Sequence[dict[str, Any]], x: Axis, y: Axis) -> Iterable[bool]:
    return front([[mark[x.column], mark[y.column]] for mark in marks], (x.better, y.better)) if marks else ()


def _said(figure: Figure, evaluated: Evaluated) -> float:
    return nan if figure.noisy_where(evaluated) else figure.read(evaluated)


def roles(present: Design, baseline: Design, trail: Sequence[Design] = ()) -> dict[Design, str]:
    """The role of each design on a chart; that of the present design wins over the baseline's, and this over others.

    `trail` holds the previous designs of the session, oldest first; the last six count.
    """
    return {**dict.fromkeys(trail[-MOST_MOVES:], "trail"), baseline: "baseline", present: "present"}


@lru_cache(maxsize=8_000)
def _link(design: Design, seed: int) -> str:
    return urlencode(to_query(design, seed))
