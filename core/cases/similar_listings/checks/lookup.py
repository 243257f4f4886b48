"""Checks of filtered search and of upkeep, all by counted distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.similar_listings.design import SimilarListings as Design
from core.cases.similar_listings.pipeline import run, stages
from core.cases.similar_listings.serve.filters import FILTERS, Cells, K, Request, cluster
from core.checks.toolkit import Checks, Lab, rising
from core.contract.check import DEF, DIR, INV, Verdict
from core.stages.index import HNSW_BUILD_EFFORT, BuiltIndex, build_index, n_lists, search
from core.stages.index.find import _graph_counts  # faiss counts in one global: its readers share one lock

check = Checks(Design, run, stages)

KING = Design(city="king", window=2)  # 21,436 homes
SHARES = (1.0, 0.3, 0.1, 0.03)  # of the homes that are free
QUERIES = 40
WALKED_FOR = 32  # candidates that pass, for twelve to be near the exact ones


def dial(lab: Lab, name: str, design: Design) -> float:
    """A dial of the world that a design is run in."""
    return dict(lab.stages(design)["world"].params)[name]


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


@check("L6", DIR, "Filtering makes HNSW search dearer, until so few listings pass that a scan of them is cheaper.")
def filtered_graphs_have_a_hump(lab: Lab) -> Verdict:
    """Distances by share of homes that are free: a graph, and an index per market at any share."""
    model, homes = lab.stage("model", KING), lab.stage("world", KING).homes
    built = build_index(model.vectors, kind="hnsw", seed=lab.seed)
    queries = model.vectors[np.random.default_rng(lab.seed).integers(built.n, size=QUERIES)]
    shares = [dial(lab, "free", replace(KING, free=share)) for share in SHARES]
    costs = [graph_costs(built, queries, share, lab.seed) for share in shares]
    top = int(np.argmax(costs))
    said = ", ".join(f"{share:.0%}: {cost:,.0f}" for share, cost in zip(shares, costs, strict=True))
    market = len(homes.market) / homes.n_markets
    hump = 0 < top < len(shares) - 1 and costs[top] > 2 * max(costs[0], costs[-1])
    return Verdict(hump, f"graph distances by share passing: {said}; an index per market {market:,.0f} at any")


@check("L6P", DEF, "A per-market index costs the same at any availability.")
def partitions_ignore_the_filter(lab: Lab) -> Verdict:
    """Counted distances of an index per market and of filtering first, from all homes free to one in thirty."""
    market, first = (
        [lab.stage("searched", Design(free=free, filter=name)).n_distances.mean() for free in (1.0, 0.3, 0.03)]
        for name in ("market", "pre")
    )
    drop = first[0] / first[-1]
    same = max(market) / min(market) < 1.1  # guests who find nothing free ask for nothing, so requests differ a little
    said = f"index per market {market[0]:.0f} to {market[-1]:.0f}, filter first {first[0]:.0f} to {first[-1]:.1f}"
    return Verdict(bool(same and drop > 10), said)


@check("L6S", DIR, "At a selectivity of 0.1 %, post-filtering leaves slots empty.")
def filtering_afterwards_starves(lab: Lab) -> Verdict:
    """Places filled by filtering afterwards and first, with half of the city filtered out and with all but 0.1 %."""
    post, pre = (
        [lab.stage(f"filtered {share:g}", Design(filter=name)).filled.mean() for share in (0.5, 0.999)]
        for name in ("post", "pre")
    )
    starves = post[0] > 0.99 and post[1] < 0.5 and min(pre) == 1
    said = f"afterwards {post[0]:.0%} of the places to {post[1]:.0%}, first {pre[0]:.0%} to {pre[1]:.0%}"
    return Verdict(bool(starves), f"{said}, as half and 99.9 % of the homes are filtered out")


@check("L7", INV, "A market is so small that exact search over it is cheap.")
def partitions_are_small(lab: Lab) -> Verdict:
    """Distances of a flat scan over one market against all homes."""
    model, homes = lab.stage("model", KING), lab.stage("world", KING).homes
    viewed = np.random.default_rng(lab.seed).integers(len(homes.market), size=200)
    answer = FILTERS["market"].answerer(model, homes, Cells((), ()), 1, K)
    requests = (Request(model.vectors[home], int(homes.market[home]), 0, np.array([home])) for home in viewed)
    counted = np.array([answer(request).n_distances for request in requests])
    sizes = np.diff(homes.bounds)[homes.market[viewed]]
    holds = bool((counted == sizes).all()) and counted.mean() * 20 < len(homes.market)
    said = f"{counted.mean():.0f} distances in one market of {homes.n_markets}, {len(homes.market):,} in all"
    return Verdict(bool(holds), said)


@check("L9", DIR, "Updating IVF lists takes fewer distances than rebuilding an HNSW graph.")
def lists_are_cheaper_to_keep_up(lab: Lab) -> Verdict:
    """Distances to move two homes in a hundred to other lists, and to build a graph that cannot drop homes again."""
    model = lab.stage("model", KING)
    n = len(model.vectors)
    changed = int(dial(lab, "turnover", replace(KING, turnover=0.02)) * n)
    lists = changed * n_lists(n)
    built = build_index(model.vectors, kind="hnsw", seed=lab.seed)
    sample = model.vectors[np.random.default_rng(lab.seed).integers(n, size=200)]
    insertion = float(search(built, sample, k=1, effort=HNSW_BUILD_EFFORT).n_distances.mean())
    said = f"{changed} homes change: {lists:,} distances for IVF, at least {n * insertion:,.0f} for a new graph"
    return Verdict(0 < lists < n * insertion, f"{said} ({changed * insertion:,.0f} if it could drop homes)")


@check("G3", INV, "A higher nprobe never lowers recall, and probing all lists equals the exact search.")
def every_list_is_exact(lab: Lab) -> Verdict:
    """Lists within markets at every effort against the market's flat index."""
    model, homes = lab.stage("model", KING), lab.stage("world", KING).homes
    cells, rng = cluster(model, homes, "market", lab.seed), np.random.default_rng(lab.seed)
    requests = [
        Request(model.vectors[home], int(homes.market[home]), int(rng.integers(len(homes.free))), np.array([home]))
        for home in rng.integers(len(homes.market), size=200)
    ]

    def answers(name: str, effort: int) -> list[set[int]]:
        answer = FILTERS[name].answerer(model, homes, cells, effort, K)
        return [set(answer(request).ids.tolist()) for request in requests]

    exact, efforts = answers("market", 1), (1, 2, 4, max(map(len, cells.centroids)))
    probed = [answers("ivf", effort) for effort in efforts]
    recalls = [
        np.mean([len(right & got) / max(len(right), 1) for right, got in zip(exact, lists, strict=True)])
        for lists in probed
    ]
    said = "recall of the exact twelve at 1, 2, 4 and all lists: " + ", ".join(f"{r:.3f}" for r in recalls)
    return Verdict(probed[-1] == exact and rising(recalls), said)
