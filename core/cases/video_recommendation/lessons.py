"""The checks that are about recommending: the funnel, its sources, the ranker, and serving ahead of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation import grading as g
from core.cases.video_recommendation.checking import DEFAULT, PLAIN, gain, told, value
from core.cases.video_recommendation.run import run, stages
from core.contract.check import Verdict
from core.datasets.movielens import load_movielens
from core.metrics import PairedDifference, paired_difference

TREES = replace(DEFAULT, ranker="gbdt")
TOWERS = replace(PLAIN, source="two_tower")
DAY_S = 86_400


def old_snapshots_lose(seed: int) -> Verdict:
    lost = gain(PLAIN, replace(PLAIN, serving="hybrid", refresh_h=168), seed, "recall@N")
    return Verdict(lost.high < 0, told("recall@100", lost) + " from online to a weekly store of candidates")


def old_lists_lose(seed: int) -> Verdict:
    lost = gain(PLAIN, replace(PLAIN, serving="batch", refresh_h=168), seed, "warm ndcg@10")
    return Verdict(lost.high < 0, told("nDCG for the known", lost) + " from online to weekly")


def nothing_new_nothing_lost(seed: int) -> Verdict:
    later = replace(PLAIN, dates="week")
    lost = gain(later, replace(later, serving="hybrid", refresh_h=168), seed, "recall@N")
    return Verdict(lost.mean == 0, f"recall@100 {lost.mean:+.3f} from online to a weekly store of candidates")


def _flattery(dates: str, seed: int) -> tuple[float, str, bool]:
    by_time, random = (
        run(replace(PLAIN, split=split, dates=dates), seed).quality["recall@N"] for split in ("time", "random")
    )
    interval = f"{by_time.low:.3f} to {by_time.high:.3f}"
    said = f"recall@100 {by_time.value:.3f} ({interval}) by time, {random.value:.3f} at random"
    return random.value - by_time.value, said, random.low > by_time.high


def random_flatters(seed: int) -> Verdict:
    _, said, apart = _flattery("real", seed)
    return Verdict(apart, said)


def no_drift_less_flattery(seed: int) -> Verdict:
    (real, _, _), (shuffled, said, apart) = (_flattery(dates, seed) for dates in ("real", "shuffled"))
    return Verdict(not apart and shuffled < real / 2, f"{said}; {real:+.3f} with real dates, {shuffled:+.3f} shuffled")


def candidates_pay_less_and_less(seed: int) -> Verdict:
    sizes = (10, 20, 50, 100, 200)
    found = [value(replace(TREES, candidates=n), seed) for n in sizes]
    ceilings = [value(replace(TREES, candidates=n), seed, "recall@N") for n in sizes]
    early, late = found[2] - found[0], found[4] - found[2]
    said = ", ".join(f"{v:.3f}" for v in found)
    held = early > late and bool((np.diff(ceilings) > 0).all())
    return Verdict(held, f"nDCG {said} with N of 10 to 200; recall@N {ceilings[0]:.3f} to {ceilings[-1]:.3f}")


def ranking_is_linear(seed: int) -> Verdict:
    design = replace(DEFAULT, source="popularity")
    ranked = [run(replace(design, candidates=n), seed).counts["films ranked"] for n in (20, 50, 100, 200)]
    return Verdict(ranked == [20.0, 50.0, 100.0, 200.0], ", ".join(f"{n:g}" for n in ranked))


def candidates_are_the_ceiling(seed: int) -> Verdict:
    held, said = True, []
    for design in (DEFAULT, TREES, replace(DEFAULT, diversity=0.4)):
        s = stages(design, seed)
        truth = g.truth_of(s["world"].value).liked
        best, served = g.ceiling(s["candidates"].value.ids, truth), run(design, seed).quality["ndcg@10"].per_query
        held = held and bool((served <= best + 1e-12).all())
        said.append(f"{served.mean():.3f} of at most {best.mean():.3f}")
    return Verdict(held, "nDCG " + ", ".join(said))


def _logq(popularity: str, seed: int) -> Verdict:
    without, corrected = (replace(TOWERS, popularity=popularity, logq=logq) for logq in ("no", "yes"))
    over = gain(without, corrected, seed, "recall@N")
    return Verdict(over.low > 0 if popularity == "real" else over.mean == 0, told("recall@100", over))


def logq_lifts(seed: int) -> Verdict:
    return _logq("real", seed)


def logq_is_idle(seed: int) -> Verdict:
    return _logq("even", seed)


def product_wins(seed: int) -> Verdict:
    over = gain(replace(PLAIN, source="mlp"), PLAIN, seed, "recall@N")
    return Verdict(over.low > 0, told("recall@100", over) + " from the network to the product")


def network_scores_all(seed: int) -> Verdict:
    product, network = (
        run(design, seed).counts["films scored"]
        for design in (replace(PLAIN, index="ivf_flat"), replace(PLAIN, source="mlp"))
    )
    return Verdict(product < network / 4, f"{product:,.0f} films compared by lists, {network:,.0f} by the network")


def trees_pay_less_and_less(seed: int) -> Verdict:
    designs = [replace(TREES, trees=n) for n in (5, 20, 40, 80)]
    loss = [value(design, seed, "log loss") for design in designs]
    steps, over = -np.diff(loss), gain(designs[0], designs[2], seed, "log loss")
    said = ", ".join(f"{v:.4f}" for v in loss)
    return Verdict(bool(over.high < 0 and steps[0] > steps[2]), f"log loss {said} with 5, 20, 40, 80 trees")


def variety_costs(seed: int) -> Verdict:
    off, some, much = (replace(DEFAULT, diversity=d) for d in (0.0, 0.4, 0.8))
    varied = [value(d, seed, "diversity") for d in (off, some, much)]
    wide, lost = gain(off, much, seed, "coverage"), gain(off, much, seed)
    held = varied[0] < varied[1] < varied[2] and wide.low > 0 and lost.high < 0
    said = f"diversity {varied[0]:.3f}, {varied[1]:.3f}, {varied[2]:.3f} at 0, .4, .8"
    return Verdict(held, f"{said}; {told('coverage', wide)}; {told('nDCG', lost)}")


def nightly_is_wasteful(seed: int) -> Verdict:
    ratings = load_movielens()
    day = ratings.second // DAY_S
    visits = len(np.unique(ratings.user * 100_000 + day))
    first = np.full(int(ratings.user.max()) + 1, day.max())
    np.minimum.at(first, ratings.user, day)
    written = int((day.max() - first).sum())
    return Verdict(
        visits < written / 100, f"{visits:,} visits of a day, {written:,} nightly lists: {visits / written:.2%}"
    )


def towers_for_newcomers(seed: int) -> Verdict:
    over = gain(PLAIN, TOWERS, seed, "cold recall@N")
    return Verdict(over.low > 0, told("recall@100 for newcomers", over))


def equal_for_the_known(seed: int) -> Verdict:
    over = gain(PLAIN, TOWERS, seed, "warm ndcg@10")
    return Verdict(not over.distinguishable and abs(over.mean) < 0.02, told("nDCG for the known", over))


def likes_against_views(seed: int) -> Verdict:
    liked, viewed = (
        [run(replace(TREES, goal=goal), seed).quality[key].per_query for goal in ("views", "likes")]
        for key in ("liked@10", "viewed@10")
    )
    share = [likes.sum() / views.sum() for likes, views in zip(liked, viewed, strict=True)]
    over = paired_difference(liked[1] - share[0] * viewed[1], liked[0] - share[0] * viewed[0], seed)
    said = (
        f"watched {viewed[0].mean():.3f} → {viewed[1].mean():.3f}, "
        f"liked {liked[0].mean():.3f} → {liked[1].mean():.3f}, of the watched liked {share[0]:.1%} → {share[1]:.1%}"
    )
    return Verdict(over.low > 0, said)


def popular_for_newcomers(seed: int) -> Verdict:
    over = gain(DEFAULT, replace(DEFAULT, popular=20), seed, "cold recall@N")
    return Verdict(over.low > 0, told("recall@100 for newcomers", over))


def popular_narrows(seed: int) -> Verdict:
    without, kept = (len(np.unique(stages(replace(DEFAULT, popular=n), seed)["found"].value.ids)) for n in (0, 20))
    return Verdict(kept < without, f"{without:,} different films proposed to anybody, {kept:,} with 20 places kept")


def _compressed(precision: str, seed: int) -> tuple[PairedDifference, float, str]:
    """What a smaller network has over the whole one in recall, its share of the bytes, and both in words."""
    small = replace(TOWERS, precision=precision)
    over = gain(TOWERS, small, seed, "recall@N")
    whole, kept = (stages(design, seed)["model"].value[-1] for design in (TOWERS, small))
    ratio = (kept.served_bytes - kept.popularity.nbytes) / (whole.served_bytes - whole.popularity.nbytes)
    return over, ratio, f"{told('recall@100', over)}; {ratio:.2f} of the network's bytes"


def eight_bits_are_enough(seed: int) -> Verdict:
    over, ratio, said = _compressed("int8", seed)
    return Verdict(abs(over.mean) < 0.005 and ratio < 1 / 3, said)


def students_know_nearly_as_much(seed: int) -> Verdict:
    over, ratio, said = _compressed("distilled", seed)
    return Verdict(over.low > -0.02 and ratio < 2 / 3, said)


def pruning_is_a_poor_bargain(seed: int) -> Verdict:
    (short, bits, _), (pruned, half, said) = (_compressed(each, seed) for each in ("int8", "pruned"))
    return Verdict(half > bits and pruned.low <= 0, f"{said}; with 8 bits {bits:.2f} of them, {short.mean:+.3f}")
