"""What a thousand posts bring: removals, reviews, and harm that is still seen."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.serve.policy import Outcome, Verdicts


@dataclass(frozen=True)
class Rates:
    """What a thousand posts bring."""

    harmful: float
    harmful_views: float  # of 10,000 views of anything
    harm: float  # severity × views that still happen, in views of one average post
    wrongly_removed: float
    removed: float
    reviewed: float
    passed: float  # to the main model
    matched: float
    harm_posted: float = 0.0  # as `harm`, if nothing were stopped


def rates(outcome: Outcome, verdict: Verdicts, posts: Posts, crowd: Audience) -> Rates:
    """Sums over the judged posts, each for as many as it stands for."""
    harmful = posts.harmful[posts.test]
    of_1000 = 1_000 * crowd.weight / crowd.weight.sum()
    views = of_1000 * crowd.views
    seen = views * (1 - outcome.stopped)
    return Rates(
        harmful=float((of_1000 * harmful).sum()),
        harmful_views=float(10_000 * (seen * harmful).sum() / seen.sum()),
        harm=float((seen * outcome.severity).sum()),
        wrongly_removed=float((of_1000 * (outcome.removed & ~harmful)).sum()),
        removed=float((of_1000 * outcome.removed).sum()),
        reviewed=float((of_1000 * outcome.reviewed).sum()),
        passed=float((of_1000 * verdict.passed).sum()),
        matched=float((of_1000 * verdict.matched).sum()),
        harm_posted=float((views * outcome.severity).sum()),
    )
