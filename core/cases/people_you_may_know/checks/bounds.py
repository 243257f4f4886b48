"""What holds on any data: metrics in order, candidates as the ceiling, and more lists that find more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.checks.designs import COUNTED
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.model.scorers import SCORERS
from core.cases.people_you_may_know.pipeline import run, stages
from core.cases.people_you_may_know.serve.candidates import NEAREST
from core.cases.people_you_may_know.serve.ranking import K
from core.checks.toolkit import Checks, Lab
from core.contract.check import DEF, INV, Verdict
from core.metrics import mrr_at_k, recall_at_k
from core.stages.index import search

check = Checks(PeopleYouMayKnow, run, stages)


@check("G1", DEF, "Recall never falls with a longer list, and MRR is 0 without a hit.")
def metrics_in_order(lab: Lab) -> Verdict:
    relevant, ids = future_links(lab.stage("world", COUNTED)), lab.stage("served", COUNTED)
    recalls = np.array([recall_at_k(ids, relevant, k) for k in (1, 3, 5, 10)])
    mrr, hit = mrr_at_k(ids, relevant, 10), recalls[-1] > 0
    holds = (np.diff(recalls, axis=0) >= 0).all() and (mrr <= hit).all()
    return Verdict(bool(holds), "recall at 1, 3, 5, 10: " + ", ".join(f"{r:.3f}" for r in recalls.mean(axis=1)))


def future_links(world: World) -> list[np.ndarray]:
    """The people each user will be linked with."""
    return np.split(world.future_ids, world.future_ptr[1:-1])


@check("G3", INV, "A higher nprobe does not lower ANN recall, and probing all lists equals the exact search.")
def probing(lab: Lab) -> Verdict:
    design = replace(COUNTED, candidates="ann")
    built, flat = lab.stage("index", design), lab.stage("index", replace(design, index="flat"))
    queries = lab.stage("vectors", design)[lab.stage("world", design).users]
    exact = search(flat, queries, k=NEAREST)
    probed = [search(built, queries, k=NEAREST, effort=effort) for effort in (1, 8, 64, built.index.nlist)]
    shares = [np.mean([len(np.intersect1d(*ids)) for ids in zip(p.ids, exact.ids, strict=True)]) for p in probed]
    same = np.allclose(probed[-1].scores, exact.scores, atol=1e-5)
    numbers = ", ".join(f"{share / NEAREST:.3f}" for share in shares)
    return Verdict(shares == sorted(shares) and same, f"share of the 200 nearest at 1, 8, 64 and all lists: {numbers}")


@check("G4", DEF, "No scorer exceeds the ideal order of its candidates.")
def no_better_than_candidates(lab: Lab) -> Verdict:
    n_future, room = np.diff(lab.stage("world", COUNTED).future_ptr), []
    for name in SCORERS:
        design = replace(COUNTED, scorer=name)
        best = np.minimum(np.rint(lab.stage("suggested", design).reached * n_future), K) / n_future
        room.append((best - lab.per_query("recall@10", design)).min())
    return Verdict(min(room) >= -1e-12, f"seven scorers, 1,000 people: least room left {min(room):.3f}")
