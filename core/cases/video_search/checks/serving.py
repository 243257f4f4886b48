"""Lists of answers, the index behind them, and how fresh both are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_search.checks.designs import CLIPS, FILMS, VECTORS
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.cases.video_search.serve.requests import K
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, INV, Verdict
from core.metrics import PairedDifference, mrr_at_k, precision_at_k, recall_at_k
from core.stages.index import build_index, bytes_law, n_lists, search

check = Checks(VideoSearch, run, stages)


@check("G1", DEF, "Recall@k never falls as k grows, and with one right answer MRR is at most recall.")
def deeper_lists_find_no_less(lab: Lab) -> Verdict:
    served, right = lab.stage("served", FILMS), lab.stage("queries", FILMS).right
    by_k = np.array([recall_at_k(served, right, k) for k in range(1, K + 1)])
    fine = (np.diff(by_k, axis=0) >= 0).all() and (mrr_at_k(served, right, K) <= by_k[-1]).all()
    fine = fine and precision_at_k(served, right, K).max() <= 1
    said = f"recall@1 {by_k[0].mean():.3f}, recall@10 {by_k[-1].mean():.3f}; one right film a query"
    return Verdict(bool(fine), said)


@check("G2", DEF, "Re-ordering the answers changes MRR and leaves recall alone.")
def order_matters_to_mrr_alone(lab: Lab) -> Verdict:
    served, right = lab.stage("served", CLIPS), lab.stage("queries", CLIPS).right
    there, back = (mrr_at_k(ids, right, K).mean() for ids in (served, served[:, ::-1]))
    same = (recall_at_k(served, right, K) == recall_at_k(served[:, ::-1], right, K)).all()
    said = f"MRR {there:.3f}, reversed {back:.3f}; recall the same for each query"
    return Verdict(bool(same and there != back), said)


@check("G3", DEF, "A larger nprobe never loses a neighbour.")
def more_lists_never_lose(lab: Lab) -> Verdict:
    recall = [lab.value("neighbours@10", replace(VECTORS, index="ivf_flat", effort=e)) for e in (1, 4, 16, 64)]
    said = f"recall@10 {recall[0]:.3f} with 1 list, {recall[-1]:.3f} with 64"
    return Verdict(bool((np.diff(recall) >= 0).all()), said)


@check("G3-flat", DEF, "With nprobe equal to the number of lists, IVF gives exactly the flat result.")
def all_lists_are_exact(lab: Lab) -> Verdict:
    s = lab.stages(replace(VECTORS, index="ivf_flat"))
    index, queries, vectors = s["index"].value, s["query_vectors"].value, s["vectors"].value
    flat = build_index(vectors, kind="flat", seed=lab.seed)
    probed, exact = search(index, queries, k=K, effort=n_lists(index.n)), search(flat, queries, k=K)
    worst = float(np.abs(np.sort(probed.scores) - np.sort(exact.scores)).max())  # scores: equal clips may change places
    return Verdict(worst < 1e-5, f"largest difference of a score {worst:.1e} over {len(queries):,} queries")


@check("G3-hnsw", DIR, "A larger efSearch finds more neighbours.")
def wider_walks_find_more(lab: Lab) -> Verdict:
    recall = [lab.value("neighbours@10", replace(VECTORS, index="hnsw", effort=e)) for e in (4, 32, 128)]
    said = "recall@10 " + ", ".join(f"{value:.3f}" for value in recall)
    return Verdict(recall[0] < recall[1] <= recall[2], said)


@check("G5", DIR, "An index takes the bytes that its formula says, within 1 %.")
def bytes_follow_the_law(lab: Lab) -> Verdict:
    kinds = ("flat", "ivf_flat", "sq8", "hnsw", "pq8", "binary")
    built = {kind: lab.stage("index", replace(VECTORS, index=kind)) for kind in kinds}
    off = {kind: index.nbytes / index.n / bytes_law(kind, index.n, index.d) - 1 for kind, index in built.items()}
    worst = max(off, key=lambda kind: abs(off[kind]))
    return Verdict(abs(off[worst]) < 0.01, f"furthest off: {worst} by {off[worst]:+.1%}")


@check("G6", INV, "A flat index compares with every video; IVF compares with fewer.")
def flat_compares_with_all(lab: Lab) -> Verdict:
    flat, lists = (lab.run(replace(VECTORS, index=kind)).counts["distances"] for kind in ("flat", "ivf_flat"))
    known = len(lab.stage("known", VECTORS))
    return Verdict(flat == known and lists < flat / 2, f"flat {flat:,.0f} of {known:,} clips, lists {lists:,.0f}")


def from_hourly_to_weekly(lab: Lab, new_share: float) -> PairedDifference:
    """What indexes made again once a week lose against hourly ones."""
    hourly, weekly = (replace(CLIPS, new_share=new_share, refresh_h=h) for h in (1, 168))
    return lab.compare("mrr@10", hourly, weekly)


@check("G12", DIR, "The longer the refresh interval, the more queries for new videos fail.")
def late_indexes_lose(lab: Lab) -> Verdict:
    lost = from_hourly_to_weekly(lab, new_share=0.3)
    said = f"MRR {difference_text(lost)} from hourly to weekly, 30 % of searches for today's videos"
    return Verdict(lost.high < 0, said)


@check("G12-static", DEF, "Without new videos, a longer refresh interval costs nothing.")
def nothing_new_nothing_lost(lab: Lab) -> Verdict:
    lost = from_hourly_to_weekly(lab, new_share=0.0)
    return Verdict(lost.mean == 0, f"MRR {difference_text(lost)} from hourly to weekly")


@check("H1", DEF, "Batch answers only queries seen before; hybrid serving gives all quality back.")
def a_store_knows_only_what_was_asked(lab: Lab) -> Verdict:
    batch, hybrid, online = (
        lab.per_query("mrr@10", replace(CLIPS, serving=kind)) for kind in ("batch", "hybrid", "online")
    )
    holds = (batch <= online).all() and (hybrid == online).all() and batch.mean() < online.mean()
    said = f"MRR {batch.mean():.3f} from the store, {hybrid.mean():.3f} with searches for the rest"
    return Verdict(bool(holds), said)
