"""Comparing designs of ad click prediction over the same exposures; nothing here is timed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.ad_click.design import AdClick
from core.cases.ad_click.model.trees import compiled_walk
from core.cases.ad_click.pipeline import stages
from core.contract.design import canonical
from core.metrics import PairedDifference, paired_difference

DEFAULT = AdClick(model="gbdt", trees=100, calibrator="none")  # plain trees, so that a check turns one thing
STILL = replace(DEFAULT, data="generated", drift=0.0, outside=2.0)
MOVING = replace(DEFAULT, data="generated", drift=3.0, interactions=0.0)


def staged(design: AdClick, seed: int) -> dict[str, Any]:
    """The stages of a design, what does nothing in it left out."""
    compiled_walk()
    return stages(canonical(design), seed)


def graded(design: AdClick, seed: int, key: str = "ne") -> np.ndarray:
    """The values behind one quality."""
    return staged(design, seed)["quality"].value[key].per_query


def value(design: AdClick, seed: int, key: str = "ne") -> float:
    """One quality."""
    return staged(design, seed)["quality"].value[key].value


def against(one: AdClick, other: AdClick, seed: int, key: str = "ne") -> PairedDifference:
    """The other design's quality less the first one's, over the same exposures."""
    return paired_difference(graded(other, seed, key), graded(one, seed, key), seed)


def pooled(one: AdClick, other: AdClick, seed: int, key: str = "ne") -> PairedDifference:
    """The same over three worlds, as one world's training noise can pass for a difference."""
    now, was = (np.concatenate([graded(d, s, key) for s in worlds(seed)]) for d in (other, one))
    return paired_difference(now, was, seed)


def worlds(seed: int) -> tuple[int, ...]:
    """The seeds of three worlds, the reader's own first."""
    return seed, seed + 1, seed + 2


def told(d: PairedDifference) -> str:
    """A paired difference in words."""
    clear = "" if d.distinguishable else ", not distinguishable"
    return f"{d.mean:+.4f} ({d.low:+.4f} to {d.high:+.4f}{clear})"


def predicted_over_seen(design: AdClick, seed: int) -> float:
    """Predicted clicks over clicks that came."""
    s = staged(design, seed)
    return float(s["served"].value.mean() / s["rows"].value.test_y.mean())
