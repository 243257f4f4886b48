"""Scaling laws that were measured before and ship with the project: a projection needs no measurement of its own.

A law of work gives times on the machine that recorded it. A projection takes only the ratio of two of its times,
so that the speed of that machine cancels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil, log
from pathlib import Path
from typing import Any

import numpy as np

from core.runtime.identity import ById
from core.scaling.laws import MOST_TIMES, OTHER_MACHINE, Law
from core.stages.index import INDEXES, n_lists

FILE = Path(__file__).resolve().parents[2] / "data" / "recorded" / "laws.json"
MOST_OFF = 1.5  # times the held-out time of a search, either way
MOST_MISSED = 0.2  # on the scale of a law of quality: five points at a quality of a half
SYNTHETIC = "synthetic"  # clustered vectors, for an index whose own vectors were not tried


@dataclass(frozen=True)
class WorkLaw:
    """The law of an index kind at one width and effort, and its error at the held-out size."""

    law: Law
    error: float

    @property
    def supported(self) -> bool:
        """Whether the held-out time was predicted within MOST_OFF, by a law in which a comparison takes time."""
        return 1 / MOST_OFF <= 1 + self.error <= MOST_OFF and self.law.ns_each > 0


@dataclass(frozen=True)
class EffortLaw:
    """The effort (nprobe, efSearch) that keeps the recall grows as items ^ `exponent`.

    `held_out` is the predicted ÷ needed effort at the largest size, which the fit did not see.
    """

    of: str  # the case whose vectors were indexed
    kind: str
    exponent: float
    held_out: float
    largest: int

    @property
    def supported(self) -> bool:
        """Whether the law predicted the held-out size within one step of the effort, a factor of two."""
        return 0.5 <= self.held_out <= 2.0


@dataclass(frozen=True)
class QualityLaw:
    """The first quality of a case per tenfold items, on the logit scale (the logarithm, above 1).

    `slope` lies between `low` and `high` over the recorded designs, the seeds and the last step of the sizes;
    `held_out` is the largest predicted − measured quality at the largest size, on that scale.
    """

    of: str
    like: str
    slope: float
    low: float
    high: float
    held_out: float
    largest: int
    sizes: tuple[int, ...] = ()
    values: tuple[float, ...] = ()  # of the first recorded design, by size

    @property
    def supported(self) -> bool:
        """Whether the held-out quality was predicted within MOST_MISSED."""
        return abs(self.held_out) <= MOST_MISSED


@dataclass(frozen=True)
class Laws:
    """Everything that was recorded, with the machine and the day."""

    recorded_on: str
    processor: str
    work: Mapping[str, tuple[WorkLaw, ...]]  # by index kind
    effort: Mapping[tuple[str, str], EffortLaw]  # by case and kind
    quality: Mapping[tuple[str, str], QualityLaw]  # by case and likeness

    def index_law(self, kind: str, dim: int, effort: int) -> tuple[Law, float] | None:
        """(law, error) at any width and effort, between those recorded; None for a kind that was not recorded."""
        return _index_law(ById(self), kind, dim, effort)

    def _between(self, kind: str, dim: int, effort: int) -> tuple[Law, float] | None:
        known = [each for each in self.work.get(kind, ()) if each.supported]
        if not known:
            return None
        dims = sorted({each.law.dim for each in known})
        near = min(dims, key=lambda recorded: abs(recorded - dim))
        at = [self._at_effort(known, recorded, effort) for recorded in dims]
        fixed_us = float(np.interp(dim, dims, [law.fixed_us for law, _ in at]))
        ns_each = float(np.interp(dim, dims, [law.ns_each for law, _ in at])) * max(1.0, dim / dims[-1])
        law, error = at[dims.index(near)]
        error = max(error, OTHER_MACHINE - 1, key=lambda off: abs(log(1 + off)))
        return Law(kind, dim, effort, fixed_us, ns_each, law.counts, law.slowdown, law.largest), error

    def _at_effort(self, known: Sequence[WorkLaw], dim: int, effort: int) -> tuple[Law, float]:
        """The law at one recorded width; comparisons lie between those of the two nearest efforts."""
        ordered = sorted((each for each in known if each.law.dim == dim), key=lambda each: each.law.effort)
        efforts = np.log2([each.law.effort for each in ordered])
        starts, slopes = zip(*(each.law.counts for each in ordered), strict=True)
        asked = np.log2(max(1, effort))
        counts = float(np.interp(asked, efforts, starts)), float(np.interp(asked, efforts, slopes))
        if INDEXES[ordered[0].law.kind].effort_name == "efSearch":  # a walk compares in proportion to its effort
            beyond = max(1.0, effort / ordered[-1].law.effort)
            counts = counts[0] * beyond, counts[1] * beyond
        law = ordered[int(np.abs(efforts - asked).argmin())].law
        fixed_us, ns_each = (
            float(np.median([getattr(w.law, name) for w in ordered])) for name in ("fixed_us", "ns_each")
        )
        at = Law(law.kind, dim, effort, fixed_us, ns_each, counts, law.slowdown, law.largest)
        return at, max((each.error for each in ordered), key=abs, default=0.0)

    def effort_law(self, of: str, kind: str) -> EffortLaw | None:
        """The law of the case's own vectors, else that of synthetic ones; None where neither was recorded."""
        return self.effort.get((of, kind)) or self.effort.get((SYNTHETIC, kind))

    def effort_at(self, of: str, kind: str, effort: int, times: float) -> int:
        """The effort over `times` the items, fewer or more, that keeps the recall by the law; as it is without one."""
        law = self.effort_law(of, kind)
        return effort if law is None else max(1, round(effort * times**law.exponent))

    def retuned(self, of: str, kind: str, effort: int, items: float, size: float) -> int | None:
        """The effort at `size` that keeps the recall it has at `items`; None where no law is supported there.

        A kind without an effort keeps its own, 0 here. Fewer items never ask for less than the design's own effort.
        """
        if INDEXES[kind].effort_name is None:
            return 0
        law = self.effort_law(of, kind)
        if law is None or not law.supported or size / law.largest > MOST_TIMES:
            return None
        wanted = ceil(effort * max(1.0, size / items) ** max(0.0, law.exponent) - 1e-9)
        return min(wanted, n_lists(int(size))) if INDEXES[kind].effort_name == "nprobe" else wanted


@lru_cache(maxsize=4_000)
def _index_law(laws: ById, kind: str, dim: int, effort: int) -> tuple[Law, float] | None:
    return laws.value._between(kind, dim, effort)


@cache
def recorded_laws(path: Path = FILE) -> Laws:
    """The recorded laws; none at all where the file is not there. Raises ValueError where it cannot be read."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Laws("", "", {}, {}, {})
    try:
        return _laws(said)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} holds no scaling laws: {error}") from None


def _laws(said: Mapping[str, Any]) -> Laws:
    work: dict[str, list[WorkLaw]] = {}
    for row in said["work"]:
        counts, slowdown = tuple(row["counts"]), tuple(map(tuple, row["slowdown"]))
        law = Law(
            row["kind"], row["dim"], row["effort"], row["fixed_us"], row["ns_each"], counts, slowdown, row["largest"]
        )
        work.setdefault(law.kind, []).append(WorkLaw(law, row["error"]))
    effort = {(row["of"], row["kind"]): EffortLaw(**row) for row in said["effort"]}
    lists = ("sizes", "values")
    quality = {
        (row["of"], row["like"]): QualityLaw(**{**row, **{name: tuple(row.get(name, ())) for name in lists}})
        for row in said["quality"]
    }
    work_of = {kind: tuple(laws) for kind, laws in work.items()}
    return Laws(said["recorded_on"], said["processor"], work_of, effort, quality)
