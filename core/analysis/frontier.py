"""One sentence about a Pareto front: how much quality more time buys, and where the gain ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.analysis.explain import quality_change
from core.contract.case import Case, Measurement
from core.contract.design import Design, serving_mode
from core.metrics.pareto import front, knee


@dataclass(frozen=True)
class Insight:
    """A sentence, the gist of it, and the three designs it names: the fastest of the front, the knee and the best."""

    sentence: str
    brief: str
    fastest: Design
    knee: Design
    best: Design


def of_frontier(case: Case, rows: Mapping[Design, Measurement], seed: int) -> Insight | None:
    """The insight for the front of p50 service time against the first quality; None without a knee.

    The front is that of the case's own serving mode, within which alone designs dominate each other.
    """
    axis, mode = case.qualities[0], serving_mode(case.Design())
    designs = [
        design
        for design, measured in rows.items()
        if axis.key in measured.quality and p50_ms(measured) > 0 and serving_mode(design) == mode
    ]
    points = [[math.log10(p50_ms(rows[design])), rows[design].quality[axis.key].value] for design in designs]
    bend = knee(points, ("lower", axis.better)) if points else None
    if bend is None:
        return None
    on_front = [design for design, on in zip(designs, front(points, ("lower", axis.better)), strict=True) if on]
    on_front.sort(key=lambda design: p50_ms(rows[design]))
    fastest, best = on_front[0], on_front[-1]
    sentence = _sentence(case, rows[fastest], rows[designs[bend]], rows[best], seed)
    return Insight(sentence, _brief(case, rows[designs[bend]], rows[best], seed), fastest, designs[bend], best)


def p50_ms(measured: Measurement) -> float:
    """The p50 of the service time without its interval, which would take a hundred times as long."""
    return float(np.median(measured.service_ms))


def _sentence(case: Case, fastest: Measurement, bend: Measurement, best: Measurement, seed: int) -> str:
    axis = case.qualities[0]
    first, then = quality_change(axis, fastest, bend, seed), quality_change(axis, bend, best, seed)
    rise = f"{axis.label} goes from {first.before:.3f} to {first.after:.3f}"
    if not first.distinguishable:
        rise = f"{axis.label} moves by no more than these data can tell from noise"
    gain = f"{then.after - then.before:+.3f} more" if then.distinguishable else "nothing that these data can tell"
    return (
        f"From the fastest design to the knee, {rise} for {_times(fastest, bend)} the time "
        f"({p50_ms(fastest):.2g} to {p50_ms(bend):.2g} ms); "
        f"from there to the best one, {_times(bend, best)} the time buys {gain}."
    )


def _brief(case: Case, bend: Measurement, best: Measurement, seed: int) -> str:
    change = quality_change(case.qualities[0], bend, best, seed)
    more = f"{change.after - change.before:+.3f}" if change.distinguishable else "no more"
    return f"Past the knee, {_times(bend, best).replace(' times', '×')} the time buys {more} {case.qualities[0].label}."


def _times(before: Measurement, after: Measurement) -> str:
    factor = p50_ms(after) / p50_ms(before)
    return f"{factor:.2g} times" if factor < 10 else f"{factor:,.0f} times"
