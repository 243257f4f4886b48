"""Worlds of a design: the same design on data drawn anew, graded and not timed; and the spread that ships recorded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import cachetools
import numpy as np

from core.contract.case import Case, Estimate
from core.contract.design import Design, canonical, to_query
from core.metrics.intervals import NORMAL_95
from core.metrics.worlds import MOST_WORLDS, T_95, Span, agree_too_well, between_worlds
from core.runtime.calls import run_untimed, there

FILE = Path(__file__).resolve().parents[2] / "data" / "recorded" / "worlds.json"
MOST_ALIKE = 2  # seeds in a row that draw no other data before others are not tried
SAME_UNITS = 0.25  # correlation of the values unit by unit; those of units drawn anew have about 0
MOST_KEPT = 2_000


@dataclass(frozen=True)
class World:
    """The qualities of a design in one world; `shared` names those whose units are the first world's."""

    seed: int
    quality: Mapping[str, Span]
    shared: frozenset[str] = frozenset()


def worlds_of(case: Case, design: Design, seed: int, most: int = MOST_WORLDS) -> Iterator[World]:
    """The design's own world and the next ones, one by one; only its own where other seeds draw no other data.

    Raises what the case raises.
    """
    own = _graded(case, design, seed)
    yield World(seed, _spans(own))
    drawn, n_alike, at = [own], 0, seed
    while len(drawn) < most and n_alike < MOST_ALIKE:
        at += 1
        other = _graded(case, design, at)
        if any(_alike(other, world) for world in drawn):
            n_alike += 1
            continue
        n_alike = 0
        drawn.append(other)
        shared = frozenset(key for key in own.keys() & other.keys() if _same_units(own[key], other[key]))
        yield World(at, _spans(other), shared)


def _graded(case: Case, design: Design, seed: int) -> Mapping[str, Estimate]:
    return there(run_untimed, case, design, seed).quality


def _spans(quality: Mapping[str, Estimate]) -> dict[str, Span]:
    return {key: Span(estimate.value, estimate.low, estimate.high) for key, estimate in quality.items()}


def _alike(a: Mapping[str, Estimate], b: Mapping[str, Estimate]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[key].per_query, b[key].per_query) for key in a)


def _same_units(a: Estimate, b: Estimate) -> bool:
    x, y = a.per_query, b.per_query
    if x.shape != y.shape:
        return False
    if x.std() == 0 or y.std() == 0:
        return bool(np.array_equal(x, y))
    return float(np.corrcoef(x, y)[0, 1]) > max(SAME_UNITS, 4 / len(x) ** 0.5)  # by chance 1 in 30,000


class Worlds:
    """The worlds of designs that were graded in this process, by case, design and first seed; thread-safe."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._known: cachetools.LRUCache = cachetools.LRUCache(most)
        self._lock = threading.Lock()

    def add(self, case: Case, design: Design, seed: int, worlds: Sequence[World]) -> None:
        """Keep what `worlds_of` gave, once it is whole or enough."""
        with self._lock:
            self._known[case.slug, design, seed] = tuple(worlds)

    def known(self, case: Case, design: Design, seed: int) -> tuple[World, ...]:
        """The worlds, the design's own first; none where they were not graded."""
        with self._lock:
            return self._known.get((case.slug, design, seed), ())

    def clear(self) -> None:
        """Drop all of them."""
        with self._lock:
            self._known.clear()


WORLDS = Worlds()


@dataclass(frozen=True)
class Spread:
    """How far a quality of a case moved between worlds when several designs were graded in each.

    `between` is the standard deviation of each design by its query, `data` the kind of data they ran on, `within` the
    mean standard error in one world.
    """

    of: str
    data: str
    quality: str
    between: Mapping[str, float]
    within: float
    shared: bool  # whether the worlds have the same units
    n_worlds: int

    def half_width(self, design: Design) -> float:
        """What 95 % of worlds stray at most from their mean, as far as is known.

        For a recorded design by its own deviation and Student's t of n - 1 worlds; for any other by the largest.
        """
        own = self.between.get(design_query(design))
        if own is not None:
            return T_95[self.n_worlds - 1] * own if self.n_worlds > 1 else 0.0
        return NORMAL_95 * max(self.between.values())


def spread_row(of: str, data: str, quality: str, designs: Mapping[str, Sequence[World]]) -> dict[str, Any] | None:
    """The row of the file for one quality over the worlds of designs by query; None where none of them reports it."""
    reported = {query: [w for w in worlds if quality in w.quality] for query, worlds in designs.items()}
    reported = {query: worlds for query, worlds in reported.items() if worlds}
    if not reported:
        return None
    spans = {query: [world.quality[quality] for world in worlds] for query, worlds in reported.items()}
    shared = {
        query: any(quality in world.shared for world in worlds) or agree_too_well(spans[query])
        for query, worlds in reported.items()
    }
    between = {
        query: between_worlds(of_one, shared[query]) if len(of_one) > 1 else 0.0 for query, of_one in spans.items()
    }
    within = float(np.mean([span.error for of_one in spans.values() for span in of_one]))
    return {
        "of": of, "data": data, "quality": quality, "between": {q: round(sd, 6) for q, sd in between.items()},
        "within": round(within, 6), "shared": any(shared.values()), "n_worlds": max(map(len, spans.values())),
    }  # fmt: skip


@lru_cache(maxsize=8_000)
def design_query(design: Design) -> str:
    """What a design has other than the default of its case, as a query; so that a new knob changes none of them."""
    default = to_query(canonical(type(design)()), 0)
    return urlencode({name: option for name, option in to_query(design, 0).items() if option != default[name]})


@cache
def recorded_spread(path: Path = FILE) -> Mapping[tuple[str, str, str], Spread]:
    """{(case, kind of data, quality): spread}; empty where nothing was recorded. ValueError for another file.

    The file names the designs of a case once and has their deviations in that order.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        designs = {(row["of"], row["data"]): row["designs"] for row in said["designs"]}
        spreads = [
            Spread(**{**row, "between": _by_design(designs[row["of"], row["data"]], row["between"])})
            for row in said["rows"]
        ]
    except FileNotFoundError:
        return {}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} holds no spread between worlds: {error}") from None
    return {(spread.of, spread.data, spread.quality): spread for spread in spreads}


def _by_design(designs: Sequence[str], between: Sequence[float | None]) -> dict[str, float]:
    return {query: sd for query, sd in zip(designs, between, strict=True) if sd is not None}


def spread_of(case: Case, design: Design, quality: str) -> Spread | None:
    """The recorded spread on the design's kind of data, else the case's largest; None where none was recorded."""
    known = recorded_spread()
    own = known.get((case.slug, kind_of_data(case, design), quality))
    if own is not None:
        return own
    others = [spread for (of, _, name), spread in known.items() if (of, name) == (case.slug, quality)]
    return max(others, key=lambda spread: max(spread.between.values()), default=None)


def kind_of_data(case: Case, design: Design) -> str:
    """ "real", "real items, simulated behaviour" or "simulated"."""
    return case.data if isinstance(case.data, str) else case.data(design)
