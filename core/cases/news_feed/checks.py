"""What the news feed teaches about its models, each sentence with the runs that say whether it holds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.news_feed import checks_serving
from core.cases.news_feed.checking import (
    WORLDS,
    about_equal,
    distance,
    distances,
    gain_of,
    gain_over_worlds,
    interval_of,
    measured,
)
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.grading import grade_heads
from core.cases.news_feed.run import stages
from core.cases.news_feed.world import ACTIONS, HEADS
from core.contract.check import Check, Verdict
from core.metrics import PairedDifference, paired_difference

SAME_AUC = 0.02
SPLIT_WORLDS = 8  # each last day is its own, so many are needed
SAME_UNITS = dict(shared=dict(model="shared", width=64), mmoe=dict(model="mmoe", experts=8, width=8))


def sharing_is_cheap(seed: int) -> Verdict:
    """Multiplications of the bottoms and of all, units a bottom alike."""
    shared, separate = (
        stages(NewsFeed(model=model, width=32), seed)["scorer"].value.model for model in ("shared", "separate")
    )
    bottoms = [each.n_experts * each.units * each.weights["wide"].shape[1] for each in (shared, separate)]
    ratio = separate.flops / shared.flops
    told = f"bottoms {bottoms[0]:,} against {bottoms[1]:,} multiplications a post; with towers 1 to {ratio:.1f}"
    return Verdict(len(HEADS) * bottoms[0] == bottoms[1] and 1 < ratio <= len(HEADS), told)


def saved_by_experts(seed: int, agreement: float) -> PairedDifference:
    """How much nearer to the true chances MMoE is than a shared bottom of as many units."""
    shared, mmoe = (distances(seed, agreement=agreement, **each) for each in SAME_UNITS.values())
    return paired_difference(shared, mmoe, seed)


def experts_help_when_tasks_disagree(seed: int) -> Verdict:
    """Eight experts of eight units against one bottom of 64, tasks at right angles."""
    saved = saved_by_experts(seed, 0.0)
    return Verdict(saved.low > 0, f"distance from the true chances saved by experts {interval_of(saved)}")


def experts_are_idle_when_tasks_agree(seed: int) -> Verdict:
    """The same where all tasks want the same."""
    saved = saved_by_experts(seed, 1.0)
    return Verdict(saved.low <= 0, f"distance from the true chances saved by experts {interval_of(saved)}")


def share_weight(seed: int, agreement: float) -> tuple[PairedDifference, PairedDifference]:
    """What a share worth 128 clicks instead of none does to shares and clicks."""
    worth = dict(share=128), dict(share=0)
    return tuple(gain_over_worlds(key, seed, *worth, agreement=agreement) for key in ("shares", "clicks"))


def no_free_shares(seed: int) -> Verdict:
    """Tasks at right angles."""
    shares, clicks = share_weight(seed, 0.0)
    told = f"of ten posts, shares {interval_of(shares)}, clicks {interval_of(clicks)}"
    return Verdict(shares.low > 0 and clicks.high < 0, told)


def shares_cost_less_when_tasks_agree(seed: int) -> Verdict:
    """The fall of clicks as a share of that between tasks at right angles."""
    apart, together = (share_weight(seed, agreement)[1] for agreement in (0.0, 1.0))
    told = f"clicks {interval_of(together)} where tasks agree, {interval_of(apart)} where they do not"
    return Verdict(together.mean > apart.mean / 2, told)


def implicit_heads(seed: int, **dials: object) -> tuple[PairedDifference, PairedDifference]:
    """What dwell and skip add to the value of the feeds of passive and of active readers."""
    kinds = ("value passive", "value active")
    return tuple(gain_over_worlds(key, seed, dict(heads="all"), dict(heads="explicit"), **dials) for key in kinds)


def passive_readers_speak_by_staying(seed: int) -> Verdict:
    """Tasks at right angles, so that what passive readers stay for is not what others click on."""
    passive, active = implicit_heads(seed, agreement=0.0)
    told = f"value of feeds {interval_of(passive)} for passive readers, {interval_of(active)} for active ones"
    return Verdict(passive.low > 0 and passive.mean > active.mean, told)


def position_pair(seed: int, bias: float) -> tuple[PairedDifference, float, float]:
    """Gain in value by the tower, and AUC of clicks on the biased log without and with it."""
    tower, ignored = (measured(seed, position_bias=bias, position=each) for each in ("tower", "ignored"))
    aucs = (each.quality["auc click"].value for each in (ignored, tower))
    return gain_of("value", tower, ignored, seed), *aucs


def the_tower_looks_worse_and_is_better(seed: int) -> Verdict:
    """Strong position bias."""
    gain, ignored, tower = position_pair(seed, 1.0)
    told = f"AUC of clicks on the log {ignored:.3f} without and {tower:.3f} with the tower, value {interval_of(gain)}"
    return Verdict(tower < ignored and gain.low > 0, told)


def the_tower_is_idle_without_bias(seed: int) -> Verdict:
    """Every place is looked at."""
    gain, ignored, tower = position_pair(seed, 0.0)
    told = f"AUC of clicks on the log {ignored:.3f} without and {tower:.3f} with the tower, value {interval_of(gain)}"
    return Verdict(about_equal(gain, 0.01) and abs(tower - ignored) < 0.01, told)


def calibrated_sums_are_better(seed: int) -> Verdict:
    """Logistic regressions whose rare actions were weighted up, and the same calibrated."""
    raw, calibrated = (measured(seed, model="lr", rare=rare) for rare in ("upweighted", "calibrated"))
    gain = gain_of("value", calibrated, raw, seed)
    errors = (each.quality["calibration"].value for each in (raw, calibrated))
    told = "calibration error {:.2f} and {:.2f}".format(*errors)
    same = np.array_equal(*(each.quality["auc share"].per_query for each in (raw, calibrated)))
    return Verdict(gain.low > 0 and same, f"value {interval_of(gain)} by calibration; {told}; every AUC the same")


def calibration_is_idle_for_one_head(seed: int) -> Verdict:
    """All values but that of shares and clicks' unit left out: with one head its order is all that counts."""
    raw, calibrated = (stages(NewsFeed(model="lr", rare=rare), seed) for rare in ("upweighted", "calibrated"))
    head = HEADS.index("share")
    orders = [np.argsort(each["predicted"].value[:200, head], kind="stable") for each in (raw, calibrated)]
    alike = float(np.mean(orders[0] == orders[1]))
    return Verdict(alike > 0.98, f"{alike:.0%} of 200 posts in the same place when only shares count")


def late_counters_hurt_new_posts(seed: int) -> Verdict:
    """Counters that are 12 hours old on average, for posts under eight hours and over a day old."""
    lost, age = [], []
    for world in range(seed, seed + WORLDS):
        (live, old), (late, _) = (
            distance(NewsFeed(model="lr", serving=serving, every_h=24), world) for serving in ("online", "nearline")
        )
        lost.append(late - live)
        age.append(old)
    lost, age = np.concatenate(lost), np.concatenate(age)
    young, grown = lost[age < 8], lost[age > 24]
    gap = young.mean() - grown.mean()
    error = 1.96 * float(np.hypot(young.std() / len(young) ** 0.5, grown.std() / len(grown) ** 0.5))
    told = f"distance from the true chances {young.mean():+.4f} under 8 h, {grown.mean():+.4f} over a day"
    return Verdict(gap - error > 0, f"{told}; {gap - error:.4f} to {gap + error:.4f} more")


def mean_auc(seed: int, **choices: object) -> float:
    """AUC of the logistic regressions on one world, averaged over actions."""
    s = stages(NewsFeed(model="lr", **choices), seed)
    graded = grade_heads(s["logged"].value, s["scorer"].value, seed)
    return float(np.mean([graded[f"auc {name}"].value for name in ACTIONS]))


def optimism(seed: int, drift: float) -> tuple[float, float, str]:
    """How much a random split flatters over many worlds: mean, half the width of its interval (t), and words."""
    from scipy.stats import t

    found = np.array([
        [mean_auc(world, drift=drift, split=split) for split in ("random", "time")]
        for world in range(seed, seed + SPLIT_WORLDS)
    ])  # fmt: skip
    gaps = found[:, 0] - found[:, 1]
    half = float(t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / len(gaps) ** 0.5)
    random, time = found.mean(axis=0)
    told = f"AUC {random:.3f} by a random split, {time:.3f} by time over {len(gaps)} worlds"
    return float(gaps.mean()), half, f"{told}; {gaps.mean() - half:+.4f} to {gaps.mean() + half:+.4f}"


def random_splits_flatter(seed: int) -> Verdict:
    """Strong drift."""
    gap, half, told = optimism(seed, 1.0)
    return Verdict(gap > half, told)


def splits_agree_without_drift(seed: int) -> Verdict:
    """No drift: the whole interval must lie near zero, for a wide one around zero would say nothing."""
    gap, half, told = optimism(seed, 0.0)
    return Verdict(abs(gap) + half < SAME_AUC, told)


def eight_bits_do(seed: int) -> Verdict:
    """The shared-bottom network in 32 and in 8 bits."""
    full, small = (measured(seed, format=each) for each in ("fp32", "int8"))
    sizes = [stages(NewsFeed(format=each), seed)["scorer"].value.model.nbytes for each in ("fp32", "int8")]
    lost = gain_of("value", small, full, seed)
    told = f"{sizes[0]:,} and {sizes[1]:,} bytes, value {interval_of(lost)}"
    return Verdict(sizes[1] < 0.75 * sizes[0] and about_equal(lost, 0.01), told)


def more_impressions_pay(seed: int) -> Verdict:
    """The network in three passes over each sample, so part of its gain is that more rows are more steps."""
    shares = dict(learnt_from=0.1), dict(learnt_from=0.5), dict(learnt_from=1.0)
    first, last = (gain_over_worlds("value", seed, more, fewer) for fewer, more in pairwise(shares))
    told = f"value {interval_of(first)} from a tenth of the impressions to half, {interval_of(last)} from half to all"
    return Verdict(first.low > 0 and last.low > 0, told)


def little_data_wants_a_small_model(seed: int) -> Verdict:
    """Logistic regressions against the network, taught by a tenth and by all of the impressions."""
    tenth, whole = (
        gain_over_worlds("value", seed, dict(model="lr"), dict(model="shared"), learnt_from=share)
        for share in (0.1, 1.0)
    )
    told = f"value of regressions over the network {interval_of(tenth)} from a tenth, {interval_of(whole)} from all"
    return Verdict(tenth.low > 0 and whole.low <= 0, told)


CHECKS = (
    Check("F1", "Seven separate networks multiply seven times as much in their bottoms as one shared bottom.", "INV",
          sharing_is_cheap),
    Check("F2", "When tasks disagree, experts come nearer to the truth than a shared bottom of as many units.", "DIR",
          experts_help_when_tasks_disagree),
    Check("F2F", "When tasks agree, experts are no better than a shared bottom.", "FLIP",
          experts_are_idle_when_tasks_agree),
    Check("F3", "Shares worth more bring more shares and fewer clicks: there is no free lunch.", "DIR",
          no_free_shares),
    Check("F3F", "When tasks agree, more shares cost less than half as many clicks.", "FLIP",
          shares_cost_less_when_tasks_agree),
    Check("F5", "Dwell and skip help passive readers, and more than they help active ones.", "DIR",
          passive_readers_speak_by_staying),
    Check("F6", "A position tower looks worse on the biased log and makes better feeds.", "DIR",
          the_tower_looks_worse_and_is_better),
    Check("F6F", "Without position bias the tower changes nothing.", "FLIP", the_tower_is_idle_without_bias),
    Check("F7", "Late counters hurt new posts most.", "DIR", late_counters_hurt_new_posts),
    Check("F9", "A weighted sum of calibrated heads beats one of uncalibrated heads, though every AUC is the same.",
          "DIR", calibrated_sums_are_better),
    Check("F9F", "When only one action counts, calibration changes no order.", "FLIP",
          calibration_is_idle_for_one_head),
    Check("F10", "In 8 bits the network is smaller and the feeds are as good.", "DIR", eight_bits_do),
    Check("F11", "More impressions, in as many passes, make better feeds, and the last doubling still pays.", "DIR",
          more_impressions_pay),
    Check("F11S", "Logistic regressions beat the network with a tenth of the impressions, and no longer with all.",
          "DIR", little_data_wants_a_small_model),
    Check("G15", "When tastes drift, a random split flatters a model.", "DIR", random_splits_flatter,
          "over 20 worlds the random split is ahead by 0.005 in AUC (-0.001 to 0.010), too little to tell: the mood of "
          "a day is a small part of a past that spans the week."),
    Check("G15F", "Without drift both splits say the same, to two hundredths of AUC.", "FLIP",
          splits_agree_without_drift),
    *checks_serving.CHECKS,
)  # fmt: skip
