"""Checks of the funnel's width: how many candidates are passed on, and what the ranker can make of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation.checks.shared import FACTORS, TREES
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.evaluate import ceiling, truth_of
from core.cases.video_recommendation.pipeline import run, stages
from core.checks.toolkit import Checks, Lab
from core.contract.check import DEF, DIR, Verdict

check = Checks(VideoRecommendation, run, stages)


@check("R1", DIR, "More candidates raise nDCG with diminishing returns.")
def candidates_pay_less_and_less(lab: Lab) -> Verdict:
    designs = [replace(TREES, candidates=n) for n in (10, 20, 50, 100, 200)]
    ndcgs, ceilings = ([lab.value(key, design) for design in designs] for key in ("ndcg@10", "recall@N"))
    early, late = ndcgs[2] - ndcgs[0], ndcgs[4] - ndcgs[2]
    numbers = (
        f"nDCG {', '.join(f'{value:.3f}' for value in ndcgs)} with N of 10 to 200; "
        f"recall@N {ceilings[0]:.3f} to {ceilings[-1]:.3f}"
    )
    return Verdict(early > late and all(np.diff(ceilings) > 0), numbers)


@check("R1b", DEF, "Ranker load equals the number of candidates.")
def ranking_is_linear(lab: Lab) -> Verdict:
    design = replace(FACTORS, source="popularity")
    ranked = [lab.run(replace(design, candidates=n)).counts["films ranked"] for n in (20, 50, 100, 200)]
    return Verdict(ranked == [20.0, 50.0, 100.0, 200.0], ", ".join(f"{n:g}" for n in ranked))


@check("R2", DEF, "No ranker beats the ideal order of its candidates, for any request.")
def candidates_are_the_ceiling(lab: Lab) -> Verdict:
    holds, numbers = True, []
    for design in (FACTORS, TREES, replace(FACTORS, diversity=0.4)):
        truth = truth_of(lab.stage("world", design)).liked
        best, served = ceiling(lab.stage("candidates", design).ids, truth), lab.per_query("ndcg@10", design)
        holds = holds and bool((served <= best + 1e-12).all())
        numbers.append(f"{served.mean():.3f} of at most {best.mean():.3f}")
    return Verdict(holds, "nDCG " + ", ".join(numbers))


CHECKS = check.all
