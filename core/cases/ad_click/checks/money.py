"""The checks of the auction: what wrong chances cost the house."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.ad_click.checks.common import STILL, worlds
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.auction import ELIGIBLE, ROUNDS, Takings, bids_of, hold
from core.cases.ad_click.evaluate.metrics import auc_values
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, Verdict
from core.metrics import paired_difference

FACTOR = 4.0
MONEY = replace(STILL, outside=2.0)
check = Checks(AdClick, run, stages)


@check("A13", DIR, "Miscalibrated probabilities lose revenue at the same AUC.")
def wrong_chances_lose_money(lab: Lab) -> Verdict:
    held, text = against_truth(lab, FACTOR)
    return Verdict(held, text)


@check("A13b", DIR, "Underprediction loses revenue as overprediction does.")
def wrong_way_both(lab: Lab) -> Verdict:
    (first, low), (second, high) = (against_truth(lab, factor) for factor in (1 / FACTOR, FACTOR))
    return Verdict(first and second, f"{low}; {high}")


def against_truth(lab: Lab, factor: float) -> tuple[bool, str]:
    """Whether the true chances times a factor rank the same and earn less over three worlds, and that in words."""
    wrong, right = ([takings(world, by, MONEY.outside) for world in worlds(lab)] for by in (factor, 1.0))
    earned, due = (np.concatenate([money for money, _ in side]) for side in (wrong, right))
    auc, auc_right = (float(np.mean([area for _, area in side])) for side in (wrong, right))
    lost = paired_difference(earned, due, lab.seed)
    text = f"× {factor:g}: takings {difference_text(lost, 4)} of {due.mean():.2f}, AUC {auc:.4f}"
    return lost.high < 0 and auc == auc_right, text


def takings(lab: Lab, factor: float, outside: float, candidates: int = 20) -> tuple[np.ndarray, float]:
    """Takings by auction, and AUC, of the true chances multiplied by a factor."""
    log, rows = lab.stage("world", MONEY), lab.stage("rows", MONEY)
    truth = log.chance[rows.test]
    chance = truth * factor
    earned = hold(chance, np.ones(len(chance)), truth, candidates, outside, lab.seed).earned
    return earned, float(auc_values(chance, rows.test_y).mean())


@check("A13-flip", DEF, "Without competing bids a common factor cancels: revenue stays the same.")
def factor_cancels(lab: Lab) -> Verdict:
    right = takings(lab, 1.0, 0.0)[0]
    off = max(float(np.abs(takings(lab, factor, 0.0)[0] - right).max()) for factor in (1 / FACTOR, FACTOR))
    return Verdict(off < 1e-9 * right.max(), f"largest difference of an auction {off:.1e} of {right.mean():.2f}")


@check("A14", DEF, "With true probabilities, scoring more candidates never lowers the winner's value.")
def more_candidates_win_more(lab: Lab) -> Verdict:
    truth, cheap, _ = judged(lab)
    worth = [won(hold(truth, cheap, truth, k, 0.0, lab.seed), truth, lab.seed) for k in (5, 10, 20, 40)]
    held = all((more >= fewer - 1e-12).all() for fewer, more in pairwise(worth))
    text = ", ".join(f"{value.mean() / truth.mean():.3f}" for value in worth)
    return Verdict(held, f"mean worth of the winner {text}")


def won(taken: Takings, truth: np.ndarray, seed: int) -> np.ndarray:
    """Bid times true chance of the winners (rounds, n_auctions)."""
    bids = bids_of(len(truth) // ELIGIBLE, seed).reshape(ROUNDS, -1)
    return bids[np.arange(ROUNDS)[:, None], taken.winners] * truth[taken.winners]


@check("G4", DEF, "No auction earns more than the best of the forty ads is worth, however wrong the probabilities.")
def the_best_ad_is_the_ceiling(lab: Lab) -> Verdict:
    truth, cheap, chance = judged(lab)
    worth = bids_of(len(truth) // ELIGIBLE, lab.seed) * truth.reshape(-1, ELIGIBLE)
    best = np.maximum(worth.max(axis=2), MONEY.outside * truth.mean()).mean(axis=0) / truth.mean()
    right, wrong = (
        hold(np.minimum(chance * factor, 1.0), cheap, truth, 20, MONEY.outside, lab.seed).earned
        for factor in (1.0, FACTOR)
    )
    held = all((taken <= best + 1e-9).all() for taken in (right, wrong))
    text = f"takings {right.mean():.3f}, and {wrong.mean():.3f} by chances four times too high, of at most"
    return Verdict(held, f"{text} {best.mean():.3f}")


def judged(lab: Lab) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the exposures judged (n,): true chances, what the cheap rule says, and what the model serves."""
    log, rows = lab.stage("world", MONEY), lab.stage("rows", MONEY)
    return log.chance[rows.test], log.cheap(log.counts[0][rows.test]), lab.stage("served", MONEY)
