"""Truth checks of filtered search and of upkeep, all by counted distances."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.similar_listings.data.log import read_log
from core.cases.similar_listings.data.simulator import simulate_guests
from core.cases.similar_listings.data.world import SESSIONS_PER_HOME, Homes, load_listings
from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.model.similarity import Similarity, learn_skipgram
from core.cases.similar_listings.pipeline import run
from core.cases.similar_listings.serve.filters import FILTERS, Asked, Cells, K, cluster
from core.contract.check import Check, Verdict
from core.stages.index import HNSW_BUILD_EFFORT, BuiltIndex, build_index, n_lists, search
from core.stages.index.find import _graph_counts  # faiss counts in one global: its readers share one lock

SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.01)  # of the homes that pass the filter
QUERIES = 40
WALKED_FOR = 32  # candidates that pass, for twelve to be near the exact ones
CHANGED_A_DAY = 0.02


def king_model(seed: int) -> tuple[Similarity, Homes]:
    """Skip-gram vectors of 21,436 homes, and the homes."""
    dials = dict(geography=0.5, hidden=0.5, booking=0.5, free=0.3, turnover=0.005)
    world = simulate_guests(load_listings("king"), SESSIONS_PER_HOME["king"], **dials, seed=seed)
    log = read_log(world, 0.5)
    learnt = learn_skipgram(world, log, dim=32, window=2, booked_context="yes", market_negatives=3, seed=seed)
    return add_new_homes(learnt, world, log, "skipgram", "near", age_days=0.0, seed=seed), world.homes


def graph_costs(built: BuiltIndex, queries: np.ndarray, share: float, seed: int) -> float:
    """Mean distances of a filtered walk that gives up for an exact scan once it has visited as many as pass.

    That is Lucene's rule (pull requests 656 and 14160): at most twice the homes that pass. The walk keeps enough
    candidates for WALKED_FOR of them to pass.
    """
    import faiss

    passing = np.flatnonzero(np.random.default_rng(seed).random(built.n) < share)
    settings = faiss.SearchParametersHNSW(efSearch=int(WALKED_FOR / share), sel=faiss.IDSelectorBatch(passing))
    costs = []
    for query in queries:
        with _graph_counts:
            before = faiss.cvar.hnsw_stats.ndis
            built.index.search(query[None], K, params=settings)
            walked = faiss.cvar.hnsw_stats.ndis - before
        costs.append(walked if walked <= len(passing) else 2 * len(passing))
    return float(np.mean(costs))


def filtered_graphs_have_a_hump(seed: int) -> Verdict:
    """Distances by share of homes that pass: a graph, and an index per market at any share."""
    model, homes = king_model(seed)
    built = build_index(model.vectors, kind="hnsw", seed=seed)
    queries = model.vectors[np.random.default_rng(seed).integers(built.n, size=QUERIES)]
    costs = [graph_costs(built, queries, share, seed) for share in SHARES]
    top = int(np.argmax(costs))
    told = ", ".join(f"{share:.0%}: {cost:,.0f}" for share, cost in zip(SHARES, costs, strict=True))
    market = len(homes.market) / homes.n_markets
    hump = 0 < top < len(SHARES) - 1 and costs[top] > 2 * max(costs[0], costs[-1])
    return Verdict(hump, f"graph distances by share passing: {told}; an index per market {market:,.0f} at any")


def partitions_ignore_the_filter(seed: int) -> Verdict:
    """Counted distances of an index per market and of filtering first, from all homes free to one in thirty."""
    shares = (1.0, 0.3, 0.03)
    market, first = (
        [run(SimilarListings(free=free, filter=name), seed=seed).counts["distances"] for free in shares]
        for name in ("market", "pre")
    )
    drop = first[0] / first[-1]
    same = max(market) / min(market) < 1.1  # guests who find nothing free ask for nothing, so requests differ a little
    told = f"index per market {market[0]:.0f} to {market[-1]:.0f}, filter first {first[0]:.0f} to {first[-1]:.1f}"
    return Verdict(same and drop > 10, told)


def partitions_are_small(seed: int) -> Verdict:
    """Distances of a flat scan over one market against all homes."""
    model, homes = king_model(seed)
    rng = np.random.default_rng(seed)
    homes_asked = rng.integers(len(homes.market), size=200)
    answer = FILTERS["market"].answerer(model, homes, Cells((), ()), 1, K)
    found = [answer(Asked(model.vectors[home], int(homes.market[home]), 0, np.array([home]))) for home in homes_asked]
    sizes = np.diff(homes.bounds)[homes.market[homes_asked]]
    counted = np.array([each.n_distances for each in found])
    holds = bool((counted == sizes).all()) and counted.mean() * 20 < len(homes.market)
    return Verdict(
        holds, f"{counted.mean():.0f} distances in one market of {homes.n_markets}, {len(homes.market):,} in all"
    )


def lists_are_cheaper_to_keep_up(seed: int) -> Verdict:
    """Distances to move two homes in a hundred to other lists, and to build a graph that cannot drop homes again."""
    model, homes = king_model(seed)
    n, changed = len(homes.market), int(CHANGED_A_DAY * len(homes.market))
    lists = changed * n_lists(n)
    built = build_index(model.vectors, kind="hnsw", seed=seed)
    sample = model.vectors[np.random.default_rng(seed).integers(n, size=200)]
    insertion = float(search(built, sample, k=1, effort=HNSW_BUILD_EFFORT).n_distances.mean())
    told = f"{changed} homes change: {lists:,} distances for IVF, at least {n * insertion:,.0f} for a new graph"
    return Verdict(lists < n * insertion, f"{told} ({changed * insertion:,.0f} if it could drop homes)")


def every_list_is_exact(seed: int) -> Verdict:
    """Lists within markets at every effort against the market's flat index."""
    model, homes = king_model(seed)
    cells = cluster(model, homes, "market", seed)
    rng = np.random.default_rng(seed)
    exact = FILTERS["market"].answerer(model, homes, cells, 1, K)
    most = max(len(each) for each in cells.centroids)
    asked = [
        Asked(model.vectors[home], int(homes.market[home]), int(rng.integers(len(homes.free))), np.array([home]))
        for home in rng.integers(len(homes.market), size=200)
    ]
    right = [set(exact(each).ids.tolist()) for each in asked]
    recalls = []
    for effort in (1, 2, 4, most):
        probe = FILTERS["ivf"].answerer(model, homes, cells, effort, K)
        shares = [len(right[i] & set(probe(each).ids.tolist())) / max(len(right[i]), 1) for i, each in enumerate(asked)]
        recalls.append(np.mean(shares))
    same = all(set(probe(each).ids.tolist()) == right[i] for i, each in enumerate(asked))
    holds = same and all(a <= b for a, b in pairwise(recalls))
    return Verdict(
        holds, "recall of the exact twelve at 1, 2, 4 and all lists: " + ", ".join(f"{r:.3f}" for r in recalls)
    )


CHECKS = (
    Check("L6", "A filter makes a graph search dearer, until so few homes pass that a scan of those is cheaper.", "DIR",
          filtered_graphs_have_a_hump),
    Check("L6P", "An index per market costs the same however few homes are free.", "DIR", partitions_ignore_the_filter),
    Check("L7", "A market is so small that comparing with all of it is cheap.", "INV", partitions_are_small),
    Check("L9", "Moving changed homes between lists takes fewer distances than building a graph again.", "DIR",
          lists_are_cheaper_to_keep_up),
    Check("G3", "Probing more lists never loses homes, and probing all gives exactly the flat result.", "INV",
          every_list_is_exact),
)  # fmt: skip
