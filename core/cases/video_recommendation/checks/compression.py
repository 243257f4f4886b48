"""Checks of the two-tower network made smaller: 8-bit numbers, a student, half of the weights."""

from __future__ import annotations

from dataclasses import replace

from core.cases.video_recommendation.checks.shared import TOWERS
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, Verdict
from core.metrics import PairedDifference

check = Checks(VideoRecommendation, run, stages)


def _compressed(lab: Lab, precision: str) -> tuple[PairedDifference, float, str]:
    """What a smaller network has over the whole one in recall, its share of the bytes, and both in words."""
    small = replace(TOWERS, precision=precision)
    lift = lab.compare("recall@N", TOWERS, small)
    whole, kept = (lab.stage("model", design)[-1] for design in (TOWERS, small))
    ratio = (kept.served_bytes - kept.popularity.nbytes) / (whole.served_bytes - whole.popularity.nbytes)
    return lift, ratio, f"recall@100 {difference_text(lift)}; {ratio:.2f} of the network's bytes"


@check("R11", DIR, "Weights in int8 show no loss of quality, in less than a third of the memory.")
def eight_bits_are_enough(lab: Lab) -> Verdict:
    lift, ratio, numbers = _compressed(lab, "int8")
    return Verdict(abs(lift.mean) < 0.005 and ratio < 1 / 3, numbers)


@check(
    "R11b", DIR, "A distilled model of half the width keeps nearly all recall, in less than two thirds of the memory."
)
def students_know_nearly_as_much(lab: Lab) -> Verdict:
    lift, ratio, numbers = _compressed(lab, "distilled")
    return Verdict(lift.low > -0.02 and ratio < 2 / 3, numbers)


@check("R11c", DIR, "Pruning half of the weights saves less memory than int8, with no higher recall.")
def pruning_is_a_poor_bargain(lab: Lab) -> Verdict:
    (short, bits, _), (pruned, half, numbers) = (_compressed(lab, precision) for precision in ("int8", "pruned"))
    return Verdict(half > bits and pruned.low <= 0, f"{numbers}; with 8 bits {bits:.2f} of them, {short.mean:+.3f}")


CHECKS = check.all
