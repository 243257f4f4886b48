"""What video search teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.video_search.data.queries import EXACT, ORDER, PARAPHRASED
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.pipeline import run, stages
from core.cases.video_search.serve.requests import K
from core.contract.check import Check, Verdict
from core.metrics import PairedDifference, mrr_at_k, paired_difference, precision_at_k, recall_at_k
from core.stages.index import build_index, bytes_law, exact_neighbours, n_lists, search

DEFAULT = VideoSearch()
VECTORS = replace(DEFAULT, fusion="vectors")
FILMS = VideoSearch(dataset="films", fusion="words")
MEANING = replace(FILMS, fusion="vectors", encoder="minilm")
WEIGHTS = (0.1, 0.3, 0.5, 0.7, 0.9)


def ranks(design: VideoSearch, seed: int, of: Sequence[int] = ()) -> np.ndarray:
    """MRR@10 of every query, or of those of some kinds."""
    per_query = run(design, seed).quality["mrr@10"].per_query
    return per_query[np.isin(kinds(design, seed), of)] if of else per_query


def kinds(design: VideoSearch, seed: int) -> np.ndarray:
    return stages(design, seed)["asked"].value.segment


def gain(one: VideoSearch, other: VideoSearch, seed: int, of: Sequence[int] = ()) -> PairedDifference:
    """What `other` has over `one`, by the paired test over the same queries."""
    return paired_difference(ranks(other, seed, of), ranks(one, seed, of), seed)


def told(what: PairedDifference) -> str:
    return f"{what.mean:+.3f} ({what.low:+.3f} to {what.high:+.3f})"


# Fusion (S2).


def by_weight(seed: int, missing: float, wrong: float) -> dict[float, np.ndarray]:
    """MRR@10 of the queries in the uploader's own words, by the weight of words from 0 to 1."""
    said = [kind for kind in range(ORDER + 1) if kind != PARAPHRASED]
    spoilt = replace(DEFAULT, missing=missing, wrong=wrong)
    designs = {0.0: replace(spoilt, fusion="vectors"), 1.0: replace(spoilt, fusion="words")}
    designs |= {alpha: replace(spoilt, alpha=alpha) for alpha in WEIGHTS}
    return {alpha: ranks(designs[alpha], seed, said) for alpha in sorted(designs)}


def listed(found: dict[float, np.ndarray]) -> str:
    return "MRR by weight of words: " + ", ".join(f"{alpha:g} → {per.mean():.3f}" for alpha, per in found.items())


def best_weight_lies_between(seed: int) -> Verdict:
    found = by_weight(seed, missing=0.3, wrong=0.1)
    best = max(WEIGHTS, key=lambda alpha: found[alpha].mean())
    over = [paired_difference(found[best], found[end], seed) for end in (0.0, 1.0)]
    return Verdict(min(each.low for each in over) > 0, f"{listed(found)}; over words alone {told(over[1])}")


def perfect_words_need_no_vectors(seed: int) -> Verdict:
    found = by_weight(seed, missing=0.0, wrong=0.0)
    best = max(WEIGHTS, key=lambda alpha: found[alpha].mean())
    over = paired_difference(found[best], found[1.0], seed)
    return Verdict(over.low <= 0 and over.mean < 0.01, f"{listed(found)}; the best sum over words alone {told(over)}")


def no_words_leave_vectors(seed: int) -> Verdict:
    found = by_weight(seed, missing=1.0, wrong=0.0)
    best = max(found.values(), key=np.mean)
    return Verdict(bool(found[0.0].mean() == best.mean() > found[1.0].mean()), listed(found))


def scores_beat_ranks(seed: int) -> Verdict:
    over = gain(replace(DEFAULT, fusion="rrf"), DEFAULT, seed)
    return Verdict(over.low > 0, f"weighted sum over RRF {told(over)}")


# Frames and pooling (S3, S4).


def frames_pay_less_and_less(seed: int) -> Verdict:
    first, later = (gain(replace(VECTORS, frames=a), replace(VECTORS, frames=b), seed) for a, b in ((1, 4), (4, 16)))
    holds = first.low > 0 and abs(later.mean) < first.mean / 4
    return Verdict(holds, f"MRR {told(first)} from 1 to 4 frames, {told(later)} from 4 to 16")


def looking_costs_by_frame(seed: int) -> Verdict:
    looked = {count: run(replace(VECTORS, frames=count), seed).counts["frames"] for count in (1, 2, 4, 8)}
    return Verdict(all(looked[count] == count for count in looked), f"frames looked at a clip: {looked}")


def mean_is_enough_without_order(seed: int) -> Verdict:
    mean = replace(VECTORS, order=0.0)
    over = gain(mean, replace(mean, pooling="change"), seed)
    return Verdict(abs(over.mean) < 0.005, f"the change adds {told(over)} where no query speaks of order")


def order_needs_the_change(seed: int) -> Verdict:
    mean = replace(VECTORS, order=0.6)
    change = replace(mean, pooling="change")
    over, asked = gain(mean, change, seed), gain(mean, change, seed, [ORDER])
    return Verdict(over.low > 0.05, f"the change adds {told(over)} in all, {told(asked)} to queries about order")


def every_drawing_counts(seed: int) -> Verdict:
    found = [replace(VECTORS, learnt_from=share) for share in (0.1, 0.25, 0.5, 1.0)]
    steps = [gain(few, more, seed) for few, more in pairwise(found)]
    holds = min(each.low for each in steps) > 0 and steps[-1].mean > max(each.mean for each in steps[:-1])
    said = ", ".join(told(each) for each in steps)
    return Verdict(holds, f"MRR {said} from 10 % to 25 %, to 50 % and to all of the drawings")


def words_stand_in_for_drawings(seed: int) -> Verdict:
    seen, beside = (gain(replace(design, learnt_from=0.1), design, seed) for design in (VECTORS, DEFAULT))
    holds = beside.low > 0 and beside.mean < seen.mean / 4
    return Verdict(
        holds, f"MRR {told(seen)} from ten times the drawings for vectors alone, {told(beside)} beside words"
    )


# Re-ranking (S5).


def candidates_are_the_ceiling(seed: int) -> Verdict:
    bounds = []
    for depth in (20, 50, 100):
        s = stages(replace(DEFAULT, rerank=depth), seed)
        fused, right = s["fused"].value.ids, s["asked"].value.right
        there = np.array([np.isin(ids, each).any() for ids, each in zip(fused, right, strict=True)])
        served = mrr_at_k(s["served"].value, right, K)
        bounds.append((bool((served <= there).all()), served.mean(), there.mean()))
    said = ", ".join(f"{mrr:.3f} of {most:.3f}" for _, mrr, most in bounds)
    return Verdict(all(fine for fine, _, _ in bounds), f"MRR of the recall it is bounded by, at 20, 50, 100: {said}")


def deeper_is_better(seed: int) -> Verdict:
    to_20, to_100 = (
        gain(replace(DEFAULT, rerank=a), replace(DEFAULT, rerank=b), seed) for a, b in ((0, 20), (20, 100))
    )
    return Verdict(
        to_20.low > 0 and to_100.mean >= 0, f"MRR {told(to_20)} from none to 20, {told(to_100)} from 20 to 100"
    )


def work_is_the_depth(seed: int) -> Verdict:
    done = {depth: run(replace(DEFAULT, rerank=depth), seed).counts["candidates"] for depth in (20, 50, 100)}
    return Verdict(all(done[depth] == depth for depth in done), f"videos compared a query: {done}")


# The index (S6, G3, G5, G6).


def texts_search_harder(seed: int) -> Verdict:
    s = stages(VECTORS, seed)
    clips, texts = s["vectors"].value, s["queries"].value
    n = len(clips) * 3 // 4  # the last quarter of the clips are queries of the kind that is indexed
    index = build_index(clips[:n], kind="ivf_flat", seed=seed)
    found = {}
    for name, queries in (("clips", clips[n:]), ("texts", texts)):
        exact = exact_neighbours(clips[:n], queries, K)
        found[name] = [recall_at_k(search(index, queries, k=K, effort=e).ids, exact, K).mean() for e in (2, 4, 8, 16)]
    holds = all(text < clip for text, clip in zip(found["texts"], found["clips"], strict=True))
    said = "; ".join(f"{name} {', '.join(f'{v:.3f}' for v in values)}" for name, values in found.items())
    return Verdict(holds, f"recall@10 with 2, 4, 8, 16 lists: {said}")


def more_lists_never_lose(seed: int) -> Verdict:
    found = [neighbours(replace(VECTORS, index="ivf_flat", effort=e), seed) for e in (1, 4, 16, 64)]
    return Verdict(bool((np.diff(found) >= 0).all()), f"recall@10 {found[0]:.3f} with 1 list, {found[-1]:.3f} with 64")


def neighbours(design: VideoSearch, seed: int) -> float:
    return run(design, seed).quality["neighbours@10"].value


def all_lists_are_exact(seed: int) -> Verdict:
    s = stages(replace(VECTORS, index="ivf_flat"), seed)
    index, queries, vectors = s["index"].value, s["queries"].value, s["vectors"].value
    flat = build_index(vectors, kind="flat", seed=seed)
    probed, exact = search(index, queries, k=K, effort=n_lists(index.n)), search(flat, queries, k=K)
    worst = float(np.abs(np.sort(probed.scores) - np.sort(exact.scores)).max())  # scores: equal clips may change places
    return Verdict(worst < 1e-5, f"largest difference of a score {worst:.1e} over {len(queries):,} queries")


def wider_walks_find_more(seed: int) -> Verdict:
    found = [neighbours(replace(VECTORS, index="hnsw", effort=e), seed) for e in (4, 32, 128)]
    return Verdict(found[0] < found[1] <= found[2], "recall@10 " + ", ".join(f"{value:.3f}" for value in found))


def bytes_follow_the_law(seed: int) -> Verdict:
    built = {kind: stages(replace(VECTORS, index=kind), seed)["index"].value for kind in
             ("flat", "ivf_flat", "sq8", "hnsw", "pq8", "binary")}  # fmt: skip
    off = {kind: i.nbytes / i.n / bytes_law(kind, i.n, i.d) - 1 for kind, i in built.items()}
    worst = max(off, key=lambda kind: abs(off[kind]))
    return Verdict(abs(off[worst]) < 0.25, f"furthest off: {worst} by {off[worst]:+.1%}")


def flat_compares_with_all(seed: int) -> Verdict:
    flat, lists = (run(replace(VECTORS, index=kind), seed).counts["distances"] for kind in ("flat", "ivf_flat"))
    known = len(stages(VECTORS, seed)["known"].value)
    return Verdict(flat == known and lists < flat / 2, f"flat {flat:,.0f} of {known:,} clips, lists {lists:,.0f}")


# Channels side by side (S7).


def side_by_side_is_the_slower(seed: int) -> Verdict:
    measured = run(DEFAULT, seed)
    shown, after = measured.shown, measured.parts_ms["fuse"]
    words, vectors = shown.channels_ms["words"], shown.channels_ms["vectors"]
    exact = np.allclose(shown.side_by_side_ms, np.maximum(words, vectors) + after)
    p99 = [float(np.quantile(ms, 0.99)) for ms in (words, vectors, shown.side_by_side_ms, shown.in_turn_ms)]
    holds = exact and max(p99[:2]) <= p99[2] <= p99[3]
    said = "p99 words {:.3f}, vectors {:.3f}; side by side with fusion {:.3f}, in turn {:.3f} ms".format(*p99)
    return Verdict(bool(holds), f"{said}; modelled")


# Words against vectors (S8).


def words_win_on_their_own_terms(seed: int) -> Verdict:
    over = gain(MEANING, FILMS, seed, [EXACT])
    return Verdict(over.low > 0, f"words over MiniLM on exact terms {told(over)}")


def vectors_win_on_paraphrase(seed: int) -> Verdict:
    over = gain(FILMS, MEANING, seed, [PARAPHRASED])
    return Verdict(over.low > 0, f"MiniLM over words on paraphrases {told(over)}")


def understanding_has_its_order(seed: int) -> Verdict:
    lsa, static = (replace(MEANING, encoder=encoder) for encoder in ("lsa", "static"))
    up = [gain(a, b, seed, [PARAPHRASED]) for a, b in ((lsa, static), (static, MEANING))]
    return Verdict(
        min(each.low for each in up) > 0, f"word pieces over LSA {told(up[0])}, MiniLM over them {told(up[1])}"
    )


def size_pays_less_and_less(seed: int) -> Verdict:
    found = [float(ranks(replace(MEANING, dim=dim), seed).mean()) for dim in (32, 64, 128)]
    steps = np.diff(found)
    said = ", ".join(f"{value:.3f}" for value in found)
    return Verdict(bool(steps[0] > steps[1] > 0), f"MRR at 32, 64, 128 numbers: {said}")


# Lists and freshness (G1, G2, G12).


def deeper_lists_find_no_less(seed: int) -> Verdict:
    s = stages(FILMS, seed)
    served, right = s["served"].value, s["asked"].value.right
    found = np.array([recall_at_k(served, right, k) for k in range(1, K + 1)])
    fine = (np.diff(found, axis=0) >= 0).all() and (mrr_at_k(served, right, K) <= found[-1]).all()
    fine = fine and precision_at_k(served, right, K).max() <= 1
    return Verdict(
        bool(fine), f"recall@1 {found[0].mean():.3f}, recall@10 {found[-1].mean():.3f}; one right film a query"
    )


def order_matters_to_mrr_alone(seed: int) -> Verdict:
    s = stages(DEFAULT, seed)
    served, right = s["served"].value, s["asked"].value.right
    there, back = (mrr_at_k(ids, right, K).mean() for ids in (served, served[:, ::-1]))
    same = (recall_at_k(served, right, K) == recall_at_k(served[:, ::-1], right, K)).all()
    return Verdict(
        bool(same and there != back), f"MRR {there:.3f}, reversed {back:.3f}; recall the same for each query"
    )


def late_indexes_lose(seed: int) -> Verdict:
    soon, late = (replace(DEFAULT, new_share=0.3, refresh_h=h) for h in (1, 168))
    lost = gain(soon, late, seed)
    return Verdict(lost.high < 0, f"MRR {told(lost)} from hourly to weekly, 30 % of searches for today's videos")


def nothing_new_nothing_lost(seed: int) -> Verdict:
    soon, late = (replace(DEFAULT, new_share=0.0, refresh_h=h) for h in (1, 168))
    lost = gain(soon, late, seed)
    return Verdict(lost.mean == 0, f"MRR {told(lost)} from hourly to weekly")


def a_store_knows_only_what_was_asked(seed: int) -> Verdict:
    batch, hybrid, online = (ranks(replace(DEFAULT, serving=kind), seed) for kind in ("batch", "hybrid", "online"))
    holds = (batch <= online).all() and (hybrid == online).all() and batch.mean() < online.mean()
    return Verdict(
        bool(holds), f"MRR {batch.mean():.3f} from the store, {hybrid.mean():.3f} with searches for the rest"
    )


CHECKS = (
    Check("S2", "Where some titles are missing or wrong, the best weight of words is neither all nor nothing.",
          "DIR", best_weight_lies_between),
    Check("S2-perfect", "With every title there and right, no weighted sum beats words for queries in those words.",
          "FLIP", perfect_words_need_no_vectors),
    Check("S2-empty", "With no title at all, nothing is better than vectors alone.", "FLIP", no_words_leave_vectors),
    Check("S2-ranks", "Where one channel is much the better, a weighted sum beats ranks, which count both alike.",
          "DIR", scores_beat_ranks),
    Check("S3", "More frames find more, then hardly any more.", "DIR", frames_pay_less_and_less),
    Check("S3-cost", "The frames that have to be looked at grow exactly with the frames sampled.", "INV",
          looking_costs_by_frame),
    Check("S3-drawings", "For vectors alone, more drawings to learn from find more, and the last doubling brings most.",
          "DIR", every_drawing_counts),
    Check("S3-words", "Beside words, ten times the drawings bring less than a quarter of what they bring vectors "
          "alone.", "DIR", words_stand_in_for_drawings),
    Check("S4", "Where no query speaks of order, the mean over the frames is as good as a vector that knows of time.",
          "DIR", mean_is_enough_without_order),
    Check("S4-order", "Where most queries speak of order, a vector that knows of time wins clearly.", "FLIP",
          order_needs_the_change),
    Check("S5-bound", "Re-ranking never finds what was not among the candidates.", "INV", candidates_are_the_ceiling),
    Check("S5", "Re-ranking deeper finds more, most of it in the first twenty.", "DIR", deeper_is_better),
    Check("S5-cost", "The videos that a re-rank compares are exactly its depth.", "INV", work_is_the_depth),
    Check("S6", "Texts need more search effort than clips to find the same share of their nearest clips.", "DIR",
          texts_search_harder),
    Check("S7", "Side by side, two channels take as long as the slower one, not as both together.", "INV",
          side_by_side_is_the_slower),
    Check("S8", "For exact terms, words beat the sentence encoder.", "DIR", words_win_on_their_own_terms),
    Check("S8-paraphrase", "For paraphrases, the sentence encoder beats words.", "DIR", vectors_win_on_paraphrase),
    Check("S8-encoders", "On paraphrases MiniLM beats averaged word pieces, and those beat LSA.", "DIR",
          understanding_has_its_order),
    Check("D1", "A longer cut of MiniLM's vectors finds more, and each doubling adds less.", "DIR",
          size_pays_less_and_less),
    Check("G1", "A longer list never finds fewer, and with one right answer MRR is at most recall.", "INV",
          deeper_lists_find_no_less),
    Check("G2", "Re-ordering the answers changes MRR and leaves recall alone.", "INV", order_matters_to_mrr_alone),
    Check("G3", "Probing more lists never loses a neighbour.", "INV", more_lists_never_lose),
    Check("G3-flat", "Probing every list gives exactly the flat result.", "INV", all_lists_are_exact),
    Check("G3-hnsw", "A wider walk through the graph finds more neighbours.", "DIR", wider_walks_find_more),
    Check("G5", "An index takes the bytes that its law says, within a quarter.", "DIR", bytes_follow_the_law),
    Check("G6", "A flat index compares with every video that it knows; lists compare with fewer.", "INV",
          flat_compares_with_all),
    Check("G12", "The longer new videos wait for the index, the more of the searches for them fail.", "DIR",
          late_indexes_lose),
    Check("G12-static", "Where nothing is new, the wait costs nothing.", "FLIP", nothing_new_nothing_lost),
    Check("H1", "A store answers only queries it has met; searching for the rest gives all quality back.", "INV",
          a_store_knows_only_what_was_asked),
)  # fmt: skip
