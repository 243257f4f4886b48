"""The designs that several checks compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.checks.toolkit import Lab

COUNTED = PeopleYouMayKnow(scorer="adamic_adar", profile=0.0)  # nothing is trained, so that a check turns one thing
PLAIN = replace(COUNTED, hub_cap=NO_CAP, half_life=0)  # the textbook counts: every friend introduces, links never fade
DRAWN = replace(COUNTED, graph="drawn", hub_cap=NO_CAP)
BATCH = replace(COUNTED, serving="batch")
NETWORK = replace(COUNTED, scorer="embedding", embedding="lightgcn")
UNTRAINED = replace(PLAIN, scorer="embedding", embedding="sgc")
TREES = replace(COUNTED, scorer="gbdt")
FEW_LINKS = 2


def few_links(lab: Lab, design: PeopleYouMayKnow = COUNTED) -> np.ndarray:
    """Which users (n_users,) have at most FEW_LINKS links today."""
    return lab.stage("graph", design).degree[lab.stage("world", design).users] <= FEW_LINKS
