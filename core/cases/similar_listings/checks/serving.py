"""Checks of serving: sessions, ageing, and stores that run dry."""

from __future__ import annotations

import numpy as np

from core.cases.similar_listings.checks.ranks import booked_ranks, rerun, worlds
from core.cases.similar_listings.design import SimilarListings as Design
from core.cases.similar_listings.pipeline import run, stages
from core.checks.common import MOST_SPREAD, SAME_KIND, scatter_of
from core.checks.toolkit import SEEDS, Checks, Lab, about_equal, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(Design, run, stages)

RENOVATED_A_DAY = 0.003  # for check L8: few enough that most homes stay as they were
MANY_REQUESTS = 6_000
THREE = Design(context=3)


@check("G16", DIR, "With three clicks of context, five worlds differ by more than the interval over one world says.")
def worlds_differ(lab: Lab) -> Verdict:
    """Recall scatters more than the guests of one world say; with all clicks five worlds are too few to show it."""
    spread, numbers = scatter_of([lab.at(seed).estimate("recall@12", THREE) for seed in SEEDS], "recall@12")
    return Verdict(MOST_SPREAD < spread < SAME_KIND, numbers)


@check("L5", DIR, "Three clicks of context beat one, and precomputed neighbours know only one.")
def session_context_helps(lab: Lab) -> Verdict:
    """The last three clicks against the last one, and against the nightly store."""
    over_one, over_store = (
        lab.compare("recall@12", other, THREE) for other in (Design(context=1), Design(serving="batch"))
    )
    said = (
        f"{difference_text(over_one, 4)} over the last click alone, {difference_text(over_store, 4)} over the nightly"
    )
    return Verdict(over_one.low > 0 and over_store.low > 0, f"recall@12 {said} store")


@check("L8", DIR, "Rare retraining hurts renovated listings first; new ones have their cold-start embedding.")
def renovated_homes_suffer_first(lab: Lab) -> Verdict:
    """What training every four weeks instead of daily does to the rank of the booked home; several worlds pooled."""
    lost, touched = (np.concatenate(parts) for parts in zip(*map(_monthly_loss, worlds(lab)), strict=True))
    rng = np.random.default_rng(lab.seed)
    groups = {name: lost[touched == name] for name in ("renovated", "new", "neither")}
    gaps = [
        rng.choice(groups["renovated"], len(groups["renovated"])).mean()
        - rng.choice(groups["neither"], len(groups["neither"])).mean()
        for _ in range(1_000)
    ]
    low, high = np.quantile(gaps, [0.025, 0.975])
    said = ", ".join(f"{losses.mean():.3f} where a home is {name}" for name, losses in groups.items())
    return Verdict(bool(low > 0), f"rank lost: {said}; renovated lose {low:.3f} to {high:.3f} more")


def _monthly_loss(lab: Lab) -> tuple[np.ndarray, np.ndarray]:
    """Rank lost a request (q,) with a model 14 days old, and what happened in those days to a home it touches (q,)."""
    daily, monthly = (lab.stages(Design(retrain_days=days)) for days in (1, 28))
    world = rerun(daily["world"], daily["listings"].value, turnover=RENOVATED_A_DAY, n_requests=MANY_REQUESTS)

    def ranks(s: dict) -> np.ndarray:
        log = rerun(s["log"], world)
        return booked_ranks(rerun(s["model"], rerun(s["learnt"], world, log), world, log), world)

    pair = np.column_stack([world.now.seen[:, 0], world.now.booked])
    new, renovated = ((days[pair] < 14).any(axis=1) for days in (world.homes.born_days, world.homes.changed_days))
    return ranks(monthly) - ranks(daily), np.where(new, "new", np.where(renovated, "renovated", "neither"))


@check("L8N", DEF, "Precomputed neighbours never include a listing added after the refresh.")
def store_misses_what_is_new(lab: Lab) -> Verdict:
    """Guests who book a home listed after the store was written four weeks ago, served from the store and by search."""
    world = lab.stage("world", Design(turnover=0.02))
    late = world.homes.born_days[world.now.booked] < 14
    stored, searched = (
        lab.per_query("recall@12", Design(turnover=0.02, retrain_days=28, serving=serving))[late]
        for serving in ("batch", "online")
    )
    said = f"recall@12 {stored.mean():.3f} from the store, {searched.mean():.3f} by search, {late.sum()} guests"
    return Verdict(bool(stored.max() == 0 < searched.mean()), said)


@check("G12", DIR, "With turnover, an old model has lower recall.")
def staleness_hurts(lab: Lab) -> Verdict:
    """Daily against four-weekly training while two homes in a hundred change every day."""
    daily, monthly = (Design(turnover=0.02, retrain_days=days) for days in (1, 28))
    gain = lab.compare("recall@12", monthly, daily)
    return Verdict(gain.low > 0, f"recall@12 {difference_text(gain, 4)} for daily training at 2 % a day")


@check("G12F", DEF, "Without turnover, an old model is as good as a new one.")
def staleness_is_harmless_without_change(lab: Lab) -> Verdict:
    """The same in a city where nothing changes."""
    daily, monthly = (Design(turnover=0.0, retrain_days=days) for days in (1, 28))
    gain = lab.compare("recall@12", monthly, daily)
    return Verdict(about_equal(gain, 0.01), f"recall@12 {difference_text(gain, 4)} for daily training, nothing new")


@check("L11", DIR, "A list of 48 precomputed neighbours leaves slots empty when few listings are available.")
def short_lists_run_dry(lab: Lab) -> Verdict:
    """The store's 48 neighbours when one home in ten is free."""
    few, many = (lab.estimate("filled", Design(serving=serving, free=0.1)) for serving in ("batch", "online"))
    said = f"{few.value:.0%} of the places filled from the store, {many.value:.0%} by search"
    return Verdict(few.high < many.low, said)


@check("L11F", FLIP, "When every listing is available, precomputed neighbours fill every slot.")
def nothing_runs_dry_when_all_are_free(lab: Lab) -> Verdict:
    """The same when every home is free."""
    filled = lab.value("filled", Design(serving="batch", free=1.0, turnover=0.0))
    return Verdict(filled == 1.0, f"{filled:.0%} of the places filled from the store when all homes are free")
