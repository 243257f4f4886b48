"""Checks of whom a choice serves: newcomers, people who are known, and those who watch without liking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation.checks.shared import FACTORS, PLAIN, TOWERS, TREES
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, Verdict
from core.metrics import paired_difference

check = Checks(VideoRecommendation, run, stages)


@check("R8", DIR, "For cold-start users two-tower has higher recall than matrix factorisation.")
def towers_for_newcomers(lab: Lab) -> Verdict:
    lift = lab.compare_worlds("cold recall@N", PLAIN, TOWERS)
    return Verdict(lift.low > 0, f"recall@100 for newcomers {difference_text(lift)} over five draws of them")


@check("R8b", DIR, "For warm users the two are about equal.")
def equal_for_the_known(lab: Lab) -> Verdict:
    lift = lab.compare("warm ndcg@10", PLAIN, TOWERS)
    equal = not lift.distinguishable and abs(lift.mean) < 0.02
    return Verdict(equal, f"nDCG for the known {difference_text(lift)}")


@check(
    "R9",
    DIR,
    "A ranker trained on likes instead of views recommends films with a higher like rate when watched.",
    known_failure="the share does rise, by less than 358 requests can tell apart, and stars are a weak stand-in "
    "for time watched",
)
def likes_against_views(lab: Lab) -> Verdict:
    by_views, by_likes = (replace(TREES, goal=goal) for goal in ("views", "likes"))
    liked, viewed = (
        [lab.per_query(key, design) for design in (by_views, by_likes)] for key in ("liked@10", "viewed@10")
    )
    share = [likes.sum() / views.sum() for likes, views in zip(liked, viewed, strict=True)]
    lift = paired_difference(liked[1] - share[0] * viewed[1], liked[0] - share[0] * viewed[0], lab.seed)
    numbers = (
        f"watched {viewed[0].mean():.3f} → {viewed[1].mean():.3f}, "
        f"liked {liked[0].mean():.3f} → {liked[1].mean():.3f}, of the watched liked {share[0]:.1%} → {share[1]:.1%}"
    )
    return Verdict(lift.low > 0, numbers)


@check("R10", DIR, "Popularity slots raise recall for cold-start users.")
def popular_for_newcomers(lab: Lab) -> Verdict:
    lift = lab.compare("cold recall@N", FACTORS, replace(FACTORS, popular=20))
    return Verdict(lift.low > 0, f"recall@100 for newcomers {difference_text(lift)}")


@check("R10b", DIR, "Popularity slots reduce the catalogue coverage of the candidates.")
def popular_narrows(lab: Lab) -> Verdict:
    without, kept = (len(np.unique(lab.stage("retrieved", replace(FACTORS, popular=n)).ids)) for n in (0, 20))
    numbers = f"{without:,} different films proposed to anybody, {kept:,} with 20 places kept"
    return Verdict(kept < without, numbers)


CHECKS = check.all
