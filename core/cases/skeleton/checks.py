"""What finding digits teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from dataclasses import replace

from core.cases.skeleton.design import Skeleton
from core.cases.skeleton.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, Verdict

check = Checks(Skeleton, run, stages)


@check("T1", DIR, "More pixels find more of the same digit.")
def bigger_is_better(lab: Lab) -> Verdict:
    small, large = (lab.estimate("precision@5", replace(lab.default, dim=dim)) for dim in (4, 64))
    return Verdict(large.low > small.high, f"{small.value:.3f} with 4 pixels, {large.value:.3f} with 64")


@check("T2", DIR, "Noise in the pictures hides digits that are alike.")
def noise_hides(lab: Lab) -> Verdict:
    gain = lab.compare("precision@5", base=replace(lab.default, noise=0.5), candidate=lab.default)
    return Verdict(gain.low > 0, f"precision@5 {difference_text(gain)} without noise")


CHECKS = check.all
