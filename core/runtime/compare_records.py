"""What changed between two recordings of a case: qualities to the last digit, times as one factor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.contract.case import SEED, Case
from core.contract.design import Design, describe
from core.runtime import recorded
from core.runtime.recorded import Recorded

SAME = 1e-6  # relative and absolute; a sum in another order moves a quality by less

Qualities = Mapping[str, float]


def quality_changes(before: Qualities, after: Qualities) -> list[str]:
    """One text for every quality that another run of the same design gives another value of."""
    return [
        f"{key} {before.get(key, math.nan):.6g} → {after.get(key, math.nan):.6g}"
        for key in {**before, **after}
        if not math.isclose(before.get(key, math.nan), after.get(key, math.nan), rel_tol=SAME, abs_tol=SAME)
    ]


def sample(designs: Sequence[Recorded], n: int, seed: int = SEED) -> list[Recorded]:
    """The first recorded design and n − 1 drawn from the others, in the order of the record."""
    others = np.random.default_rng(seed).permutation(range(1, len(designs)))[: max(0, n - 1)]
    return [designs[at] for at in sorted({0, *map(int, others)}) if at < len(designs)][:n]


def compare_sample(case: Case, path: Path, n: int) -> tuple[list[str], str]:
    """Run some recorded designs again: a line for each that has other qualities, and how fast this machine is.

    Raises ValueError without a recording.
    """
    chosen = sample(recorded.recorded_designs(case, path), n)
    if not chosen:
        raise ValueError(f"{case.slug}: {path} holds no design of today; record it first")
    here = [(one, case.run(one.design, seed=one.seed)) for one in chosen]
    changes = [
        f"{case.slug}: {_named(one.design)}: {', '.join(found)}"
        for one, measured in here
        if (found := quality_changes(_values(one.measured), _values(measured)))
    ]
    return changes, recorded.speed_text(recorded.speed_factor((one.measured, measured) for one, measured in here))


def compare_files(case: Case, committed: Path, other: Path) -> tuple[list[str], str]:
    """The same of two recordings, with how many designs only one of them has."""
    then, now = (
        {(one.design, one.seed): one.measured for one in recorded.recorded_designs(case, path)}
        for path in (committed, other)
    )
    both = [key for key in then if key in now]
    changes = [
        f"{case.slug}: {_named(key[0])}: {', '.join(found)}"
        for key in both
        if (found := quality_changes(_values(then[key]), _values(now[key])))
    ]
    told = f"{len(both)} designs in both, {len(then) - len(both)} only before, {len(now) - len(both)} only after."
    factor = recorded.speed_text(recorded.speed_factor((then[key], now[key]) for key in both))
    return changes, f"{told} {factor}".strip()


def _values(measured: Any) -> Qualities:
    return {key: estimate.value for key, estimate in measured.quality.items()}


def _named(design: Design) -> str:
    return ", ".join(f"{label} {option}" for label, option in describe(design).items())
