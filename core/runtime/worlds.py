"""Worlds of a design: the same design on data drawn anew, graded and not timed; and the spread that ships recorded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cachetools
import numpy as np

from core.contract.case import Case, Estimate
from core.contract.design import Design
from core.metrics.worlds import MOST_WORLDS, Span, between_worlds
from core.runtime.measuring import untimed

FILE = Path(__file__).resolve().parents[2] / "data" / "recorded" / "worlds.json"
MOST_ALIKE = 2  # seeds in a row that draw no other data before others are not tried
SAME_UNITS = 0.5  # correlation of the values unit by unit; those of units drawn anew have about 0
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
    with untimed():
        return case.run(design, seed=seed).quality


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
    return float(np.corrcoef(x, y)[0, 1]) > SAME_UNITS


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
    """How far a quality of a case moves between worlds: the largest over the recorded designs, and `within` beside it.

    `data` is the kind of data that the designs ran on, `shared` whether their worlds have the same units.
    """

    of: str
    data: str
    quality: str
    between: float
    within: float
    shared: bool
    n_worlds: int
    n_designs: int


def spread_row(of: str, data: str, quality: str, designs: Sequence[Sequence[World]]) -> dict[str, Any] | None:
    """The row of the file for one quality over the worlds of several designs; None where none of them reports it."""
    tried = [[world for world in worlds if quality in world.quality] for worlds in designs]
    tried = [worlds for worlds in tried if worlds]
    if not tried:
        return None
    shared = any(quality in world.shared for worlds in tried for world in worlds)
    spans = [[world.quality[quality] for world in worlds] for worlds in tried]
    between = max(between_worlds(each, shared) if len(each) > 1 else 0.0 for each in spans)
    within = float(np.mean([span.error for each in spans for span in each]))
    return {
        "of": of, "data": data, "quality": quality, "between": round(between, 6), "within": round(within, 6),
        "shared": shared, "n_worlds": max(map(len, spans)), "n_designs": len(spans),
    }  # fmt: skip


@cache
def recorded_spread(path: Path = FILE) -> Mapping[tuple[str, str, str], Spread]:
    """{(case, kind of data, quality): spread}; empty where nothing was recorded. ValueError for another file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {(row["of"], row["data"], row["quality"]): Spread(**row) for row in rows}
    except FileNotFoundError:
        return {}
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} holds no spread between worlds: {error}") from None


def spread_of(case: Case, design: Design, quality: str) -> Spread | None:
    """The recorded spread on the design's kind of data, else the case's largest; None where none was recorded."""
    known = recorded_spread()
    data = kind_of_data(case, design)
    others = [spread for (of, _, name), spread in known.items() if (of, name) == (case.slug, quality)]
    return known.get((case.slug, data, quality)) or max(others, key=lambda spread: spread.between, default=None)


def kind_of_data(case: Case, design: Design) -> str:
    """ "real", "real items, simulated behaviour" or "simulated"."""
    return case.data if isinstance(case.data, str) else case.data(design)
