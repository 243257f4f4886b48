"""What is paid beside machines: people who read, removals that were wrong, harm that was seen. All prices are ours."""

from __future__ import annotations

from collections.abc import Mapping

from core.cases.harmful_content.evaluate.rates import Rates
from core.contract.case import Estimate
from core.contract.money import Charge

VIEWS_PER_POST = 100.0  # the mean over all posts
REVIEW_S = 30.0  # to read, decide and recover
REVIEWER_HOUR_USD = 25.0  # wage, training, care and room

CHARGES = (
    Charge(
        "review_usd", "reviewers", "A review", REVIEWER_HOUR_USD * REVIEW_S / 3600, "$ a review",
        f"illustrative: {REVIEW_S:g} s of a reviewer at ${REVIEWER_HOUR_USD:g} an hour", "2026-11",
    ),
    Charge(
        "wrong_usd", "wrong removals", "A wrong removal", 0.5, "$ a removal",
        "illustrative: an appeal, and an author who may leave", "2026-11", "harm",
    ),
    Charge(
        "harm_usd", "harm seen", "A thousand harmful views", 1.0, "$ per 1,000 views, times severity",
        f"illustrative: users who leave, advertisers, fines; a post has {VIEWS_PER_POST:g} views", "2026-11", "harm",
    ),
)  # fmt: skip


def charged(rates: Rates) -> dict[str, float]:
    """Units of each charge that one post brings: reviews, wrong removals, thousands of harmful views by severity."""
    return {
        "review_usd": rates.reviewed / 1_000,
        "wrong_usd": rates.wrongly_removed / 1_000,
        "harm_usd": rates.harm / 1_000 * VIEWS_PER_POST / 1_000,
    }


def charged_between(rates: Rates, quality: Mapping[str, Estimate], prevalence: float) -> dict[str, tuple[float, float]]:
    """The 95 % interval of those units that are an estimated share, by the intervals of `wronged` and `stopped`.

    None of n harmless posts removed is not none at all.
    """
    wronged, stopped = quality["wronged"], quality["stopped"]
    posted = rates.harm_posted / 1_000 * VIEWS_PER_POST / 1_000
    now = charged(rates)
    ends = {
        "wrong_usd": (wronged.low * (1 - prevalence), wronged.high * (1 - prevalence)),
        "harm_usd": (posted * max(0.0, 1 - stopped.high), posted * (1 - stopped.low)),
    }
    return {name: (min(low, now[name]), max(high, now[name])) for name, (low, high) in ends.items()}
