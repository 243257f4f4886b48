"""What people you may know teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.people_you_may_know import lessons
from core.cases.people_you_may_know import pipeline as p
from core.cases.people_you_may_know.compare import BATCH, DEFAULT, DRAWN, against, better, graded, told
from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.rank import SCORERS
from core.cases.people_you_may_know.run import Stages, stages
from core.contract.case import Estimate
from core.contract.check import Check, Verdict
from core.metrics import mrr_at_k, paired_difference, recall_at_k
from core.stages.index import search


def split_interval(design: PeopleYouMayKnow, seed: int) -> tuple[Estimate, Estimate]:
    """recall@10 with links held back by time and at random; other users, so intervals and no pairs."""
    by = (stages(replace(design, split=split, half_life=0), seed) for split in ("time", "random"))
    time, random = (s.quality.value["recall@10"] for s in by)
    return time, random


def random_split_flatters(seed: int) -> Verdict:
    """Links held back at random against those of the next year."""
    time, random = split_interval(DEFAULT, seed)
    numbers = f"recall@10 {random.value:.3f} ({random.low:.3f} to {random.high:.3f}) against {time.value:.3f}"
    return Verdict(random.low > time.high, f"{numbers} ({time.low:.3f} to {time.high:.3f})")


def split_without_drift(seed: int) -> Verdict:
    """The same on drawn people, whose links come in no order."""
    time, random = split_interval(replace(DRAWN, hub_cap=100), seed)
    overlap = random.low <= time.high and time.low <= random.high
    return Verdict(overlap, f"recall@10 {random.value:.3f} at random ({random.low:.3f} to {random.high:.3f}), "
                            f"{time.value:.3f} by time ({time.low:.3f} to {time.high:.3f})")  # fmt: skip


def active_only(seed: int) -> Verdict:
    """The work ahead for each share, and whose suggestions change when only the active are served ahead."""
    everybody = stages(BATCH, seed)
    known = int((everybody.then.graph.value.degree > 0).sum())
    shares, same = [], []
    for share in (0.1, 0.25, 0.5):
        s = stages(replace(DEFAULT, serving="active", active_share=share), seed)
        stored = s.chosen.value[s.world.value.users]
        shares.append(int(s.chosen.value.sum()) == int(np.ceil(share * known)))
        same.append(np.array_equal(s.served.value[stored], everybody.served.value[stored]))
    numbers = f"{known:,} people known; rows ahead follow the share {all(shares)}, the active get the same {all(same)}"
    return Verdict(all(shares) and all(same), numbers)


def lazy_saves(seed: int) -> Verdict:
    """People not in the store: their country's list, what batch for everybody gives, and lazy serving."""
    active, lazy = (stages(replace(DEFAULT, serving=serving), seed) for serving in ("active", "lazy"))
    waiting = ~active.chosen.value[active.world.value.users]
    lists, now = (s.quality.value["recall@10"].per_query[waiting] for s in (active, lazy))
    d = paired_difference(now, lists, seed)
    return Verdict(d.low > 0, f"{waiting.sum()} of 1,000 people: recall@10 {now.mean():.3f} at their first visit, "
                              f"{told(d)} against the list")  # fmt: skip


def age_costs(seed: int) -> Verdict:
    """Stores of ever greater age."""
    found = [graded(replace(BATCH, refresh_days=days), seed) for days in (7, 30, 180, 365, 730)]
    d = paired_difference(found[0], found[-1], seed)
    falls = all(paired_difference(later, sooner, seed).low <= 0 for sooner, later in pairwise(found))
    values = " → ".join(f"{each.mean():.3f}" for each in found)
    return Verdict(falls and d.low > 0, f"recall@10 {values} at a refresh every week to every two years")


def age_without_closure(seed: int) -> Verdict:
    """The same where all links were rewired."""
    young, old = (replace(BATCH, refresh_days=days, rewired=1.0) for days in (7, 730))
    d = against(young, old, seed)
    return Verdict(not d.distinguishable, f"every two years less every week: recall@10 {told(d)}")


def friends_beat_fame(seed: int) -> Verdict:
    """Shared friends against the best connected."""
    return better(fame(DEFAULT), replace(DEFAULT, scorer="common"), seed)


def fame(design: PeopleYouMayKnow) -> PeopleYouMayKnow:
    """The design that offers everybody the best connected."""
    return replace(design, scorer="popularity", candidates="popular")


def fame_beats_friends(seed: int) -> Verdict:
    """The same where all links were rewired: the best connected against shared friends."""
    rewired = replace(DEFAULT, rewired=1.0)
    return better(replace(rewired, scorer="common"), fame(rewired), seed)


def metrics_in_order(seed: int) -> Verdict:
    """Recall at 1, 3, 5 and 10; MRR against the share of people with a hit."""
    s = stages(DEFAULT, seed)
    relevant, ids = future_links(s), s.served.value
    recalls = np.array([recall_at_k(ids, relevant, k) for k in (1, 3, 5, 10)])
    mrr, hit = mrr_at_k(ids, relevant, 10), recalls[-1] > 0
    holds = (np.diff(recalls, axis=0) >= 0).all() and (mrr <= hit).all()
    return Verdict(bool(holds), "recall at 1, 3, 5, 10: " + ", ".join(f"{r:.3f}" for r in recalls.mean(axis=1)))


def future_links(s: Stages) -> list[np.ndarray]:
    """The people each user will be linked with."""
    world = s.world.value
    return np.split(world.future_ids, world.future_ptr[1:-1])


def no_better_than_candidates(seed: int) -> Verdict:
    """Every scorer's recall against the best order of the same candidates, user by user."""
    worst = []
    for name in SCORERS:
        s = stages(replace(DEFAULT, scorer=name), seed)
        n_future = np.diff(s.world.value.future_ptr)
        best = np.minimum(np.rint(s.now.suggested.value.reached * n_future), p.K) / n_future
        worst.append((best - s.quality.value["recall@10"].per_query).min())
    return Verdict(min(worst) >= -1e-12, f"seven scorers, 1,000 people: least room left {min(worst):.3f}")


def probing(seed: int) -> Verdict:
    """Neighbours by the flat index that are found with ever more lists probed, and with all of them."""
    s = stages(replace(DEFAULT, candidates="ann"), seed)
    vectors, built = s.now.vectors.value, s.now.index.value
    asked = vectors[s.world.value.users]
    flat = stages(replace(DEFAULT, candidates="ann", index="flat"), seed).now.index.value
    exact = search(flat, asked, k=p.NEAREST)
    found = [search(built, asked, k=p.NEAREST, effort=effort) for effort in (1, 8, 64, built.index.nlist)]
    shares = [np.mean([len(np.intersect1d(a, b)) for a, b in zip(each.ids, exact.ids, strict=True)]) for each in found]
    same = np.allclose(found[-1].scores, exact.scores, atol=1e-5)
    numbers = ", ".join(f"{share / p.NEAREST:.3f}" for share in shares)
    return Verdict(shares == sorted(shares) and same, f"share of the 200 nearest at 1, 8, 64 and all lists: {numbers}")


CHECKS = (
    Check(
        "P1", "A friend who knows everybody says little: weighing shared friends beats counting them.", "DIR",
        lessons.weighing_friends,
    ),
    Check(
        "P1 flip", "Where nobody is a hub, weighing and counting suggest equally well.", "FLIP",
        lessons.weighing_without_hubs,
    ),
    Check(
        "P2", "Random strangers flatter every scorer: against friends of friends its AUC falls by more than a tenth.",
        "DIR", lessons.strangers_flatter,
    ),
    Check(
        "P2 order", "Trees are well ahead of counting among friends of friends, and not at all among random strangers.",
        "DIR", lessons.order_changes,
    ),
    Check(
        "P2 training", "Trees taught on random strangers look better among random strangers and suggest no better.",
        "DIR", lessons.easy_lessons,
    ),
    Check(
        "P3", "Half the links need a quarter of the walking: the work grows with the square.", "DIR",
        lessons.paths_square,
    ),
    Check(
        "P3 cap", "Closing hubs saves more than half the walking and keeps most of what is found.", "DIR",
        lessons.hubs_cost,
    ),
    Check(
        "P5", "Counting shared friends beats a trained graph network on both real graphs.", "DIR",
        lessons.counting_rivals_network,
    ),
    Check(
        "P5 new", "For people with one or two links the profile finds more.", "DIR", lessons.profile_helps_new,
    ),
    Check(
        "P5 flip", "Where like does not know like, the profile helps nobody.", "FLIP", lessons.profile_says_nothing,
    ),
    Check("P6", "A second layer helps both networks.", "DIR", lessons.second_layer),
    Check(
        "P6 smooth", "Past four layers strangers look more alike and suggestions get no better.", "DIR",
        lessons.smoothing,
    ),
    Check(
        "P6 deep", "Past four layers suggestions get worse.", "DIR", lessons.deep_hurts,
        known_failure="the difference is under a point, less than 1,000 people can tell from chance",
    ),
    Check(
        "P7", "Links held back at random are far easier to foresee than those of the next year.", "DIR",
        random_split_flatters,
    ),
    Check(
        "P7 flip", "Where links come in no order, holding back at random or by time is the same.", "FLIP",
        split_without_drift,
    ),
    Check(
        "P8", "Serving only the active ahead costs by their share, and changes nothing for them.", "INV", active_only,
    ),
    Check(
        "P8 lazy", "At their first visit people not in the store are better served by computing than by a list.",
        "DIR", lazy_saves,
    ),
    Check("P9", "The older the store, the fewer of its suggestions become links.", "DIR", age_costs),
    Check(
        "P9 flip", "Where shared friends mean nothing, an old store is as good as a new one.", "FLIP",
        age_without_closure,
    ),
    Check("P10", "Friends of friends beat the best connected.", "DIR", friends_beat_fame),
    Check(
        "P10 flip", "With all links rewired, the best connected beat friends of friends.", "FLIP", fame_beats_friends,
    ),
    Check(
        "P11", "More pairs make the trees suggest better, and the last doubling brings less than what came before.",
        "DIR", lessons.more_pairs,
    ),
    Check(
        "P11 network",
        "Ranking friends of friends, the trained network gains less than a point of recall from ten times the links.",
        "DIR", lessons.more_links_for_network,
    ),
    Check(
        "G1", "A longer list never finds less, and nobody has a rank without a hit.", "INV", metrics_in_order,
    ),
    Check(
        "G3", "More lists probed find no fewer of the nearest, and all of them find ones exactly as near.", "INV",
        probing,
    ),
    Check("G4", "No scorer finds more than the best order of its candidates.", "INV", no_better_than_candidates),
)  # fmt: skip
