"""The checks that every case shares, as far as video recommendation can show them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation import funnel as f
from core.cases.video_recommendation import grading as g
from core.cases.video_recommendation.checking import DEFAULT, PLAIN, value
from core.cases.video_recommendation.query import als_query
from core.cases.video_recommendation.run import run, stages
from core.contract.check import Verdict
from core.metrics import precision_at_k, recall_at_k
from core.stages.index import BuiltIndex, build_index, bytes_law, n_lists, search


def deeper_lists_find_no_less(seed: int) -> Verdict:
    s = stages(DEFAULT, seed)
    ids, truth = s["ranked"].value.ids, list(g.truth_of(s["world"].value).liked)
    by_k = np.array([recall_at_k(ids, truth, k).mean() for k in (1, 2, 5, 10, 20, 50, 100)])
    fine = (np.diff(by_k) >= 0).all() and precision_at_k(ids, truth, f.K).max() <= 1
    return Verdict(bool(fine), f"recall {by_k[0]:.3f} in the first place, {by_k[-1]:.3f} in a hundred")


def order_matters_to_ndcg_alone(seed: int) -> Verdict:
    s = stages(DEFAULT, seed)
    shown, truth = s["shown"].value, g.truth_of(s["world"].value).liked
    there, back = (g.ndcg(g.hits(ids, truth), truth).mean() for ids in (shown, shown[:, ::-1]))
    same = (recall_at_k(shown, list(truth), f.K) == recall_at_k(shown[:, ::-1], list(truth), f.K)).all()
    return Verdict(
        bool(same and there != back), f"nDCG {there:.4f}, reversed {back:.4f}; recall the same for each request"
    )


def _asked(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Film vectors of the last era as an index holds them, and the vectors of a hundred requests."""
    s = stages(PLAIN, seed)
    model, requests = s["model"].value[-1], s["world"].value.eras[-1].requests
    queries = np.array([als_query(model, liked) for liked in requests.liked[:100]], np.float32)
    return f.unit_film_vectors(model.items[model.rows]), np.column_stack([queries, np.zeros(len(queries), np.float32)])


def _found(index: BuiltIndex, queries: np.ndarray, effort: int) -> np.ndarray:
    return search(index, queries, k=100, effort=effort).scores


def more_lists_never_lose(seed: int) -> Verdict:
    vectors, queries = _asked(seed)
    flat = _found(build_index(vectors, kind="flat", seed=seed), queries, 1)
    lists = build_index(vectors, kind="ivf_flat", seed=seed)
    worst, share = 0.0, []
    for effort in (1, 4, 16, 64, n_lists(len(vectors))):
        scores = _found(lists, queries, effort)
        share.append(float((scores >= flat[:, -1:] - 1e-6).mean()))
        worst = float(np.abs(np.sort(scores) - np.sort(flat)).max())
    held = bool((np.diff(share) >= 0).all() and worst < 1e-5)
    return Verdict(held, f"{share[0]:.1%} of the nearest hundred in one list; all lists differ by {worst:.0e} at most")


def wider_walks_find_more(seed: int) -> Verdict:
    found = [value(replace(PLAIN, index="hnsw", effort=e), seed, "recall@N") for e in (4, 64, 256)]
    return Verdict(found[0] <= found[1] + 0.002 and found[1] <= found[2] + 0.002 and found[0] < found[2] + 1e-9,
                   "recall@100 " + ", ".join(f"{v:.3f}" for v in found) + " at efSearch 4, 64, 256")  # fmt: skip


def bytes_follow_the_law(seed: int) -> Verdict:
    vectors, _ = _asked(seed)
    off = {}
    for kind in ("flat", "ivf_flat", "hnsw", "sq8"):
        index = build_index(vectors, kind=kind, seed=seed)
        off[kind] = index.nbytes / index.n / bytes_law(kind, index.n, index.d) - 1
    worst = max(off, key=lambda kind: abs(off[kind]))
    return Verdict(abs(off[worst]) < 0.25, f"furthest off: {worst} by {off[worst]:+.1%}")


def flat_counts_are_exact(seed: int) -> Verdict:
    model = stages(PLAIN, seed)["model"].value[-1]
    flat, lists = (run(replace(PLAIN, index=kind), seed).counts["films scored"] for kind in ("flat", "ivf_flat"))
    return Verdict(flat == len(model.rows) and lists < flat / 2, f"flat {flat:,.0f} films, lists {lists:,.0f}")
