"""Checks of lists and their metrics: depth, order, the ceiling of the filter, the oracle, the tree of places."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.design import EventRecommendation as Design
from core.cases.event_recommendation.evaluate.quality import TOP, chances_of, relevant
from core.cases.event_recommendation.pipeline import run, stages
from core.cases.event_recommendation.serve.candidates import finder, scan
from core.cases.event_recommendation.serve.lists import K
from core.checks.toolkit import Checks, Lab
from core.contract.check import DEF, INV, Verdict
from core.metrics import ndcg_at_k, ndcg_of, recall_at_k

check = Checks(Design, run, stages)


@check("G1", DEF, "Recall never falls with a longer list, and every quality lies between 0 and 1.")
def deeper_lists_find_no_less(lab: Lab) -> Verdict:
    world, ids = lab.stage("world", Design()), lab.stage("served", Design())
    who, wanted = relevant(world)
    by_k = np.array([recall_at_k(ids[who], wanted, k).mean() for k in range(1, K + 1)])
    shares = [lab.per_query(key, Design()) for key in ("map", "ndcg@10", "ceiling")]
    inside = all((share >= 0).all() and (share <= 1).all() for share in shares)
    return Verdict(bool((np.diff(by_k) >= 0).all() and inside), f"recall {by_k[0]:.3f} at 1, {by_k[-1]:.3f} at {K}")


@check("G2", DEF, "Reversing a ranking changes nDCG but not recall.")
def order_matters_to_ndcg_alone(lab: Lab) -> Verdict:
    world, ids = lab.stage("world", Design()), lab.stage("served", Design())[:, :TOP]
    who, wanted = relevant(world)
    gains = [dict.fromkeys(events.tolist(), 1.0) for events in wanted]
    there, back = (ndcg_at_k(shown, gains, TOP).mean() for shown in (ids[who], ids[who][:, ::-1]))
    same = (recall_at_k(ids[who], wanted, TOP) == recall_at_k(ids[who][:, ::-1], wanted, TOP)).all()
    return Verdict(bool(same and there != back), f"nDCG {there:.4f}, reversed {back:.4f}; recall the same for each")


@check("G4", DEF, "No ranker recovers what the filter dropped: mAP never exceeds the recall ceiling.")
def candidates_are_the_ceiling(lab: Lab) -> Verdict:
    precise, ceiling = (lab.per_query(key, Design()) for key in ("map", "ceiling"))
    return Verdict(bool((precise - ceiling <= 1e-12).all()), f"mAP {precise.mean():.3f}, ceiling {ceiling.mean():.3f}")


@check("G4b", INV, "No list brings more registrations than the oracle's.")
def the_oracle_is_ahead(lab: Lab) -> Verdict:
    """The true chances put in order against every list by its expected registrations."""
    least = min(lab.per_query("regret", Design(model=model)).min() for model in ("gbdt", "rules"))
    world, ids = lab.stage("world", Design()), lab.stage("served", Design())
    who, _ = relevant(world)
    chance = chances_of(ids[:, :TOP][who], who, world)
    best = -np.sort(-world.requests.chance[who], axis=1)[:, :TOP]
    share = ndcg_of(chance, best)
    return Verdict(
        bool(least >= -1e-6), f"least regret of a person {least:.4f}; of the oracle's nDCG {share.mean():.3f}"
    )


@check("G3", INV, "The spatial index returns exactly the events of a full scan.")
def tree_and_scan_agree(lab: Lab) -> Verdict:
    world, shelf = lab.stage("world", Design()), lab.stage("shelf", Design())
    n, wrong = len(world.people.city), 0
    for radius in (5, 50, 200):
        scanned, find = scan(shelf, world, radius, 14), finder(shelf, world, radius, 14)
        bounds = scanned.bounds(n)
        wrong += sum(not np.array_equal(find(i), scanned.column[bounds[i] : bounds[i + 1]]) for i in range(n))
    return Verdict(wrong == 0, f"{wrong} of {3 * n:,} searches differ")
