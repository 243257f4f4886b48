"""What models learn from: counters that come late, rare actions, fewer bits, fewer impressions, and either split."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.news_feed.checks.common import distance, worlds
from core.cases.news_feed.data.world import ACTIONS, BINARY, HEADS
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, about_equal, difference_text
from core.contract.check import DIR, FLIP, Verdict
from core.metrics import student_half_width

UPWEIGHTED, CALIBRATED = (NewsFeed(model="lr", rare=rare) for rare in ("upweighted", "calibrated"))
SAME_AUC = 0.02
ROUNDING = 1e-6  # chances are 32-bit: now and then two become equal by calibration, and a tie counts half
SPLIT_WORLDS = 8  # each last day is its own, so many are needed
TOO_LITTLE = (
    "over 20 worlds the random split is ahead by 0.005 in AUC (-0.001 to 0.010), too little to tell: the mood of "
    "a day is a small part of a past that spans the week."
)
check = Checks(NewsFeed, run, stages)


@check("F7", DIR, "Late features hurt new posts most.")
def late_counters_hurt_new_posts(lab: Lab) -> Verdict:
    """Counters that are 12 hours old on average, for posts under eight hours and over a day old."""
    live, late = (NewsFeed(model="lr", serving=serving, every_h=24) for serving in ("online", "nearline"))
    of_live, of_late = ([distance(world, design) for world in worlds(lab)] for design in (live, late))
    lost = np.concatenate([far - near for (near, _), (far, _) in zip(of_live, of_late, strict=True)])
    age = np.concatenate([age for _, age in of_live])
    young, grown = lost[age < 8], lost[age > 24]
    gap = young.mean() - grown.mean()
    error = 1.96 * float(np.hypot(young.std() / len(young) ** 0.5, grown.std() / len(grown) ** 0.5))
    text = f"distance from the true chances {young.mean():+.4f} under 8 h, {grown.mean():+.4f} over a day"
    return Verdict(gap - error > 0, f"{text}; {gap - error:.4f} to {gap + error:.4f} more")


@check("F9", DIR, "A weighted sum of calibrated heads beats one of uncalibrated heads, though every AUC is the same.")
def calibrated_sums_are_better(lab: Lab) -> Verdict:
    """Logistic regressions whose rare actions were weighted up, and the same calibrated."""
    gain = lab.compare("value", UPWEIGHTED, CALIBRATED)
    errors = [lab.value("calibration", design) for design in (UPWEIGHTED, CALIBRATED)]
    aucs = [[lab.value(f"auc {name}", design) for name in BINARY] for design in (UPWEIGHTED, CALIBRATED)]
    apart = float(np.abs(np.subtract(*aucs)).max())
    text = f"value {difference_text(gain, 4)} by calibration; calibration error {errors[0]:.2f} and {errors[1]:.2f}"
    return Verdict(gain.low > 0 and apart < ROUNDING, f"{text}; {len(BINARY)} AUCs apart by {apart:.0e} at most")


@check("F9F", FLIP, "When only one action counts, calibration changes no order.")
def calibration_is_idle_for_one_head(lab: Lab) -> Verdict:
    """All values but that of shares and clicks' unit left out: with one head its order is all that counts."""
    head = HEADS.index("share")
    raw, calibrated = (lab.stage("predicted", design)[:200, head] for design in (UPWEIGHTED, CALIBRATED))
    alike = float(np.mean(np.argsort(raw, kind="stable") == np.argsort(calibrated, kind="stable")))
    return Verdict(alike > 0.98, f"{alike:.0%} of 200 posts in the same place when only shares count")


@check("F10", DIR, "In int8 the network is smaller and the feeds are as good.")
def eight_bits_do(lab: Lab) -> Verdict:
    """The shared-bottom network in 32 and in 8 bits."""
    full, small = (NewsFeed(format=format) for format in ("fp32", "int8"))
    sizes = [lab.stage("scorer", design).model.nbytes for design in (full, small)]
    lost = lab.compare("value", full, small)
    text = f"{sizes[0]:,} and {sizes[1]:,} bytes, value {difference_text(lost, 4)}"
    return Verdict(sizes[1] < 0.75 * sizes[0] and about_equal(lost, 0.01), text)


@check("F11", DIR, "A larger training set makes better feeds, and the last doubling still pays.")
def more_impressions_pay(lab: Lab) -> Verdict:
    """The network in three passes over each sample, so part of its gain is that more rows are more steps."""
    shares = [NewsFeed(learnt_from=share) for share in (0.1, 0.5, 1.0)]
    first, last = (lab.compare_pooled("value", fewer, more) for fewer, more in pairwise(shares))
    text = f"{difference_text(first, 4)} from a tenth of the impressions to half, {difference_text(last, 4)} from half"
    return Verdict(first.low > 0 and last.low > 0, f"value {text} to all")


@check("F11S", DIR, "LR per task beats the network on 10 % of the training set, and no longer on all of it.")
def little_data_wants_a_small_model(lab: Lab) -> Verdict:
    """Logistic regressions against the network, taught by a tenth and by all of the impressions."""
    tenth, whole = (
        lab.compare_pooled(
            "value", NewsFeed(model="shared", learnt_from=share), NewsFeed(model="lr", learnt_from=share)
        )
        for share in (0.1, 1.0)
    )
    text = f"{difference_text(tenth, 4)} from a tenth, {difference_text(whole, 4)} from all"
    return Verdict(tenth.low > 0 and whole.low <= 0, f"value of regressions over the network {text}")


def optimism(lab: Lab, drift: float) -> tuple[float, float, str]:
    """How much a random split flatters over many worlds: mean, half the width of its interval (t), and words."""
    designs = [NewsFeed(model="lr", drift=drift, split=split) for split in ("random", "time")]
    aucs = np.array([[mean_auc(world, design) for design in designs] for world in worlds(lab, SPLIT_WORLDS)])
    gaps = aucs[:, 0] - aucs[:, 1]
    half = student_half_width(gaps)
    at_random, by_time = aucs.mean(axis=0)
    text = f"AUC {at_random:.3f} by a random split, {by_time:.3f} by time over {len(gaps)} worlds"
    return float(gaps.mean()), half, f"{text}; {gaps.mean() - half:+.4f} to {gaps.mean() + half:+.4f}"


def mean_auc(lab: Lab, design: NewsFeed) -> float:
    """AUC on the log's last rows, averaged over actions."""
    return float(np.mean([lab.value(f"auc {name}", design) for name in ACTIONS]))


@check("G15", DIR, "When tastes drift, a random split flatters a model.", TOO_LITTLE)
def random_splits_flatter(lab: Lab) -> Verdict:
    """Strong drift."""
    gap, half, text = optimism(lab, 1.0)
    return Verdict(gap > half, text)


@check("G15F", FLIP, "Without drift both splits say the same, to two hundredths of AUC.")
def splits_agree_without_drift(lab: Lab) -> Verdict:
    """No drift: the whole interval must lie near zero, for a wide one around zero would say nothing."""
    gap, half, text = optimism(lab, 0.0)
    return Verdict(abs(gap) + half < SAME_AUC, text)
