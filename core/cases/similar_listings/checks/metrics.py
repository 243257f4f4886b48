"""Checks of answers and their metrics: depth, order, the oracle, and distances that add up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.similar_listings.design import SimilarListings as Design
from core.cases.similar_listings.pipeline import run, stages
from core.cases.similar_listings.serve.filters import FILTERS, K
from core.cases.similar_listings.serve.sessions import read_session
from core.checks.toolkit import Checks, Lab
from core.contract.check import DEF, INV, Verdict
from core.metrics import mrr_at_k, ndcg_at_k, precision_at_k, recall_at_k
from core.runtime.memo import Step

check = Checks(Design, run, stages)

SMALL = dict(dim=16, window=2, market_negatives=1)  # a model that is soon trained
N_COUNTED = 200  # requests whose distances are worked out by hand


@check("G1", DEF, "Recall never falls with a longer list, and MRR is at most recall with one booked listing.")
def metrics_keep_order(lab: Lab) -> Verdict:
    """Recall by k, and MRR against recall with one right answer."""
    ids = lab.stage("searched", Design(**SMALL)).ids
    booked = lab.stage("world", Design()).now.booked[:, None]
    recalls = [recall_at_k(ids, booked, k) for k in range(1, K + 1)]
    grows = all((fewer <= more).all() for fewer, more in pairwise(recalls))
    below = bool((mrr_at_k(ids, booked, K) <= recalls[-1]).all())
    return Verdict(grows and below, f"recall from {recalls[0].mean():.3f} at 1 to {recalls[-1].mean():.3f} at {K}")


@check("G2", DEF, "Reversing a ranking changes nDCG but not recall or precision.")
def order_moves_only_some(lab: Lab) -> Verdict:
    """The same twelve, last first."""
    ids = lab.stage("searched", Design(**SMALL)).ids
    homes, turned = lab.stage("world", Design()).now.booked, ids[:, ::-1]
    same = [
        (metric(ids, homes[:, None], K) == metric(turned, homes[:, None], K)).all()
        for metric in (recall_at_k, precision_at_k)
    ]
    gains = [{home: 1.0} for home in homes.tolist()]
    before, after = (ndcg_at_k(shown, gains, K).mean() for shown in (ids, turned))
    said = f"nDCG {before:.3f} in order, {after:.3f} turned round; recall unmoved"
    return Verdict(bool(all(same) and before != after), said)


@check("G4", DEF, "No design captures more booking probability than the oracle.")
def nothing_beats_the_oracle(lab: Lab) -> Verdict:
    """Regret of every way to serve and of every model."""
    designs = [Design(model=model) for model in ("attributes", "coclick", "skipgram")]
    designs += [Design(serving=serving) for serving in ("batch", "hybrid")]
    least = min(float(lab.per_query("regret", design).min()) for design in designs)
    return Verdict(least >= -1e-9, f"least regret of any request under {len(designs)} designs: {abs(least):.4f}")


@check("G6", DEF, "Distance counts equal the sizes of the searched sets exactly.")
def counts_add_up(lab: Lab) -> Verdict:
    """Distances counted in each way of filtering against the sizes of what is compared."""
    wrong, said = 0, []
    for name in FILTERS:
        s = lab.stages(Design(**SMALL, filter=name))
        expected = [_expected(s, name, i) for i in range(N_COUNTED)]
        wrong += int((s["searched"].value.n_distances[:N_COUNTED] != expected).sum())
        said.append(f"{name} {np.mean(expected):.1f}")
    n = N_COUNTED * len(FILTERS)
    return Verdict(wrong == 0, f"mean distances a request: {', '.join(said)}; {wrong} of {n} counted otherwise")


def _expected(s: dict[str, Step], name: str, i: int) -> int:
    """The distances of request i worked out from sizes alone."""
    world, cells = s["world"].value, s["lists"].value
    request, homes = read_session(world, s["model"].value, i, Design().context), world.homes
    ids = homes.of_market(request.market)
    free = ids[homes.free[request.dates, ids] & ~np.isin(ids, request.seen)]
    if name in ("pre", "market"):
        return len(free) if name == "pre" else len(ids)
    group = 0 if name == "post" else request.market
    centroids, lists = cells.centroids[group], cells.lists[group]
    order = np.argsort(((centroids - request.query) ** 2).sum(axis=1), kind="stable")[: Design().effort]
    probed = np.concatenate([lists[cell] for cell in order])
    return len(centroids) + (len(probed) if name == "post" else int(np.isin(probed, free).sum()))


@check("G6P", INV, "Pre-filtering and a per-market index give the same results.")
def two_filters_agree(lab: Lab) -> Verdict:
    """Filtering first against an index per market: both compare with every home that passes."""
    first, market = (lab.stage("searched", Design(**SMALL, filter=name)).ids for name in ("pre", "market"))
    same = first == market
    return Verdict(bool(same.all()), f"{same.all(axis=1).mean():.1%} of answers equal, place by place")
