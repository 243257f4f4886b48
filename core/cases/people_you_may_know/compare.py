"""Comparing designs of people you may know over the same people; nothing here is timed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.cases.people_you_may_know.run import stages
from core.contract.check import Verdict
from core.metrics import PairedDifference, paired_difference

DEFAULT = PeopleYouMayKnow()
PLAIN = replace(DEFAULT, hub_cap=NO_CAP, half_life=0)  # the textbook counts: every friend introduces, links never fade
DRAWN = replace(DEFAULT, graph="drawn", hub_cap=NO_CAP)
BATCH = replace(DEFAULT, serving="batch")
NETWORK = replace(DEFAULT, scorer="embedding", embedding="lightgcn")
UNTRAINED = replace(PLAIN, scorer="embedding", embedding="sgc")
TREES = replace(DEFAULT, scorer="gbdt")
FEW_LINKS = 2
N_WORLDS = 5  # one world's draw of the people to learn from moves the trees as much as half of the pairs does


def graded(design: PeopleYouMayKnow, seed: int, key: str = "recall@10") -> np.ndarray:
    """One quality of every user; nothing is timed."""
    return stages(design, seed).quality.value[key].per_query


def against(
    one: PeopleYouMayKnow, other: PeopleYouMayKnow, seed: int, key: str = "recall@10", users: np.ndarray | None = None
) -> PairedDifference:
    """The other design's quality less the first one's, over the same users."""
    now, was = (graded(design, seed, key) for design in (other, one))
    return paired_difference(now, was, seed) if users is None else paired_difference(now[users], was[users], seed)


def pooled(one: PeopleYouMayKnow, other: PeopleYouMayKnow, seed: int) -> PairedDifference:
    """The same in recall@10 over N_WORLDS seeds, the reader's own first, as one training's noise passes for a gain."""
    now, was = (np.concatenate([graded(d, seed + i) for i in range(N_WORLDS)]) for d in (other, one))
    return paired_difference(now, was, seed)


def told(d: PairedDifference) -> str:
    """A paired difference in words."""
    clear = "" if d.distinguishable else ", not distinguishable"
    return f"{d.mean:+.4f} ({d.low:+.4f} to {d.high:+.4f}{clear})"


def better(one: PeopleYouMayKnow, other: PeopleYouMayKnow, seed: int) -> Verdict:
    """Whether the second design is better by more than chance."""
    d = against(one, other, seed)
    return Verdict(d.low > 0, f"recall@10 {told(d)}")


def few_links(seed: int, design: PeopleYouMayKnow = DEFAULT) -> np.ndarray:
    """Which users have at most FEW_LINKS links today."""
    s = stages(design, seed)
    return s.now.graph.value.degree[s.world.value.users] <= FEW_LINKS
