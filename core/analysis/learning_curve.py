"""Learning curve and seed variance: whether more training data or effort helps, and how much a seed matters."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.alternatives import framing_choices
from core.contract.case import SEED, Case, Estimate, Measurement
from core.contract.design import Design, Knob, canonical, knobs
from core.runtime.calls import run_design, there
from core.runtime.channel import Cancelled
from core.runtime.results import RESULTS

N_SEEDS = 3


@dataclass(frozen=True)
class Curve:
    """The designs of a learning curve, one per option of its knob, and the framing they belong to."""

    knob: Knob
    designs: dict[Any, Design]  # option → design
    of: str  # "" for the present design, else the framing in which the knob does something


def curve(case: Case, present: Design) -> Curve | None:
    """The learning curve of the present design, else of the first framing or other data that uses its knob.

    None where the case has no such knob or nothing uses it.
    """
    interview = case.interview
    if interview is None or interview.curve_knob is None:
        return None
    knob = knobs(case.Design)[interview.curve_knob]
    started = [("", present), *((choice.label, choice.design) for choice in framing_choices(interview, present))]
    for label, design in (*started, *_on_other_data(present)):
        if knob.active(design):
            offered = knob.offered(design)
            return Curve(knob, {o: canonical(dataclasses.replace(design, **{knob.name: o})) for o in offered}, label)
    return None


def _on_other_data(present: Design) -> list[tuple[str, Design]]:
    """The present design on every other kind of data, with the name of that."""
    kinds = [knob for knob in knobs(type(present)).values() if knob.family == "data" and not knob.ordered]
    return [
        (knob.text(option), canonical(dataclasses.replace(present, **{knob.name: option})))
        for knob in kinds
        for option in knob.options
        if option != getattr(present, knob.name)
    ]


def seeds_of(seed: int, n: int = N_SEEDS) -> tuple[int, ...]:
    """The page's seed and the next n − 1."""
    return tuple(range(seed, seed + n))


@dataclass(frozen=True)
class Spread:
    """One quality under several seeds."""

    estimates: tuple[Estimate, ...]

    @property
    def deviation(self) -> float:
        """The sample standard deviation over seeds; rough for three seeds."""
        return float(np.std([estimate.value for estimate in self.estimates], ddof=1))

    @property
    def half_width(self) -> float:
        """The mean half-width of the query intervals."""
        return float(np.mean([(estimate.high - estimate.low) / 2 for estimate in self.estimates]))

    @property
    def smallest_gap(self) -> float:
        """The smallest difference of two single-seed runs that stands out: 1.96·√2·deviation."""
        return 1.96 * 2**0.5 * self.deviation


def spread(key: str, runs: Iterable[Measurement]) -> Spread | None:
    """The spread over runs of one design with several seeds; None below two."""
    estimates = tuple(run.quality[key] for run in runs if key in run.quality)
    return Spread(estimates) if len(estimates) > 1 else None


@dataclass(frozen=True)
class Run:
    """One run: its measurement, or why it failed."""

    design: Design
    seed: int
    measured: Measurement | None
    error: str = ""


def runs(
    case: Case, designs: Iterable[tuple[Design, int]], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Run]:
    """Measure each (design, seed) once and keep it in RESULTS; a failed run carries its message."""
    for design, seed in designs:
        if cancelled():
            return
        try:
            if RESULTS.known(case, design, seed) is None:
                RESULTS.add(case, design, seed, there(run_design, case, design, seed))
            yield Run(design, seed, RESULTS.known(case, design, seed))
        except Cancelled:
            raise
        except Exception as error:  # one failing design must not lose the others
            yield Run(design, seed, None, f"{type(error).__name__}: {error}")


def same_design(case: Case, design: Design, seed: int = SEED) -> list[tuple[Design, int]]:
    """One design under N_SEEDS seeds."""
    return [(design, run_seed) for run_seed in seeds_of(seed)]
