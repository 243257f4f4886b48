"""The truth checks of event recommendation about serving: late features, old lists, old models, small networks."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.checking import gain, interval_of, measured, of_stage, quality
from core.cases.event_recommendation.data.world import NOW
from core.cases.event_recommendation.evaluate.quality import TOP
from core.cases.event_recommendation.serve.lists import STORED
from core.contract.check import Check, Verdict
from core.metrics import PairedDifference


def late_counts_lose(seed: int) -> Verdict:
    lost = gain("map", measured(seed, lag_h=72), measured(seed), seed)
    return Verdict(lost.high < 0, f"mAP {interval_of(lost)} with counts three days late")


def near_events_lose_most(seed: int) -> Verdict:
    """The share of mAP lost to counts three days late, on events of the next two days and on all."""
    now, late = measured(seed), measured(seed, lag_h=72)
    share = {key: 1 - quality(late, key) / quality(now, key) for key in ("soon", "map")}
    soon = gain("soon", late, now, seed)
    said = f"events of the next two days lose {share['soon']:.1%}, all events {share['map']:.1%}"
    return Verdict(soon.high < 0 and share["soon"] > share["map"], said)


def late_counts_show_full_events(seed: int) -> Verdict:
    """The share of the first ten that are full, with streaming counts and with those of three days ago."""
    world = of_stage("world", seed)
    log, events = world.log, world.events
    guests = np.bincount(log.event[log.registered & (log.hour < NOW)], minlength=len(events.host))
    full = guests >= events.seats
    share = {}
    for lag_h in (0, 72):
        ids = of_stage("served", seed, lag_h=lag_h)[:, :TOP]
        share[lag_h] = float(full[ids[ids >= 0]].mean())
    said = f"{share[0]:.1%} of the first ten are full with streaming counts, {share[72]:.1%} with late ones"
    return Verdict(share[0] == 0 and share[72] > 0.03, said)


def no_friends_no_loss(seed: int) -> Verdict:
    """What the friends' features bring where friends pull, and where they do not."""
    brought = {
        s: gain("map", measured(seed, social=s), measured(seed, social=s, features="no friends"), seed)
        for s in (0.0, 2.0)
    }
    said = f"mAP {interval_of(brought[2.0])} with a strong pull, {interval_of(brought[0.0])} with none"
    return Verdict(brought[2.0].low > 0 and abs(brought[0.0].mean) < 0.01, said)


def old_lists_lose(seed: int) -> Verdict:
    fresh, day, old = (measured(seed, serving="batch", refresh_h=h) for h in (6, 24, 72))
    lost = gain("map", old, fresh, seed)
    said = f"mAP {quality(fresh):.3f}, {quality(day):.3f}, {quality(old):.3f} every 6 hours, day and 3 days"
    return Verdict(lost.high < 0, f"{said}; {interval_of(lost)}")


def hybrid_lies_between(seed: int) -> Verdict:
    batch, hybrid, online = (measured(seed, serving=s) for s in ("batch", "hybrid", "online"))
    held = gain("map", hybrid, batch, seed).low > 0 and gain("map", online, hybrid, seed).high >= 0
    return Verdict(held, f"mAP {quality(batch):.3f} batch, {quality(hybrid):.3f} hybrid, {quality(online):.3f} online")


def lost_to_age(drift: float, seed: int) -> PairedDifference:
    """What a ranker two weeks old has over one trained last night."""
    return gain("map", measured(seed, drift=drift, retrain_days=28), measured(seed, drift=drift), seed)


def old_models_lose(seed: int) -> Verdict:
    lost = lost_to_age(2.0, seed)
    return Verdict(lost.high < 0, f"mAP {interval_of(lost)} with a ranker two weeks old")


def old_models_keep(seed: int) -> Verdict:
    still, moving = lost_to_age(0.0, seed), lost_to_age(2.0, seed)
    said = f"mAP {interval_of(still)} without drift, {interval_of(moving)} with"
    return Verdict(still.low > moving.high and abs(still.mean) < 0.02, said)


def snapshots_hold_the_past(seed: int) -> Verdict:
    """No event in the store was announced after its snapshot."""
    world, older = of_stage("world", seed, serving="batch"), of_stage("older", seed, serving="batch")
    ids = of_stage("ahead", seed, serving="batch").ids
    newest = int(world.events.posted[ids[ids >= 0]].max())
    return Verdict(newest <= older.hour, f"newest event announced {older.hour - newest} hours before the snapshot")


def eight_bits_keep_it(seed: int) -> Verdict:
    whole, eight = (measured(seed, model="nn", compression=c) for c in ("fp32", "int8"))
    lost = gain("map", eight, whole, seed)
    size = [of_stage("ranker", seed, model="nn", compression=c).nbytes for c in ("fp32", "int8")]
    said = f"mAP {interval_of(lost)}, {size[0] / 1e3:.1f} kB → {size[1] / 1e3:.1f} kB"
    return Verdict(abs(lost.mean) < 0.005 and size[1] < 0.5 * size[0], said)


def smaller_networks_cost_quality(seed: int) -> Verdict:
    whole = measured(seed, model="nn")
    found, told = True, []
    for kind in ("pruned", "distilled"):
        small = measured(seed, model="nn", compression=kind)
        lost = gain("map", small, whole, seed)
        found = found and small.counts["parameters"] < 0.4 * whole.counts["parameters"] and lost.mean > -0.03
        told.append(f"{kind}: {small.counts['parameters']:.0f} parameters, mAP {interval_of(lost)}")
    return Verdict(found, f"whole: {whole.counts['parameters']:.0f} parameters; {'; '.join(told)}")


def stored_is_what_was_ranked(seed: int) -> Verdict:
    """What the store gives back for everybody against the lists that the job made."""
    store, ahead = of_stage("store", seed, serving="batch"), of_stage("ahead", seed, serving="batch")
    same = all(np.array_equal(store.get(i), ahead.ids[i]) for i in range(len(ahead.ids)))
    return Verdict(same, f"{len(ahead.ids):,} people, {STORED} events each")


SERVING_CHECKS = (
    Check("E5", "Counts that come late lower mAP.", "DIR", late_counts_lose),
    Check(
        "E5b",
        "Events that begin soon suffer most from late counts.",
        "DIR",
        near_events_lose_most,
        known_failure="In this simulator they were announced long ago, and a late count knows most of their guests.",
    ),
    Check(
        "E5c",
        "With streaming counts no full event is shown; with late ones some are.",
        "DIR",
        late_counts_show_full_events,
    ),
    Check("E5-flip", "What friends do is worth knowing only where friends pull.", "FLIP", no_friends_no_loss),
    Check("G12", "The older the stored lists, the worse they are.", "DIR", old_lists_lose),
    Check("G12b", "Where fashions drift, an old ranker ranks worse.", "DIR", old_models_lose),
    Check("G12-flip", "Where nothing drifts, the age of the ranker costs little.", "FLIP", old_models_keep),
    Check(
        "B1",
        "Putting stored events in order at the request wins back some or all of what batch loses.",
        "DIR",
        hybrid_lies_between,
    ),
    Check("B2", "The store holds nothing that was announced after its snapshot.", "INV", snapshots_hold_the_past),
    Check("B3", "What is read from the store is what the job ranked.", "INV", stored_is_what_was_ranked),
    Check("C1", "Eight bits halve the network and leave its order as it was.", "DIR", eight_bits_keep_it),
    Check(
        "C2",
        "A fifth of the weights, or a small network taught by the large one, ranks nearly as well.",
        "DIR",
        smaller_networks_cost_quality,
    ),
)
