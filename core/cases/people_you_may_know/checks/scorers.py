"""What scorers teach: what a shared friend says, which strangers flatter, and what walking costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.checks.designs import COUNTED, DRAWN, PLAIN, TREES
from core.cases.people_you_may_know.data.graph import graph_of
from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.cases.people_you_may_know.features import path_counts
from core.cases.people_you_may_know.model.scorers import SCORERS
from core.cases.people_you_may_know.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(PeopleYouMayKnow, run, stages)
WEIGHED = ("adamic_adar", "resource")


@check("P1", DIR, "With hubs, Adamic-Adar and resource allocation beat common neighbours.")
def weighing_friends(lab: Lab) -> Verdict:
    base = replace(PLAIN, scorer="common")
    gains = [lab.compare("recall@10", base, replace(PLAIN, scorer=name)) for name in WEIGHED]
    adamic, resource = (difference_text(gain, 4) for gain in gains)
    return Verdict(all(gain.low > 0 for gain in gains), f"Adamic-Adar {adamic}, resource {resource}")


@check("P1 flip", FLIP, "Without hubs, weighted and plain counts suggest equally well.")
def weighing_without_hubs(lab: Lab) -> Verdict:
    gains = [
        lab.compare("recall@10", replace(DRAWN, hubs=hubs, scorer="common"), replace(DRAWN, hubs=hubs, scorer=name))
        for hubs in (0.03, 0.0)
        for name in WEIGHED
    ]
    holds = all(gain.low > 0 for gain in gains[:2]) and not any(gain.distinguishable for gain in gains[2:])
    texts = [difference_text(gain, 4) for gain in gains]
    adamic = f"Adamic-Adar with hubs {texts[0]}, without {texts[2]}"
    return Verdict(holds, f"{adamic}; resource {texts[1]}, {texts[3]}")


@check("P2", DIR, "Random negatives inflate AUC: with two-hop negatives every scorer's AUC falls by more than 0.1.")
def strangers_flatter(lab: Lab) -> Verdict:
    designs = {name: replace(PLAIN, scorer=name) for name in SCORERS}
    aucs = {name: [lab.value(key, d) for key in ("auc_random", "auc_near")] for name, d in designs.items()}
    falls = [easy - hard for easy, hard in aucs.values()]
    texts = [f"{name} {easy:.3f} → {hard:.3f}" for name, (easy, hard) in aucs.items()]
    return Verdict(min(falls) > 0.1, "AUC " + ", ".join(texts))


@check(
    "P2 order",
    DIR,
    "GBDT is well ahead of heuristics on two-hop negatives, and not at all on random ones.",
)
def order_changes(lab: Lab) -> Verdict:
    counted, trees = replace(PLAIN, scorer="resource"), replace(PLAIN, scorer="gbdt")
    easy, hard = (lab.compare(key, counted, trees) for key in ("auc_random", "auc_near"))
    among = f"{difference_text(easy, 4)} among random people, {difference_text(hard, 4)} two hops away"
    return Verdict(hard.low > 0 and not easy.low > 0, f"trees less resource allocation: AUC {among}")


@check(
    "P2 training", DIR, "GBDT trained on random negatives has a higher AUC on random negatives and no higher recall@10."
)
def easy_lessons(lab: Lab) -> Verdict:
    hard, easy = (replace(TREES, tree_negatives=negatives) for negatives in ("two_hop", "random"))
    looks, finds = (lab.compare(key, hard, easy) for key in ("auc_random", "recall@10"))
    numbers = f"AUC among random people {difference_text(looks, 4)}, recall@10 {difference_text(finds, 4)}"
    return Verdict(looks.low > 0 and not finds.low > 0, f"taught on random people: {numbers}")


@check("P2 trees", DIR, "Trained on two-hop negatives, GBDT has a higher recall@10 than Adamic-Adar.")
def trees_win(lab: Lab) -> Verdict:
    gain = lab.compare_pooled("recall@10", COUNTED, TREES)
    return Verdict(gain.low > 0, f"recall@10 {difference_text(gain, 4)} over three seeds")


@check("P3", DEF, "Half the degree needs a quarter of the work: friends of friends grow with the degree squared.")
def paths_square(lab: Lab) -> Verdict:
    world = lab.stage("world", COUNTED)
    half = np.random.default_rng(lab.seed).random(len(world.pairs)) < 0.5
    whole, thin = (
        path_counts(graph_of(world.n, world.pairs[kept], world.day[kept], world.today), NO_CAP).sum()
        for kept in (np.ones(len(half), bool), half)
    )
    share = thin / whole
    return Verdict(abs(share - 0.25) < 0.03, f"{whole:,} walks of two links with all, {share:.3f} of them with half")


@check("P3 cap", DIR, "A hub degree cap saves more than half of the work and keeps most of the recall.")
def hubs_cost(lab: Lab) -> Verdict:
    capped, free = (replace(COUNTED, hub_cap=cap) for cap in (50, NO_CAP))
    work = lab.stage("walk", capped).paths.sum() / lab.stage("walk", free).paths.sum()
    recall = lab.value("recall@10", capped) / lab.value("recall@10", free)
    return Verdict(work < 0.5 and recall > 0.85, f"{work:.0%} of the links walked, {recall:.0%} of the recall@10")
