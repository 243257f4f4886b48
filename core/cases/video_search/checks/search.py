"""Re-ranking, search effort, and two channels side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_search.checks.designs import CLIPS, VECTORS
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.cases.video_search.serve.requests import K
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, Verdict
from core.metrics import mrr_at_k, recall_at_k
from core.stages.index import build_index, exact_neighbours, search

check = Checks(VideoSearch, run, stages)


@check("S5-bound", DEF, "Re-ranking never finds what was not among the candidates.")
def candidates_are_the_ceiling(lab: Lab) -> Verdict:
    bounded, said = [], []
    for depth in (20, 50, 100):
        s = lab.stages(replace(CLIPS, rerank=depth))
        candidates, right = s["fused"].value.ids, s["queries"].value.right
        there = np.array([np.isin(ids, wanted).any() for ids, wanted in zip(candidates, right, strict=True)])
        served = mrr_at_k(s["served"].value, right, K)
        bounded.append(bool((served <= there).all()))
        said.append(f"{served.mean():.3f} of {there.mean():.3f}")
    return Verdict(all(bounded), f"MRR of the recall it is bounded by, at 20, 50, 100: {', '.join(said)}")


@check("S5", DIR, "A deeper re-rank raises MRR, most of it within depth 20.")
def deeper_is_better(lab: Lab) -> Verdict:
    none, twenty, hundred = (replace(CLIPS, rerank=depth) for depth in (0, 20, 100))
    to_20, to_100 = lab.compare("mrr@10", none, twenty), lab.compare("mrr@10", twenty, hundred)
    said = f"MRR {difference_text(to_20)} from none to 20, {difference_text(to_100)} from 20 to 100"
    return Verdict(to_20.low > 0 and to_100.mean >= 0, said)


@check("S5-cost", DEF, "A re-rank compares exactly as many videos as its depth.")
def work_is_the_depth(lab: Lab) -> Verdict:
    compared = {depth: lab.run(replace(CLIPS, rerank=depth)).counts["candidates"] for depth in (20, 50, 100)}
    return Verdict(all(compared[depth] == depth for depth in compared), f"videos compared per query: {compared}")


@check("S6", DIR, "Text queries need a larger nprobe than clips for the same ANN recall.")
def texts_search_harder(lab: Lab) -> Verdict:
    lists = replace(VECTORS, index="ivf_flat")
    clips, texts, kind = lab.stage("vectors", lists), lab.stage("query_vectors", lists), lab.stage("index", lists).kind
    n = len(clips) * 3 // 4  # the last quarter of the clips are queries of the kind that is indexed
    index = build_index(clips[:n], kind=kind, seed=lab.seed)

    def recalls(queries: np.ndarray) -> list[float]:
        exact = exact_neighbours(clips[:n], queries, K)
        return [recall_at_k(search(index, queries, k=K, effort=e).ids, exact, K).mean() for e in (2, 4, 8, 16)]

    of_clips, of_texts = recalls(clips[n:]), recalls(texts)
    said = "; ".join(
        f"{name} {', '.join(f'{recall:.3f}' for recall in row)}"
        for name, row in (("clips", of_clips), ("texts", of_texts))
    )
    holds = all(text < clip for text, clip in zip(of_texts, of_clips, strict=True))
    return Verdict(holds, f"recall@10 with 2, 4, 8, 16 lists: {said}")


@check("S7", DEF, "In parallel, two channels take as long as the slower one, not as both together.")
def side_by_side_is_the_slower(lab: Lab) -> Verdict:
    measured = lab.run(CLIPS)
    composed, after = measured.shown.composition(measured.parts_ms), measured.parts_ms["fuse"]
    words, vectors = composed.channels_ms["words"], composed.channels_ms["vectors"]
    exact = np.allclose(composed.side_by_side_ms, np.maximum(words, vectors) + after)
    p99 = [float(np.quantile(ms, 0.99)) for ms in (words, vectors, composed.side_by_side_ms, composed.in_turn_ms)]
    holds = exact and max(p99[:2]) <= p99[2] <= p99[3]
    said = "p99 words {:.3f}, vectors {:.3f}; side by side with fusion {:.3f}, in turn {:.3f} ms".format(*p99)
    return Verdict(bool(holds), f"{said}; modelled")
