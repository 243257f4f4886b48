"""Checks of what is learnt and how: popularity in negatives, products against networks, trees, variety, and the job."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation.checks.shared import FACTORS, PLAIN, TOWERS, TREES
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, INV, Verdict
from core.datasets.movielens import load_movielens
from core.metrics import PairedDifference

check = Checks(VideoRecommendation, run, stages)


def _logq(lab: Lab, popularity: str) -> PairedDifference:
    """What the correction adds to recall."""
    without, corrected = (replace(TOWERS, popularity=popularity, logq=logq) for logq in ("no", "yes"))
    return lab.compare("recall@N", without, corrected)


@check("R3", DIR, "The logQ correction raises the recall of the two-tower model.")
def logq_lifts(lab: Lab) -> Verdict:
    lift = _logq(lab, "real")
    return Verdict(lift.low > 0, f"recall@100 {difference_text(lift)}")


@check("R3-flip", DEF, "With uniform popularity the logQ correction changes nothing.")
def logq_is_idle(lab: Lab) -> Verdict:
    lift = _logq(lab, "even")
    return Verdict(lift.mean == 0, f"recall@100 {difference_text(lift)}")


@check("R4", DIR, "The dot product of ALS vectors beats a neural re-scorer over the same vectors.")
def product_wins(lab: Lab) -> Verdict:
    lift = lab.compare("recall@N", replace(PLAIN, source="mlp"), PLAIN)
    return Verdict(lift.low > 0, f"recall@100 {difference_text(lift)} from the network to the product")


@check("R4b", INV, "A dot product can be served by an ANN index; a neural re-scorer must score every film.")
def network_scores_all(lab: Lab) -> Verdict:
    designs = (replace(PLAIN, index="ivf_flat"), replace(PLAIN, source="mlp"))
    product, network = (lab.run(design).counts["films scored"] for design in designs)
    return Verdict(product < network / 4, f"{product:,.0f} films compared by lists, {network:,.0f} by the network")


@check(
    "R4c",
    DIR,
    "With a logistic ranker, neither ALS nor two-tower is shown to beat most popular as the candidate source.",
)
def sources_are_not_told_apart(lab: Lab) -> Verdict:
    """The same requests under three seeds, each person one unit."""
    liked, others = replace(FACTORS, source="popularity"), ("als", "two_tower")
    gains = {
        name: lab.compare_pooled("ndcg@10", liked, replace(FACTORS, source=name), same_queries=True) for name in others
    }
    numbers = ", ".join(f"{name} {difference_text(gain)}" for name, gain in gains.items())
    return Verdict(not any(gain.low > 0 for gain in gains.values()), f"nDCG less that of the most liked: {numbers}")


@check("R5", DIR, "More trees lower log loss with diminishing returns.")
def trees_pay_less_and_less(lab: Lab) -> Verdict:
    designs = [replace(TREES, trees=n) for n in (5, 20, 40, 80)]
    losses = [lab.value("log loss", design) for design in designs]
    steps, lift = -np.diff(losses), lab.compare("log loss", designs[0], designs[2])
    numbers = ", ".join(f"{loss:.4f}" for loss in losses)
    return Verdict(bool(lift.high < 0 and steps[0] > steps[2]), f"log loss {numbers} with 5, 20, 40, 80 trees")


@check("R6", DIR, "More MMR diversity raises intra-list diversity and coverage, and lowers nDCG.")
def variety_costs(lab: Lab) -> Verdict:
    off, some, much = (replace(FACTORS, diversity=weight) for weight in (0.0, 0.4, 0.8))
    varied = [lab.value("diversity", design) for design in (off, some, much)]
    wide, lost = (lab.compare(key, off, much) for key in ("coverage", "ndcg@10"))
    numbers = f"diversity {varied[0]:.3f}, {varied[1]:.3f}, {varied[2]:.3f} at 0, .4, .8"
    return Verdict(
        varied[0] < varied[1] < varied[2] and wide.low > 0 and lost.high < 0,
        f"{numbers}; coverage {difference_text(wide)}; nDCG {difference_text(lost)}",
    )


@check("R7b", DIR, "Of the lists that a nightly batch job writes for all users, fewer than 1 % are ever read.")
def nightly_is_wasteful(lab: Lab) -> Verdict:
    """Lists are written for everybody who has come before, at every run of the job; visits within a run are one."""
    ratings, every_h = load_movielens(), lab.run(replace(PLAIN, serving="batch")).refresh_every_h
    if not every_h:
        return Verdict(False, "no job writes lists")
    day = ratings.second // round(3_600 * every_h)
    visits = len(np.unique(ratings.user * 100_000 + day))
    first = np.full(int(ratings.user.max()) + 1, day.max())
    np.minimum.at(first, ratings.user, day)
    written = int((day.max() - first).sum())
    numbers = f"{visits:,} visits of a day, {written:,} nightly lists: {visits / written:.2%}"
    return Verdict(visits < written / 100, numbers)


CHECKS = check.all
