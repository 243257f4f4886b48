"""What time and serving teach: how links are held back, whom to serve ahead, how a store ages, friends against fame."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.people_you_may_know.checks.designs import BATCH, COUNTED, DRAWN
from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.case import Estimate
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(PeopleYouMayKnow, run, stages)
REFRESHES = (7, 30, 180, 365, 730)  # days


@check("P7", DIR, "A random split is far easier than a time split.")
def random_split_flatters(lab: Lab) -> Verdict:
    time, random = split_estimates(lab, COUNTED)
    numbers = f"recall@10 {random.value:.3f} ({random.low:.3f} to {random.high:.3f}) against {time.value:.3f}"
    return Verdict(random.low > time.high, f"{numbers} ({time.low:.3f} to {time.high:.3f})")


@check("P7 flip", FLIP, "Where links come in no order, random and time split agree.")
def split_without_drift(lab: Lab) -> Verdict:
    time, random = split_estimates(lab, replace(DRAWN, hub_cap=100))
    overlap = random.low <= time.high and time.low <= random.high
    numbers = f"recall@10 {random.value:.3f} at random ({random.low:.3f} to {random.high:.3f})"
    return Verdict(overlap, f"{numbers}, {time.value:.3f} by time ({time.low:.3f} to {time.high:.3f})")


def split_estimates(lab: Lab, design: PeopleYouMayKnow) -> tuple[Estimate, Estimate]:
    """recall@10 with links held back by time and at random; other users, so intervals and no pairs."""
    time, random = (lab.estimate("recall@10", replace(design, split=s, half_life=0)) for s in ("time", "random"))
    return time, random


@check("P8", DEF, "Precomputing for active users only costs by their share, and changes nothing for them.")
def active_only(lab: Lab) -> Verdict:
    n_known = int((lab.stage("graph_then", BATCH).degree > 0).sum())
    users, by_batch = lab.stage("world", BATCH).users, lab.stage("served", BATCH)
    shares, same = [], []
    for share in (0.1, 0.25, 0.5):
        design = replace(COUNTED, serving="active", active_share=share)
        active = lab.stage("active", design)
        shares.append(int(active.sum()) == int(np.ceil(share * n_known)))
        same.append(np.array_equal(lab.stage("served", design)[active[users]], by_batch[active[users]]))
    follow = f"rows ahead follow the share {all(shares)}, the active get the same {all(same)}"
    return Verdict(all(shares) and all(same), f"{n_known:,} people known; {follow}")


@check("P8 lazy", DIR, "At their first visit, inactive users are better served by computing than by a popular list.")
def lazy_saves(lab: Lab) -> Verdict:
    active, lazy = (replace(COUNTED, serving=serving) for serving in ("active", "lazy"))
    waiting = ~lab.stage("active", active)[lab.stage("world", active).users]
    gain, recall = lab.compare("recall@10", active, lazy, waiting), lab.per_query("recall@10", lazy)[waiting].mean()
    numbers = f"recall@10 {recall:.3f} at their first visit, {difference_text(gain, 4)} against the list"
    return Verdict(gain.low > 0, f"{waiting.sum()} of 1,000 people: {numbers}")


@check("P9", DIR, "The older the precomputed suggestions, the fewer become links.")
def age_costs(lab: Lab) -> Verdict:
    designs = [replace(BATCH, refresh_days=days) for days in REFRESHES]
    falls = all(lab.compare("recall@10", sooner, later).low <= 0 for sooner, later in pairwise(designs))
    gain = lab.compare("recall@10", designs[-1], designs[0])
    values = " → ".join(f"{lab.value('recall@10', design):.3f}" for design in designs)
    return Verdict(falls and gain.low > 0, f"recall@10 {values} at a refresh every week to every two years")


@check("P9 flip", FLIP, "Where common neighbours carry no signal, stale suggestions are as good as fresh ones.")
def age_without_closure(lab: Lab) -> Verdict:
    young, old = (replace(BATCH, refresh_days=days, rewired=1.0) for days in (7, 730))
    gain = lab.compare("recall@10", young, old)
    return Verdict(not gain.distinguishable, f"every two years less every week: recall@10 {difference_text(gain, 4)}")


@check("P10", DIR, "Friends of friends beat the highest degrees as candidates.")
def friends_beat_fame(lab: Lab) -> Verdict:
    gain = lab.compare("recall@10", fame(COUNTED), replace(COUNTED, scorer="common"))
    return Verdict(gain.low > 0, f"recall@10 {difference_text(gain, 4)}")


@check("P10 flip", FLIP, "With all edges rewired, the highest degrees beat friends of friends.")
def fame_beats_friends(lab: Lab) -> Verdict:
    rewired = replace(COUNTED, rewired=1.0)
    gain = lab.compare("recall@10", replace(rewired, scorer="common"), fame(rewired))
    return Verdict(gain.low > 0, f"recall@10 {difference_text(gain, 4)}")


def fame(design: PeopleYouMayKnow) -> PeopleYouMayKnow:
    """The design that offers everybody the best connected."""
    return replace(design, scorer="popularity", candidates="popular")
