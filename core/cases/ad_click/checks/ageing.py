"""What history says and context does not, and how models of either age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click.checks.common import DEFAULT, MOVING, worlds
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.metrics import log_loss
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, FLIP, Verdict
from core.metrics import PairedDifference

FEW_CAMPAIGNS = "An older model learns from one large campaign instead of two, and campaigns differ more than months."
AGEING = replace(MOVING, drift=1.0, interactions=1.0, model="crosses")  # tastes drift, which no counter tells the model
NEW_DAYS = 3
check = Checks(AdClick, run, stages)


@check("A6", DIR, "Historical features carry much more signal than contextual ones.")
def history_wins(lab: Lab) -> Verdict:
    over = lab.compare("ne", replace(DEFAULT, features="context"), replace(DEFAULT, features="history"))
    return Verdict(over.high < 0, f"normalised entropy {difference_text(over, 4)} from context to history")


@check("A6b", DIR, "For new ads, historical features carry less.")
def history_helps_less_when_new(lab: Lab) -> Verdict:
    new, old = np.mean([history_gain(world) for world in worlds(lab)], axis=0)
    text = f"history takes {new:.1%} off the entropy of ads at most {NEW_DAYS} days old, {old:.1%} off the others"
    return Verdict(bool(new < old), text)


def history_gain(lab: Lab) -> tuple[float, float]:
    """What history takes off the entropy of exposures of new ads, and of the others."""
    design = replace(MOVING, model="lr", features="history")
    log, rows, chance = (lab.stage(name, design) for name in ("world", "rows", "served"))
    new = ((log.day - log.born)[rows.test] <= NEW_DAYS) & (log.born[rows.test] > 0)
    mine = log_loss(chance, rows.test_y)
    plain = log_loss(np.full(len(new), rows.background), rows.test_y)
    return tuple(1 - float(mine[among].mean() / plain[among].mean()) for among in (new, ~new))


@check("A6c", DIR, "On generated ads a contextual-only model ages faster than a historical-only one.")
def context_ages_more(lab: Lab) -> Verdict:
    return ages_more(lab, replace(MOVING, interactions=1.0, model="crosses"))


@check("A6d", DIR, "On the coupons too, the contextual-only model ages faster.", FEW_CAMPAIGNS)
def coupons_context_ages_more(lab: Lab) -> Verdict:
    return ages_more(lab, replace(DEFAULT, model="lr"))


def ages_more(lab: Lab, design: AdClick) -> Verdict:
    """Whether context loses more than history when the model is 56 days old instead of half a day."""
    lost = {}
    for features in ("history", "context"):
        young = replace(design, features=features, retrain_days=1)
        lost[features] = lab.compare("ne", young, replace(young, retrain_days=112))
    text = ", ".join(f"{features} {difference_text(gap, 4)}" for features, gap in lost.items())
    held = lost["context"].mean > lost["history"].mean
    return Verdict(held, f"normalised entropy, 56 days old less half a day: {text}")


@check("A7", DIR, "With drift, an older model predicts worse.")
def models_age(lab: Lab) -> Verdict:
    lost = aged(lab, AGEING)
    text = difference_text(lost, 4)
    return Verdict(lost.low > 0, f"normalised entropy {text} from retraining daily to every 16 weeks")


@check("A7-flip", FLIP, "Without drift, a model does not age.")
def still_models_do_not_age(lab: Lab) -> Verdict:
    lost = aged(lab, replace(AGEING, drift=0.0))
    text = difference_text(lost, 4)
    return Verdict(abs(lost.mean) < 0.01, f"normalised entropy {text} from retraining daily to every 16 weeks")


def aged(lab: Lab, design: AdClick) -> PairedDifference:
    """What entropy gains by age, over three worlds."""
    return lab.compare_pooled("ne", replace(design, retrain_days=1), replace(design, retrain_days=112))
