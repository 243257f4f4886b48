"""What similar listings teaches about serving: sessions, ageing and stores that run dry."""

from __future__ import annotations

import numpy as np

from core.cases.similar_listings.checking import (
    WORLDS,
    about_equal,
    berlin,
    booked_ranks,
    gain_of,
    interval_of,
    measured,
    trained_on,
)
from core.cases.similar_listings.data.log import read_log
from core.contract.check import Check, Verdict

RENOVATED_A_DAY = 0.003  # for check L8: few enough that most homes stay as they were
MANY_REQUESTS = 6_000


def session_context_helps(seed: int) -> Verdict:
    """The last three clicks against the last one, and against the nightly store."""
    three, one, store = measured(seed), measured(seed, context=1), measured(seed, serving="batch")
    gains = [gain_of("recall@12", three, other, seed) for other in (one, store)]
    told = (
        f"recall@12 {interval_of(gains[0])} over the last click alone, {interval_of(gains[1])} over the nightly store"
    )
    return Verdict(all(gain.low > 0 for gain in gains), told)


def renovated_homes_suffer_first(seed: int) -> Verdict:
    """What training every four weeks instead of daily does to the rank of the booked home; several worlds pooled."""
    lost, touched = (np.concatenate(each) for each in zip(*map(_monthly_loss, range(seed, seed + WORLDS)), strict=True))
    rng = np.random.default_rng(seed)
    groups = {name: lost[touched == name] for name in ("renovated", "new", "neither")}
    gaps = [
        rng.choice(groups["renovated"], len(groups["renovated"])).mean()
        - rng.choice(groups["neither"], len(groups["neither"])).mean()
        for _ in range(1_000)
    ]
    low, high = np.quantile(gaps, [0.025, 0.975])
    told = ", ".join(f"{each.mean():.3f} where a home is {name}" for name, each in groups.items())
    return Verdict(low > 0, f"rank lost: {told}; renovated lose {low:.3f} to {high:.3f} more")


def _monthly_loss(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rank lost a request (q,) with a model 14 days old, and what happened in those days to a home it touches (q,)."""
    world = berlin(seed, turnover=RENOVATED_A_DAY, n_requests=MANY_REQUESTS)
    daily, monthly = (booked_ranks(trained_on(world, read_log(world, age), seed), world) for age in (0.5, 14.0))
    pair = np.column_stack([world.now.seen[:, 0], world.now.booked])
    new, renovated = ((days[pair] < 14).any(axis=1) for days in (world.homes.born_days, world.homes.changed_days))
    return monthly - daily, np.where(new, "new", np.where(renovated, "renovated", "neither"))


def store_misses_what_is_new(seed: int) -> Verdict:
    """Guests who book a home listed after the store was written four weeks ago, served from the store and by search."""
    world = berlin(seed, turnover=0.02)
    late = world.homes.born_days[world.now.booked] < 14
    stored, searched = (
        measured(seed, turnover=0.02, retrain_days=28, serving=serving).quality["recall@12"].per_query[late]
        for serving in ("batch", "online")
    )
    told = f"recall@12 {stored.mean():.3f} from the store, {searched.mean():.3f} by search, {late.sum()} guests"
    return Verdict(stored.max() == 0 < searched.mean(), told)


def staleness_hurts(seed: int) -> Verdict:
    """Daily against four-weekly training while two homes in a hundred change every day."""
    daily, monthly = (measured(seed, turnover=0.02, retrain_days=days) for days in (1, 28))
    gain = gain_of("recall@12", daily, monthly, seed)
    return Verdict(gain.low > 0, f"recall@12 {interval_of(gain)} for daily training at 2 % a day")


def staleness_is_harmless_without_change(seed: int) -> Verdict:
    """The same in a city where nothing changes."""
    daily, monthly = (measured(seed, turnover=0.0, retrain_days=days) for days in (1, 28))
    gain = gain_of("recall@12", daily, monthly, seed)
    return Verdict(about_equal(gain, 0.01), f"recall@12 {interval_of(gain)} for daily training, nothing new")


def short_lists_run_dry(seed: int) -> Verdict:
    """The store's 48 neighbours when one home in ten is free."""
    stored, searched = measured(seed, serving="batch", free=0.1), measured(seed, free=0.1)
    few, many = (measured.quality["filled"] for measured in (stored, searched))
    return Verdict(
        few.high < many.low, f"{few.value:.0%} of the places filled from the store, {many.value:.0%} by search"
    )


def nothing_runs_dry_when_all_are_free(seed: int) -> Verdict:
    """The same when every home is free."""
    filled = measured(seed, serving="batch", free=1.0, turnover=0.0).quality["filled"]
    return Verdict(
        filled.value == 1.0, f"{filled.value:.0%} of the places filled from the store when all homes are free"
    )


CHECKS = (
    Check("L5", "The last three clicks say more than the last one, and the nightly store knows only one.", "DIR",
          session_context_helps),
    Check("L8", "Training rarely costs renovated homes first; new ones have their stand-ins.", "DIR",
          renovated_homes_suffer_first),
    Check("L8N", "A store never shows a home that was listed after it was written.", "INV", store_misses_what_is_new),
    Check("G12", "Where homes change, an old model finds less.", "DIR", staleness_hurts),
    Check("G12F", "Where nothing changes, an old model is as good as a new one.", "FLIP",
          staleness_is_harmless_without_change),
    Check("L11", "A store of 48 neighbours runs out of homes when few are free.", "DIR", short_lists_run_dry),
    Check("L11F", "When every home is free the store fills every place.", "FLIP", nothing_runs_dry_when_all_are_free),
)  # fmt: skip
