"""Checks of what holds for any list that is ranked and any index that is searched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation.checks.shared import FACTORS, PLAIN
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.evaluate import hits, ndcg, truth_of
from core.cases.video_recommendation.features import unit_film_vectors
from core.cases.video_recommendation.model.queries import als_query
from core.cases.video_recommendation.pipeline import run, stages
from core.cases.video_recommendation.serve.funnel import K
from core.checks.toolkit import Checks, Lab, rising
from core.contract.check import DEF, DIR, INV, Verdict
from core.metrics import precision_at_k, recall_at_k
from core.stages.index import BuiltIndex, build_index, bytes_law, n_lists, search

check = Checks(VideoRecommendation, run, stages)


@check("G1", DEF, "Recall never falls with a longer list, and no quality exceeds 1.")
def deeper_lists_find_no_less(lab: Lab) -> Verdict:
    ids, truth = lab.stage("ranked", FACTORS).ids, list(truth_of(lab.stage("world", FACTORS)).liked)
    by_k = [float(recall_at_k(ids, truth, k).mean()) for k in (1, 2, 5, 10, 20, 50, 100)]
    fine = rising(by_k) and precision_at_k(ids, truth, K).max() <= 1
    return Verdict(bool(fine), f"recall {by_k[0]:.3f} in the first place, {by_k[-1]:.3f} in a hundred")


@check("G2", DEF, "Reversing a ranking changes nDCG but not recall.")
def order_matters_to_ndcg_alone(lab: Lab) -> Verdict:
    shown, truth = lab.stage("shown", FACTORS), truth_of(lab.stage("world", FACTORS)).liked
    there, back = (ndcg(hits(ids, truth), truth).mean() for ids in (shown, shown[:, ::-1]))
    same = (recall_at_k(shown, list(truth), K) == recall_at_k(shown[:, ::-1], list(truth), K)).all()
    numbers = f"nDCG {there:.4f}, reversed {back:.4f}; recall the same for each request"
    return Verdict(bool(same and there != back), numbers)


def _vectors_and_queries(lab: Lab) -> tuple[np.ndarray, np.ndarray]:
    """Film vectors of the last era as an index holds them, and the vectors of a hundred requests."""
    model, requests = lab.stage("model", PLAIN)[-1], lab.stage("world", PLAIN).eras[-1].requests
    queries = np.array([als_query(model, liked) for liked in requests.liked[:100]], np.float32)
    return unit_film_vectors(model.items[model.rows]), np.column_stack([queries, np.zeros(len(queries), np.float32)])


def _nearest(index: BuiltIndex, queries: np.ndarray, effort: int) -> np.ndarray:
    """Scores (n_queries, 100) of the nearest hundred."""
    return search(index, queries, k=100, effort=effort).scores


@check("G3", INV, "A higher nprobe never lowers recall, and probing all lists equals the exact search.")
def more_lists_never_lose(lab: Lab) -> Verdict:
    vectors, queries = _vectors_and_queries(lab)
    flat = _nearest(build_index(vectors, kind="flat", seed=lab.seed), queries, 1)
    lists = build_index(vectors, kind="ivf_flat", seed=lab.seed)
    worst, share = 0.0, []
    for effort in (1, 4, 16, 64, n_lists(len(vectors))):
        scores = _nearest(lists, queries, effort)
        share.append(float((scores >= flat[:, -1:] - 1e-6).mean()))
        worst = float(np.abs(np.sort(scores) - np.sort(flat)).max())
    numbers = f"{share[0]:.1%} of the nearest hundred in one list; all lists differ by {worst:.0e} at most"
    return Verdict(rising(share) and worst < 1e-5, numbers)


@check("G3b", DIR, "A higher efSearch does not lower recall.")
def wider_walks_find_more(lab: Lab) -> Verdict:
    recalls = [lab.value("recall@N", replace(PLAIN, index="hnsw", effort=effort)) for effort in (4, 64, 256)]
    numbers = f"recall@100 {', '.join(f'{recall:.3f}' for recall in recalls)} at efSearch 4, 64, 256"
    return Verdict(rising(recalls, slack=0.002) and recalls[0] < recalls[2] + 1e-9, numbers)


@check("G5", DIR, "Index size follows its formula within 1 %.")
def bytes_follow_the_law(lab: Lab) -> Verdict:
    kinds = ("flat", "ivf_flat", "hnsw", "sq8")
    built = {kind: lab.stage("index", replace(PLAIN, index=kind))[-1] for kind in kinds}
    off = {kind: index.nbytes / index.n / bytes_law(kind, index.n, index.d) - 1 for kind, index in built.items()}
    worst = max(off, key=lambda kind: abs(off[kind]))
    return Verdict(abs(off[worst]) < 0.01, f"furthest off: {worst} by {off[worst]:+.1%}")


@check("G6", INV, "Exact search computes a distance to every film vector, IVF only to a part.")
def flat_counts_are_exact(lab: Lab) -> Verdict:
    model = lab.stage("model", PLAIN)[-1]
    flat, lists = (lab.run(replace(PLAIN, index=kind)).counts["films scored"] for kind in ("flat", "ivf_flat"))
    return Verdict(flat == len(model.rows) and lists < flat / 2, f"flat {flat:,.0f} films, lists {lists:,.0f}")


CHECKS = check.all
