"""The designs that several checks compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.checks.toolkit import Lab

DEFAULT = PeopleYouMayKnow()
PLAIN = replace(DEFAULT, hub_cap=NO_CAP, half_life=0)  # the textbook counts: every friend introduces, links never fade
DRAWN = replace(DEFAULT, graph="drawn", hub_cap=NO_CAP)
BATCH = replace(DEFAULT, serving="batch")
NETWORK = replace(DEFAULT, scorer="embedding", embedding="lightgcn")
UNTRAINED = replace(PLAIN, scorer="embedding", embedding="sgc")
TREES = replace(DEFAULT, scorer="gbdt")
FEW_LINKS = 2


def few_links(lab: Lab, design: PeopleYouMayKnow = DEFAULT) -> np.ndarray:
    """Which users (n_users,) have at most FEW_LINKS links today."""
    return lab.stage("graph", design).degree[lab.stage("world", design).users] <= FEW_LINKS
