"""What feeds made ahead lose, and what a seed decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.news_feed.checks.common import afresh, worlds
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, FLIP, INV, Verdict
from core.metrics import PairedDifference

STORED = NewsFeed(serving="batch")
AGEING = replace(STORED, half_life_h=6)
STILL = replace(STORED, half_life_h=0, drift=0.0)
DIFFERENT_WORLDS = 6
SAME_KIND = 10.0  # beyond so many times the readers' interval, worlds would have little in common but their dials
check = Checks(NewsFeed, run, stages)


def kept_by_hourly_feeds(lab: Lab, design: NewsFeed) -> PairedDifference:
    """What feeds made every hour have in value over feeds made every 24 hours, from the store both."""
    return lab.compare_pooled("value", replace(design, every_h=24), replace(design, every_h=1))


@check("G12", DIR, "Where posts age, daily batch feeds are worth less than hourly ones.")
def old_feeds_lose(lab: Lab) -> Verdict:
    """News that halves in six hours."""
    gain = kept_by_hourly_feeds(lab, AGEING)
    text = difference_text(gain, 4)
    return Verdict(gain.low > 0, f"value {text} with an hourly store where news ages in six hours")


@check("G12F", FLIP, "Without ageing and drift, the same delay costs less than half as much.")
def old_feeds_lose_less_of_old_news(lab: Lab) -> Verdict:
    """News that never ages, tastes that never turn."""
    still, ageing = (kept_by_hourly_feeds(lab, design) for design in (STILL, AGEING))
    text = f"{difference_text(still, 4)} where nothing ages, {difference_text(ageing, 4)} where news ages in six hours"
    return Verdict(still.mean < ageing.mean / 2, f"value {text}")


@check("G16", INV, "The same seed gives the same feeds when all is computed again, another seed gives others.")
def same_seed_same_feed(lab: Lab) -> Verdict:
    """The default computed a second time past all that is remembered, and with another seed."""
    served = lab.stages(NewsFeed())["served"]
    one, two, other = served.value, afresh(served), lab.at(lab.seed + 1).stage("served", NewsFeed())
    text = f"{(one == two).mean():.0%} of {one.size:,} places the same when made again, {(one == other).mean():.1%}"
    return Verdict(bool(np.array_equal(one, two) and (one == other).mean() < 0.5), f"{text} with another seed")


@check("G16W", DIR, "Simulated worlds differ by more than the interval over one world's readers says.")
def worlds_differ(lab: Lab) -> Verdict:
    """The value of the feeds in six worlds: how they scatter against what the readers of one world say."""
    values = [world.estimate("value", NewsFeed()) for world in worlds(lab, DIFFERENT_WORLDS)]
    scatter = float(np.std([value.value for value in values], ddof=1))
    own = float(np.mean([value.high - value.low for value in values])) / (2 * 1.96)
    text = ", ".join(f"{value.value:.3f}" for value in values)
    held = 1.5 * own < scatter < SAME_KIND * own
    return Verdict(held, f"value {text}: deviation {scatter:.3f}, {own:.3f} by the readers of one world")
