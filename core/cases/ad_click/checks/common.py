"""The designs that the checks start from, and what several of them ask."""

from __future__ import annotations

from dataclasses import replace

from core.cases.ad_click.design import AdClick
from core.checks.toolkit import Lab

DEFAULT = AdClick(model="gbdt", trees=100, calibrator="none", features_from="table")  # a check turns one thing
STILL = replace(DEFAULT, data="generated", drift=0.0, outside=2.0)
MOVING = replace(DEFAULT, data="generated", drift=3.0, interactions=0.0)


def worlds(lab: Lab) -> tuple[Lab, ...]:
    """The lab under three seeds, its own first, as one world's training noise can pass for a difference."""
    return tuple(lab.at(lab.seed + i) for i in range(3))


def predicted_over_seen(lab: Lab, design: AdClick) -> float:
    """Predicted clicks over clicks that came."""
    return float(lab.stage("served", design).mean() / lab.stage("rows", design).test_y.mean())
