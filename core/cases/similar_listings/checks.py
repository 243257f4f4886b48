"""What similar listings teaches, each sentence with the runs that say whether it holds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.similar_listings import checks_common, checks_lookup, checks_serving
from core.cases.similar_listings.checking import (
    TRAINING,
    WORLDS,
    about_equal,
    berlin,
    booked_ranks,
    gain_of,
    interval_of,
    measured,
    trained_on,
)
from core.cases.similar_listings.data.log import Log, read_log
from core.cases.similar_listings.data.world import World
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.model.similarity import Similarity, learn_skipgram
from core.contract.check import Check, Verdict
from core.metrics import PairedDifference, paired_difference

COLD_SHARE = 0.25  # of the homes, made cold for check L4


# The models.


def saved_by_skipgram(seed: int, **dials: object) -> PairedDifference:
    """Regret that skip-gram saves over attributes, on the same guests."""
    attributes, skipgram = (
        measured(seed, model=model, **dials).quality["regret"] for model in ("attributes", "skipgram")
    )
    return paired_difference(attributes.per_query, skipgram.per_query, seed)


def skipgram_beats_attributes(seed: int) -> Verdict:
    """Half of the taste is style."""
    saved = saved_by_skipgram(seed)
    return Verdict(saved.low > 0, f"regret saved by skip-gram {interval_of(saved)} with half of the taste in style")


def attributes_win_when_they_tell_all(seed: int) -> Verdict:
    """None of the taste is style."""
    saved = saved_by_skipgram(seed, hidden=0.0)
    return Verdict(
        saved.high < 0, f"regret saved by skip-gram {interval_of(saved)} when attributes tell all of the taste"
    )


def attributes_win_where_clicks_are_few(seed: int) -> Verdict:
    """King County has three clicks a home."""
    saved = saved_by_skipgram(seed, city="king")
    return Verdict(saved.high < 0, f"regret saved by skip-gram {interval_of(saved)} with three clicks a home")


def geography_is_the_shortcut(seed: int) -> Verdict:
    """Nearest homes over the whole city without same-market negatives, and the ranking inside the market with them."""
    world = berlin(seed)
    log = read_log(world, 0.5)
    share, still = (
        _same_market(learn_skipgram(world, log, **{**TRAINING, "market_negatives": n}, seed=seed), world)
        for n in (0, 3)
    )
    chance = float(((np.bincount(world.homes.market) / len(log.counts)) ** 2).sum())
    with_them, without = (measured(seed, market_negatives=n) for n in (3, 0))
    gain = paired_difference(without.quality["rank"].per_query, with_them.quality["rank"].per_query, seed)
    told = f"{share:.1%} of the twelve nearest in the same market without, {still:.1%} with ({chance:.0%} by chance)"
    return Verdict(share > 0.8 and gain.low > 0, f"{told}; rank in the market better by {interval_of(gain)}")


def _same_market(model: Similarity, world: World) -> float:
    """Share of each home's twelve nearest in the whole city that are in its market."""
    scores = model.vectors @ model.vectors.T
    np.fill_diagonal(scores, -2)
    nearest = np.argpartition(-scores, 12, axis=1)[:, :12]
    return float((world.homes.market[nearest] == world.homes.market[:, None]).mean())


def booked_context_gain(seed: int, booking: float) -> PairedDifference:
    """How much nearer to the top the booked home stands with the booked context, windows of one click."""
    ranks: dict[str, list[np.ndarray]] = {"yes": [], "no": []}
    for world_seed in range(seed, seed + WORLDS):
        world = berlin(world_seed, booking=booking)
        log = read_log(world, 0.5)
        for each, found in ranks.items():
            choices = {**TRAINING, "window": 1, "booked_context": each}
            found.append(booked_ranks(trained_on(world, log, world_seed, **choices), world))
    return paired_difference(np.concatenate(ranks["no"]), np.concatenate(ranks["yes"]), seed)


def booked_context_helps(seed: int) -> Verdict:
    """Half of the sessions book."""
    gain = booked_context_gain(seed, booking=0.5)
    return Verdict(gain.low > 0, f"rank of the booked home better by {interval_of(gain)} with windows of one click")


def booked_context_needs_bookings(seed: int) -> Verdict:
    """One session in twenty books, against half of them."""
    many, few = (booked_context_gain(seed, booking=share) for share in (0.5, 0.05))
    told = f"rank of the booked home better by {interval_of(few)} with 5 % booked, {interval_of(many)} with 50 %"
    return Verdict(about_equal(few, 0.01) and few.mean < many.mean / 2, told)


def dimensions_level_off(seed: int) -> Verdict:
    """4, 32 and 128 numbers a home."""
    small, middle, large = (measured(seed, dim=dim) for dim in (4, 32, 128))
    first, second = gain_of("recall@12", middle, small, seed), gain_of("recall@12", large, middle, seed)
    told = f"recall@12 from 4 to 32 numbers {interval_of(first)}, from 32 to 128 {interval_of(second)}"
    return Verdict(first.low > 0 and about_equal(second, 0.02) and second.mean < first.mean / 2, told)


def more_sessions_find_more(seed: int) -> Verdict:
    """A tenth, a quarter, half and all of the sessions; from a tenth to a quarter the gain is taken a doubling."""
    runs = [measured(seed, learnt_from=share) for share in (0.1, 0.25, 0.5, 1.0)]
    gains = [gain_of("recall@12", more, fewer, seed) for fewer, more in pairwise(runs)]
    steps = ("to 25 %", "to 50 %", "to all")
    told = ", ".join(f"{interval_of(gain)} {to}" for gain, to in zip(gains, steps, strict=True))
    holds = min(gain.low for gain in gains) > 0 and gains[2].high < gains[0].low / np.log2(2.5)
    return Verdict(bool(holds), f"recall@12 from 10 % {told}")


def attributes_win_where_sessions_are_few(seed: int) -> Verdict:
    """A tenth of the sessions: in Berlin about two and a half clicks a home."""
    # three passes over them, as over all; with ten they lose 0.14 instead of 0.23
    saved = saved_by_skipgram(seed, learnt_from=0.1)
    return Verdict(saved.high < 0, f"regret saved by skip-gram {interval_of(saved)} with a tenth of the sessions")


# Cold start.


def cold_ranks(seed: int, **dials: float) -> dict[str, np.ndarray]:
    """Rank of the booked home, 0 to 1, for guests on a home made cold, by what stands in for it; worlds pooled."""
    pooled: dict[str, list[np.ndarray]] = {"trained": [], "near": [], "random": []}
    for world_seed in range(seed, seed + WORLDS):
        world = berlin(world_seed, **{**dials, "turnover": 0.0})
        log = read_log(world, 0.5)
        cold = np.random.default_rng(world_seed).random(len(log.counts)) < COLD_SHARE
        asked = np.flatnonzero(cold[world.now.seen[:, 0]] & (log.counts[world.now.seen[:, 0]] >= 3))
        for rule, ranks in pooled.items():
            known = log if rule == "trained" else _without(log, cold)
            learnt = learn_skipgram(world, known, **TRAINING, seed=world_seed)
            rule = "near" if rule == "trained" else rule
            model = add_new_homes(learnt, world, known, "skipgram", rule, age_days=0.0, seed=world_seed)
            ranks.append(booked_ranks(model, world, asked))
    return {rule: np.concatenate(ranks) for rule, ranks in pooled.items()}


def _without(log: Log, cold: np.ndarray) -> Log:
    """The log as if nobody had ever clicked the cold homes."""
    kept = ~cold[log.clicks]
    starts = np.concatenate([[0], np.cumsum(kept)])[log.starts]
    booked = np.where((log.booked >= 0) & ~cold[log.booked], log.booked, -1)
    return Log(log.clicks[kept], starts, booked, np.where(cold, 0, log.counts))


def cold_start_is_between(seed: int) -> Verdict:
    """Trained vectors, the mean of three alike nearby, and the mean of three at random."""
    ranks = cold_ranks(seed)
    over_random = paired_difference(ranks["random"], ranks["near"], seed)
    under_trained = paired_difference(ranks["near"], ranks["trained"], seed)
    told = ", ".join(f"{rule} {each.mean():.3f}" for rule, each in ranks.items())
    return Verdict(over_random.low > 0 and under_trained.low > 0, f"rank of the booked home: {told}")


def cold_start_needs_geography(seed: int) -> Verdict:
    """Style neither follows the map nor the attributes, and guests do not mind the place."""
    ranks = cold_ranks(seed, geography=0.0, hidden=1.0)
    gain = paired_difference(ranks["random"], ranks["near"], seed)
    told = ", ".join(f"{rule} {each.mean():.3f}" for rule, each in ranks.items())
    # requests share models and stand-ins, so the interval is too narrow; with geography the gain is about 0.22
    return Verdict(about_equal(gain, 0.05), f"rank of the booked home: {told}; near better by {interval_of(gain)}")


CHECKS = (
    Check("L10", "Sessions beat attributes where half of a guest's taste is what photos show.", "DIR",
          skipgram_beats_attributes),
    Check("L10F", "Attributes win where they tell all of a guest's taste.", "FLIP", attributes_win_when_they_tell_all),
    Check("L10K", "Attributes win where a home has three clicks.", "FLIP", attributes_win_where_clicks_are_few),
    Check("L1", "Without same-market negatives vectors mostly learn the market; with them homes of one market are told "
          "apart better.", "DIR", geography_is_the_shortcut),
    Check("L2", "The booked home in every window lifts the booked home in the ranking when windows are narrow.", "DIR",
          booked_context_helps),
    Check("L2F", "With one booking in twenty sessions the booked context has nothing to say.", "FLIP",
          booked_context_needs_bookings),
    Check("L3", "Thirty-two numbers a home do as well as 128; four do not.", "DIR", dimensions_level_off),
    Check("L4", "Three alike homes nearby stand in for a new one: better than three at random, worse than its clicks.",
          "DIR", cold_start_is_between),
    Check("L4F", "Without geography the homes nearby are no better than three at random.", "FLIP",
          cold_start_needs_geography),
    Check("L12", "More sessions to learn from find more of what is booked; the last doubling still pays, but less than "
          "the first.", "DIR", more_sessions_find_more),
    Check("L12F", "With a tenth of the sessions attributes win, which need none.", "FLIP",
          attributes_win_where_sessions_are_few),
    *checks_serving.CHECKS,
    *checks_lookup.CHECKS,
    *checks_common.CHECKS,
)  # fmt: skip
