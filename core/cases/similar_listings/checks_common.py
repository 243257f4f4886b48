"""The checks that similar listings shares with other cases, on its own answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.similar_listings.data.log import read_log
from core.cases.similar_listings.data.simulator import simulate_guests
from core.cases.similar_listings.data.world import SESSIONS_PER_HOME, World, load_listings
from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.model.similarity import learn_skipgram
from core.cases.similar_listings.pipeline import run
from core.cases.similar_listings.serve.filters import FILTERS, K
from core.cases.similar_listings.serve.sessions import look_up, make_lists, read_session
from core.contract.check import Check, Verdict
from core.metrics import mrr_at_k, ndcg_at_k, precision_at_k, recall_at_k


def _world(seed: int) -> World:
    dials = dict(geography=0.5, hidden=0.5, booking=0.5, free=0.3, turnover=0.005)
    return simulate_guests(load_listings("berlin"), SESSIONS_PER_HOME["berlin"], **dials, seed=seed)


def _answers(seed: int, filter: str = "market") -> tuple:
    world = _world(seed)
    log = read_log(world, 0.5)
    learnt = learn_skipgram(world, log, dim=16, window=2, booked_context="yes", market_negatives=1, seed=seed)
    model = add_new_homes(learnt, world, log, "skipgram", "near", age_days=0.0, seed=seed)
    cells = make_lists(model, world, filter=filter, seed=seed)
    return world, model, cells, look_up(model, cells, world, filter=filter, effort=4, fetch=48, context=3)


def metrics_keep_order(seed: int) -> Verdict:
    """Recall by k, and MRR against recall with one right answer."""
    world, _, _, found = _answers(seed)
    booked = world.now.booked[:, None]
    recalls = [recall_at_k(found.ids, booked, k) for k in range(1, K + 1)]
    grows = all((a <= b).all() for a, b in pairwise(recalls))
    below = bool((mrr_at_k(found.ids, booked, K) <= recalls[-1]).all())
    return Verdict(grows and below, f"recall from {recalls[0].mean():.3f} at 1 to {recalls[-1].mean():.3f} at {K}")


def order_moves_only_some(seed: int) -> Verdict:
    """The same twelve, last first."""
    world, _, _, found = _answers(seed)
    booked, turned = world.now.booked[:, None], found.ids[:, ::-1]
    same = [(m(found.ids, booked, K) == m(turned, booked, K)).all() for m in (recall_at_k, precision_at_k)]
    gains = [{int(home): 1.0} for home in world.now.booked]
    before, after = (ndcg_at_k(ids, gains, K).mean() for ids in (found.ids, turned))
    return Verdict(
        all(same) and before != after, f"nDCG {before:.3f} in order, {after:.3f} turned round; recall unmoved"
    )


def nothing_beats_the_oracle(seed: int) -> Verdict:
    """Regret of every way to serve and of every model."""
    ways = [dict(model=m) for m in ("attributes", "coclick", "skipgram")] + [
        dict(serving=s) for s in ("batch", "hybrid")
    ]
    least = min(float(run(SimilarListings(**way), seed=seed).quality["regret"].per_query.min()) for way in ways)
    return Verdict(least >= -1e-9, f"least regret of any request under {len(ways)} designs: {abs(least):.4f}")


def counts_add_up(seed: int) -> Verdict:
    """Distances counted in each way of filtering against the sizes of what is compared."""
    wrong, told = 0, []
    for name in FILTERS:
        world, model, cells, found = _answers(seed, name)
        expected = [_expected(world, model, cells, name, i) for i in range(200)]
        wrong += int((found.n_distances[:200] != expected).sum())
        told.append(f"{name} {np.mean(expected):.1f}")
    return Verdict(wrong == 0, f"mean distances a request: {', '.join(told)}; {wrong} of 800 counted otherwise")


def _expected(world: World, model, cells, name: str, i: int) -> int:
    """The distances of request i worked out from sizes alone."""
    asked, homes = read_session(world, model, i, 3), world.homes
    ids = homes.of_market(asked.market)
    free = ids[homes.free[asked.dates, ids] & ~np.isin(ids, asked.seen)]
    if name in ("pre", "market"):
        return len(free) if name == "pre" else len(ids)
    group = 0 if name == "post" else asked.market
    centroids, lists = cells.centroids[group], cells.lists[group]
    order = np.argsort(((centroids - asked.query) ** 2).sum(axis=1), kind="stable")[:4]
    probed = np.concatenate([lists[cell] for cell in order])
    return len(centroids) + (len(probed) if name == "post" else int(np.isin(probed, free).sum()))


def two_filters_agree(seed: int) -> Verdict:
    """Filtering first against an index per market: both compare with every home that passes."""
    one, other = (_answers(seed, name)[3].ids for name in ("pre", "market"))
    return Verdict(
        bool((one == other).all()), f"{(one == other).all(axis=1).mean():.1%} of answers equal, place by place"
    )


CHECKS = (
    Check("G1", "A longer list never recalls less, and MRR is at most recall when one home is booked.", "INV",
          metrics_keep_order),
    Check("G2", "Turning a list round changes nDCG and leaves recall and precision.", "INV", order_moves_only_some),
    Check("G4", "No design captures more of the chance of a booking than the oracle.", "INV", nothing_beats_the_oracle),
    Check("G6", "Distances counted are exactly the sizes of what is compared.", "INV", counts_add_up),
    Check("G6P", "Filtering first and an index per market give the same answers.", "INV", two_filters_agree),
)  # fmt: skip
