"""Words, vectors or both: which weight is best, and when."""

from __future__ import annotations

from dataclasses import replace

from core.cases.video_search.checks.designs import CLIPS, queries_of
from core.cases.video_search.data.queries import ORDER, PARAPHRASED
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)
OWN_WORDS = [kind for kind in range(ORDER + 1) if kind != PARAPHRASED]  # queries in the uploader's own words
check = Checks(VideoSearch, run, stages)


def by_weight(missing: float, wrong: float) -> dict[float, VideoSearch]:
    """Designs by the weight of words, from 0 to 1."""
    spoilt = replace(CLIPS, missing=missing, wrong=wrong)
    sums = {alpha: replace(spoilt, alpha=alpha) for alpha in WEIGHTS}
    return {0.0: replace(spoilt, fusion="vectors"), **sums, 1.0: replace(spoilt, fusion="words")}


def ranks(lab: Lab, designs: dict[float, VideoSearch]) -> dict[float, float]:
    """MRR@10 of the queries in the uploader's own words, by the weight of words."""
    return {
        alpha: float(lab.per_query("mrr@10", design)[queries_of(lab, design, OWN_WORDS)].mean())
        for alpha, design in designs.items()
    }


def listed(mrr: dict[float, float]) -> str:
    return "MRR by BM25 weight: " + ", ".join(f"{alpha:g} → {value:.3f}" for alpha, value in mrr.items())


@check("S2", DIR, "Where some titles are missing or wrong, the best BM25 weight is neither 1 nor 0.")
def best_weight_lies_between(lab: Lab) -> Verdict:
    designs = by_weight(missing=0.3, wrong=0.1)
    mrr = ranks(lab, designs)
    best, where = designs[max(WEIGHTS, key=mrr.get)], queries_of(lab, CLIPS, OWN_WORDS)
    over_vectors, over_words = (lab.compare("mrr@10", designs[end], best, where) for end in (0.0, 1.0))
    said = f"{listed(mrr)}; over BM25 alone {difference_text(over_words)}"
    return Verdict(min(over_vectors.low, over_words.low) > 0, said)


@check("S2-perfect", FLIP, "With every title there and right, no weighted sum beats BM25 on queries in the same words.")
def perfect_words_need_no_vectors(lab: Lab) -> Verdict:
    designs = by_weight(missing=0.0, wrong=0.0)
    mrr = ranks(lab, designs)
    best, where = designs[max(WEIGHTS, key=mrr.get)], queries_of(lab, CLIPS, OWN_WORDS)
    over = lab.compare("mrr@10", designs[1.0], best, where)
    said = f"{listed(mrr)}; the best sum over BM25 alone {difference_text(over)}"
    return Verdict(over.low <= 0 and over.mean < 0.01, said)


@check("S2-empty", DEF, "With no title at all, nothing beats dense retrieval alone.")
def no_words_leave_vectors(lab: Lab) -> Verdict:
    mrr = ranks(lab, by_weight(missing=1.0, wrong=0.0))
    return Verdict(mrr[0.0] == max(mrr.values()) > mrr[1.0], listed(mrr))


@check("S2-ranks", DIR, "Where one channel is much better, a weighted sum beats RRF, which counts both alike.")
def scores_beat_ranks(lab: Lab) -> Verdict:
    over = lab.compare("mrr@10", replace(CLIPS, fusion="rrf"), CLIPS)
    return Verdict(over.low > 0, f"weighted sum over RRF {difference_text(over)}")
