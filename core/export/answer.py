"""What a design gives under its requirements, as one JSON object."""

from __future__ import annotations

import dataclasses
from typing import Any

from core.analysis.figures import FIGURES, Figure
from core.serving.evaluate import Evaluated
from core.serving.slo import Constraint, too_noisy


def answer(evaluated: Evaluated) -> dict[str, Any]:
    """Qualities, times, fleet, bill and verdict of a design at the items that were asked.

    `p50_ms` and `service_p99_ms` are of a request alone, `p99_ms` is under the load. What the machine was too busy to
    say is None.
    """
    sized, assessment = evaluated.sized, evaluated.assessment
    noisy = too_noisy(evaluated.measured)
    usd = {**assessment.usd_per_month, "total": assessment.total_usd}
    return {
        "case": evaluated.case.slug,
        "design": dataclasses.asdict(evaluated.design),
        "seed": evaluated.seed,
        "at_items": sized.n_items,
        "measured_items": evaluated.measured.n_items,
        "quality": {key: _quality(evaluated, key) for key in evaluated.measured.quality},
        "p50_ms": _number(evaluated, FIGURES["p50_ms"]),
        "service_p99_ms": _number(evaluated, FIGURES["p99_ms"]),
        "p99_ms": _number(evaluated, FIGURES["load_p99_ms"]),
        "p99_band_ms": [
            None if noisy else end for end in evaluated.load.p99_band_ms(assessment.p99_ms, evaluated.projected.p99)
        ],
        "goodput": _number(evaluated, FIGURES["goodput"]),
        "cpu_ms": _number(evaluated, FIGURES["cpu_ms"]),
        "noise": evaluated.measured.noise,
        "replicas": _number(evaluated, FIGURES["replicas"]),
        "shards": sized.shards,
        "usd_per_month": {part: None if noisy else amount for part, amount in usd.items()},
        "memory_bytes": sized.memory_bytes,
        "efforts": dict(evaluated.projected.efforts),
        "verdict": evaluated.verdict,
        "binding": evaluated.binding.key,
        "constraints": [_constraint(constraint) for constraint in evaluated.constraints],
    }


def _number(evaluated: Evaluated, figure: Figure) -> float | None:
    return None if figure.noisy_where(evaluated) else figure.read(evaluated)


def _quality(evaluated: Evaluated, key: str) -> dict[str, Any]:
    quality, estimate = evaluated.quality(key), evaluated.measured.quality[key]
    return {
        "value": quality.value,
        "low": quality.low,
        "high": quality.high,
        "unit": estimate.unit,
        "units": estimate.n_units,
        "measured": estimate.value,
        "covers": quality.covers,
        "judged": quality.judged,
        "why": quality.why,
    }


def _constraint(constraint: Constraint) -> dict[str, Any]:
    known = None if constraint.noisy else constraint.got
    return {
        "key": constraint.key,
        "asked": constraint.asked,
        "got": known,
        "verdict": constraint.verdict,
        "unsure": constraint.unsure,
    }
