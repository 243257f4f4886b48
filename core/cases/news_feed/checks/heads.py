"""What heads share and what each is worth: experts, values, dwell, and the place a post stood at."""

from __future__ import annotations

from dataclasses import replace

from core.cases.news_feed.checks.common import distances
from core.cases.news_feed.data.world import HEADS
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, about_equal, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict
from core.metrics import PairedDifference, paired_difference

ONE_BOTTOM = NewsFeed(model="shared", width=64)
EIGHT_EXPERTS = NewsFeed(model="mmoe", experts=8, width=8)
check = Checks(NewsFeed, run, stages)


@check("F1", DEF, "Seven single-task networks multiply seven times as much in their bottoms as one shared bottom.")
def sharing_is_cheap(lab: Lab) -> Verdict:
    """Multiplications of the bottoms and of all, units a bottom alike."""
    shared, separate = (lab.stage("scorer", NewsFeed(model=model, width=32)).model for model in ("shared", "separate"))
    bottoms = [net.n_experts * net.units * net.weights["wide"].shape[1] for net in (shared, separate)]
    ratio = separate.flops / shared.flops
    text = f"bottoms {bottoms[0]:,} against {bottoms[1]:,} multiplications a post; with towers 1 to {ratio:.1f}"
    return Verdict(len(HEADS) * bottoms[0] == bottoms[1] and 1 < ratio <= len(HEADS), text)


def saved_by_experts(lab: Lab, agreement: float) -> PairedDifference:
    """How much nearer to the true chances eight experts of eight units are than one bottom of 64."""
    shared, experts = (distances(lab, replace(d, agreement=agreement)) for d in (ONE_BOTTOM, EIGHT_EXPERTS))
    return paired_difference(shared, experts, lab.seed)


@check("F2", DIR, "When tasks disagree, MMoE comes nearer to the truth than a shared bottom of as many units.")
def experts_help_when_tasks_disagree(lab: Lab) -> Verdict:
    """Tasks at right angles."""
    saved = saved_by_experts(lab, 0.0)
    return Verdict(saved.low > 0, f"distance from the true chances saved by experts {difference_text(saved, 4)}")


@check("F2F", FLIP, "When tasks agree, MMoE is no better than a shared bottom.")
def experts_are_idle_when_tasks_agree(lab: Lab) -> Verdict:
    """The same where all tasks want the same; experts must save less there than between tasks at right angles."""
    saved, apart = (saved_by_experts(lab, agreement) for agreement in (1.0, 0.0))
    held = saved.low <= 0 and saved.mean < apart.mean
    return Verdict(held, f"distance from the true chances saved by experts {difference_text(saved, 4)}")


def share_weight(lab: Lab, agreement: float) -> tuple[PairedDifference, PairedDifference]:
    """What a share worth 128 clicks instead of none does to shares and clicks."""
    nothing, much = (NewsFeed(model="shared", agreement=agreement, share=worth) for worth in (0, 128))
    return tuple(lab.compare_pooled(key, nothing, much) for key in ("shares", "clicks"))


@check("F3", DIR, "A higher value weight of shares brings more shares and fewer clicks.")
def no_free_shares(lab: Lab) -> Verdict:
    """Tasks at right angles."""
    shares, clicks = share_weight(lab, 0.0)
    text = f"of ten posts, shares {difference_text(shares, 4)}, clicks {difference_text(clicks, 4)}"
    return Verdict(shares.low > 0 and clicks.high < 0, text)


@check("F3F", FLIP, "On a shared bottom, when tasks agree, more shares cost less than half as many clicks.")
def shares_cost_less_when_tasks_agree(lab: Lab) -> Verdict:
    """The fall of clicks as a share of that between tasks at right angles."""
    apart, together = (share_weight(lab, agreement)[1] for agreement in (0.0, 1.0))
    text = f"{difference_text(together, 4)} where tasks agree, {difference_text(apart, 4)} where they do not"
    return Verdict(together.mean > apart.mean / 2, f"clicks {text}")


@check("F5", DIR, "Dwell and skip help passive readers, and more than they help active ones.")
def passive_readers_speak_by_staying(lab: Lab) -> Verdict:
    """Tasks at right angles, so that what passive readers stay for is not what others click on."""
    explicit, everything = (NewsFeed(agreement=0.0, heads=heads) for heads in ("explicit", "all"))
    passive, active = (lab.compare_pooled(f"value {who}", explicit, everything) for who in ("passive", "active"))
    text = f"{difference_text(passive, 4)} for passive readers, {difference_text(active, 4)} for active ones"
    return Verdict(passive.low > 0 and passive.mean > active.mean, f"value of feeds {text}")


def position_pair(lab: Lab, bias: float) -> tuple[PairedDifference, float, float, str]:
    """Gain in value by the tower, AUC of clicks on the biased log without and with it, and these in words."""
    ignored, tower = (NewsFeed(position_bias=bias, position=how) for how in ("ignored", "tower"))
    gain, aucs = lab.compare("value", ignored, tower), [lab.value("auc click", d) for d in (ignored, tower)]
    text = f"AUC of clicks on the log {aucs[0]:.3f} without and {aucs[1]:.3f} with the tower"
    return gain, *aucs, f"{text}, value {difference_text(gain, 4)}"


@check("F6", DIR, "A position tower looks worse on the biased log and makes better feeds.")
def the_tower_looks_worse_and_is_better(lab: Lab) -> Verdict:
    """Strong position bias."""
    gain, ignored, tower, text = position_pair(lab, 1.0)
    return Verdict(tower < ignored and gain.low > 0, text)


@check("F6F", FLIP, "Without position bias the tower changes nothing.")
def the_tower_is_idle_without_bias(lab: Lab) -> Verdict:
    """Every place is looked at."""
    gain, ignored, tower, text = position_pair(lab, 0.0)
    return Verdict(about_equal(gain, 0.01) and abs(tower - ignored) < 0.01, text)
