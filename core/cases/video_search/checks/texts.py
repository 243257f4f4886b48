"""Words against vectors of meaning, on real films."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_search.checks.designs import FILMS, MEANING, queries_of
from core.cases.video_search.data.queries import EXACT, PARAPHRASED
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, Verdict
from core.metrics import PairedDifference

check = Checks(VideoSearch, run, stages)


def compare(lab: Lab, base: VideoSearch, candidate: VideoSearch, kind: int) -> PairedDifference:
    """MRR@10 of candidate − base on the queries of one kind."""
    return lab.compare("mrr@10", base, candidate, queries_of(lab, base, [kind]))


@check("S8", DIR, "On exact terms, BM25 beats the sentence encoder.")
def words_win_on_their_own_terms(lab: Lab) -> Verdict:
    over = compare(lab, MEANING, FILMS, EXACT)
    return Verdict(over.low > 0, f"BM25 over MiniLM on exact terms {difference_text(over)}")


@check("S8-paraphrase", DIR, "On paraphrases, the sentence encoder beats BM25.")
def vectors_win_on_paraphrase(lab: Lab) -> Verdict:
    over = compare(lab, FILMS, MEANING, PARAPHRASED)
    return Verdict(over.low > 0, f"MiniLM over BM25 on paraphrases {difference_text(over)}")


@check("S8-encoders", DIR, "On paraphrases MiniLM beats static embeddings, and those beat LSA.")
def understanding_has_its_order(lab: Lab) -> Verdict:
    lsa, static = (replace(MEANING, encoder=encoder) for encoder in ("lsa", "static"))
    first, then = compare(lab, lsa, static, PARAPHRASED), compare(lab, static, MEANING, PARAPHRASED)
    said = f"static embeddings over LSA {difference_text(first)}, MiniLM over them {difference_text(then)}"
    return Verdict(min(first.low, then.low) > 0, said)


@check("D1", DIR, "A larger embedding of MiniLM raises MRR, and each doubling adds less.")
def size_pays_less_and_less(lab: Lab) -> Verdict:
    mrr = [lab.value("mrr@10", replace(MEANING, dim=dim)) for dim in (32, 64, 128)]
    steps = np.diff(mrr)
    said = ", ".join(f"{value:.3f}" for value in mrr)
    return Verdict(bool(steps[0] > steps[1] > 0), f"MRR at 32, 64, 128 dimensions: {said}")
