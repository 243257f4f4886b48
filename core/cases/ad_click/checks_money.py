"""The checks of the auction: what wrong chances cost the house."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.ad_click.auction import hold
from core.cases.ad_click.comparing import STILL, staged, told, worlds
from core.cases.ad_click.grading import auc_values
from core.metrics import paired_difference
from core.truth import Verdict

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


def more_candidates_earn_more(seed: int) -> Verdict:
    """The best worth among the candidates, by the true chances and one set of bids."""
    found = [_best_worth(seed, k) for k in (5, 10, 20, 40)]
    held = all((b >= a - 1e-12).all() for a, b in pairwise(found))
    return Verdict(held, "mean worth of the best " + ", ".join(f"{v.mean():.3f}" for v in found))


def candidates_are_the_ceiling(seed: int) -> Verdict:
    """The worth of the best of twenty candidates against that of the best of all forty."""
    some, every = _best_worth(seed, 20), _best_worth(seed, 40)
    return Verdict(
        bool((some <= every + 1e-12).all()), f"best of twenty {some.mean():.3f}, of forty {every.mean():.3f}"
    )


def _best_worth(seed: int, candidates: int) -> np.ndarray:
    """Bid times true chance of the best candidate (n_auctions,), candidates by the cheap rule."""
    s = staged(MONEY, seed)
    log, rows = s["world"].value, s["rows"].value
    truth = log.chance[rows.test].reshape(-1, 40)
    cheap = log.cheap(log.counts[0][rows.test]).reshape(-1, 40)
    bids = np.random.default_rng(seed).lognormal(sigma=0.6, size=truth.shape)
    at = np.argsort(-bids * cheap, axis=1, kind="stable")[:, :candidates]
    return np.take_along_axis(bids * truth, at, axis=1).max(axis=1)
