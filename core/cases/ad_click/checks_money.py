"""The checks of the auction: what wrong chances cost the house."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.ad_click.comparing import STILL, staged, told, worlds
from core.cases.ad_click.evaluate.auction import ELIGIBLE, ROUNDS, Takings, bids_of, hold
from core.cases.ad_click.evaluate.metrics import auc_values
from core.contract.check import Verdict
from core.metrics import paired_difference

FACTOR = 4.0
MONEY = replace(STILL, outside=2.0)


def _takings(seed: int, factor: float, outside: float, candidates: int = 20) -> tuple[np.ndarray, float]:
    """Takings by auction, and AUC, of the true chances multiplied by a factor (capped below 1)."""
    s = staged(MONEY, seed)
    log, rows = s["world"].value, s["rows"].value
    truth = log.chance[rows.test]
    said = truth * factor
    earned = hold(said, np.ones(len(said)), truth, candidates, outside, seed).earned
    return earned, float(auc_values(said, rows.test_y).mean())


def _against_truth(seed: int, factor: float) -> tuple[str, bool]:
    found = [(_takings(s, factor, 2.0), _takings(s, 1.0, 2.0)) for s in worlds(seed)]
    wrong, right = (np.concatenate([pair[i][0] for pair in found]) for i in (0, 1))
    auc, auc_right = (float(np.mean([pair[i][1] for pair in found])) for i in (0, 1))
    lost = paired_difference(wrong, right, seed)
    return (
        f"× {factor:g}: takings {told(lost)} of {right.mean():.2f}, AUC {auc:.4f}",
        lost.high < 0 and auc == auc_right,
    )


def auction_pays(seed: int) -> Verdict:
    """The true chances four times too high."""
    said, held = _against_truth(seed, FACTOR)
    return Verdict(held, said)


def wrong_way_both(seed: int) -> Verdict:
    """Four times too low, and four times too high."""
    (low, first), (high, second) = (_against_truth(seed, f) for f in (1 / FACTOR, FACTOR))
    return Verdict(first and second, f"{low}; {high}")


def factor_cancels(seed: int) -> Verdict:
    """The same factors without an outside offer."""
    right = _takings(seed, 1.0, 0.0)[0]
    off = max(float(np.abs(_takings(seed, f, 0.0)[0] - right).max()) for f in (1 / FACTOR, FACTOR))
    return Verdict(off < 1e-9 * right.max(), f"largest difference of an auction {off:.1e} of {right.mean():.2f}")


def more_candidates_win_more(seed: int) -> Verdict:
    """The true worth of what wins among ever more candidates, by the true chances and one set of bids."""
    truth, cheap, _ = _test_of(seed)
    found = [_won(hold(truth, cheap, truth, k, 0.0, seed), truth, seed) for k in (5, 10, 20, 40)]
    held = all((b >= a - 1e-12).all() for a, b in pairwise(found))
    return Verdict(held, "mean worth of the winner " + ", ".join(f"{v.mean() / truth.mean():.3f}" for v in found))


def the_best_ad_is_the_ceiling(seed: int) -> Verdict:
    """What each auction takes by the model's chances, and by four times them, against the best true worth of forty."""
    truth, cheap, said = _test_of(seed)
    worth = bids_of(len(truth) // ELIGIBLE, seed) * truth.reshape(-1, ELIGIBLE)
    best = np.maximum(worth.max(axis=2), MONEY.outside * truth.mean()).mean(axis=0) / truth.mean()
    taken = [hold(np.minimum(said * f, 1.0), cheap, truth, 20, MONEY.outside, seed).earned for f in (1.0, FACTOR)]
    held = all((each <= best + 1e-9).all() for each in taken)
    return Verdict(held, f"takings {taken[0].mean():.3f}, and {taken[1].mean():.3f} by chances four times too high, "
                   f"of at most {best.mean():.3f}")  # fmt: skip


def _test_of(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the exposures judged (n,): true chances, what the cheap rule says, and what the model serves."""
    s = staged(MONEY, seed)
    log, rows = s["world"].value, s["rows"].value
    return log.chance[rows.test], log.cheap(log.counts[0][rows.test]), s["served"].value


def _won(taken: Takings, truth: np.ndarray, seed: int) -> np.ndarray:
    """Bid times true chance of the winners (rounds, n_auctions)."""
    return (
        bids_of(len(truth) // ELIGIBLE, seed).reshape(ROUNDS, -1)[np.arange(ROUNDS)[:, None], taken.winners]
        * (truth[taken.winners])
    )
