"""Sweeps over many designs of a case: the selection, an order that shares work, and rows as they finish."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from math import isqrt

from core.contract.case import SEED, Case, Measurement
from core.contract.design import FAMILIES, Design, canonical, knobs
from core.runtime.calls import run_design, there
from core.runtime.channel import Cancelled

CHOICES = tuple(family for family in FAMILIES if family != "data")


@dataclass(frozen=True)
class Row:
    """One design of a sweep: its measurement, or its error."""

    design: Design
    measurement: Measurement | None
    error: str = ""


def sweep(
    case: Case, designs: Iterable[Design], seed: int = SEED, cancelled: Callable[[], bool] = lambda: False,
    at_once: int = 1,
) -> Iterator[Row]:  # fmt: skip
    """Run each design once and yield rows as they finish; a failing design yields its error and the rest go on.

    `cancelled` is called before every design, so a cancel takes effect within one design. Designs with shared early
    steps run one after the other, `at_once` of them at a time where there are as many workers.
    """

    def row(design: Design) -> Row | None:
        try:
            return None if cancelled() else Row(design, there(run_design, case, design, seed))
        except Cancelled:
            return None
        except Exception as error:  # one failing design must not lose the others
            return Row(design, None, f"{type(error).__name__}: {error}")

    rows = map(row, ordered(designs)) if at_once == 1 else _in_threads(row, ordered(designs), at_once)
    for each in rows:
        if each is None:
            return
        yield each


def _in_threads(row: Callable[[Design], Row | None], designs: list[Design], n: int) -> Iterator[Row | None]:
    """The rows in order, each from a thread that goes the way of this one."""
    ways = [copy_context() for _ in designs]
    with ThreadPoolExecutor(n, thread_name_prefix="sweep") as threads:
        yield from threads.map(lambda way, design: way.run(row, design), ways, designs)


def ordered(designs: Iterable[Design]) -> list[Design]:
    """Distinct canonical designs, sorted so that designs with shared early steps are neighbours."""
    return sorted({canonical(design) for design in designs}, key=_place)


def _place(design: Design) -> tuple[int, ...]:
    return tuple(knob.options.index(getattr(design, name)) for name, knob in knobs(type(design)).items())


def shared_spread(design: Design, n: int, seed: int = SEED) -> list[Design]:
    """Up to n designs as `spread` draws them, but about √n of them for each choice of what is dear to make.

    Models and representations are trained and encoded, lookups and serving only searched: designs drawn one by one
    would hardly ever share the dear stages.
    """
    dear, cheap = ("model", "representation"), ("lookup", "serving")
    made = spread(design, isqrt(n), seed, dear)
    each = -(-n // max(1, len(made)))
    drawn = [one for at, start in enumerate(made) for one in spread(start, each, seed + at, cheap)]
    first = canonical(design)
    return ordered([first, *[one for one in dict.fromkeys(drawn) if one != first][: max(0, n - 1)]]) if n > 0 else []


def spread(design: Design, n: int, seed: int = SEED, families: Collection[str] = CHOICES) -> list[Design]:
    """Up to n distinct designs with uniformly drawn options of the knobs in these families, never data knobs.

    The given design is always included. Fewer come back when the space is smaller than n.
    """
    may = set(families) - {"data"}
    free = {name: knob for name, knob in knobs(type(design)).items() if knob.family in may}
    draw, designs = random.Random(seed), {canonical(design): None}
    for _ in range(20 * n):
        if len(designs) >= n:
            break
        choice = {name: draw.choice(knob.options) for name, knob in free.items()}
        designs[canonical(dataclasses.replace(design, **choice))] = None
    return ordered(designs) if n > 0 else []
