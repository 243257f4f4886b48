"""Checks of the rankers: co-registration, the groups of features, buckets and trees."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.design import EventRecommendation as Design
from core.cases.event_recommendation.features.pairs import GROUPS
from core.cases.event_recommendation.pipeline import run, stages
from core.cases.event_recommendation.serve.candidates import Candidates
from core.cases.event_recommendation.serve.lists import K, best_of_each
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, FLIP, Verdict
from core.metrics import average_precision, paired_difference

check = Checks(Design, run, stages)


@check("E1", DIR, "Matrix factorisation stays near popularity: an event is over before it has a history.")
def co_registration_is_blind(lab: Lab) -> Verdict:
    """On events that are short-lived, vectors from co-registration against popularity and against trees."""
    popular, mf, trees = (Design(model=model) for model in ("popular", "mf", "gbdt"))
    over, under = lab.compare("map", popular, mf), lab.compare("map", mf, trees)
    values = [lab.value("map", design) for design in (mf, popular, trees)]
    said = "mAP {:.3f}, popularity {:.3f}, trees {:.3f}".format(*values)
    return Verdict(abs(over.mean) < 0.03 and under.low > 0.1, f"{said}; over popularity {difference_text(over, 4)}")


@check("E1b", DIR, "On events without a registration its order is random, while features still work.")
def unseen_events_are_chance(lab: Lab) -> Verdict:
    """Average precision on events without a guest alone, co-registration against the mean of three random orders."""
    mf = Design(model="mf")
    world, shelf, lists = (lab.stage(name, mf) for name in ("world", "shelf", "lists"))
    now, n, new = world.requests, len(world.people.city), shelf.registered == 0
    kept = new[lists.candidates.column]
    own = Candidates(lists.candidates.person[kept], lists.candidates.column[kept])
    wanted = [now.open[now.would[i] & new] for i in range(n)]
    who = [i for i in range(n) if len(wanted[i])]

    def precise(scores: np.ndarray) -> np.ndarray:
        return average_precision(best_of_each(shelf, own, scores, n, K)[who], [wanted[i] for i in who])

    rng = np.random.default_rng(lab.seed)
    by_luck = np.mean([precise(rng.random(kept.sum())) for _ in range(3)], axis=0)
    by_mf, by_trees = precise(lists.scores[kept]), precise(lab.stage("lists", Design()).scores[kept])
    over_luck, under = paired_difference(by_mf, by_luck, lab.seed), paired_difference(by_trees, by_mf, lab.seed)
    said = f"random {by_luck.mean():.3f}, co-registration {by_mf.mean():.3f}, trees {by_trees.mean():.3f}"
    return Verdict(abs(over_luck.mean) < 0.03 and under.low > 0, f"mAP over {new.sum()} events: {said}")


@check(
    "E1-flip",
    FLIP,
    "With a lead time of 4 days, distance beats matrix factorisation; with 60 days it loses to it.",
)
def co_registration_recovers(lab: Lab) -> Verdict:
    """Co-registration against nearest first and popularity, where events are announced 4 and 60 days ahead."""
    lead, said = {}, []
    for life in (4, 60):
        designs = {
            model: Design(life_days=life, model=model, radius=200, horizon=90)
            for model in ("mf", "nearest", "popular", "gbdt")
        }
        value = {model: lab.value("map", design) for model, design in designs.items()}
        lead[life] = [lab.compare("map", designs[other], designs["mf"]) for other in ("nearest", "popular")]
        others = ", ".join(f"{model} {value[model]:.3f}" for model in ("nearest", "popular", "gbdt"))
        said.append(f"{life} days {value['mf']:.3f} ({others})")
    held = lead[4][0].high < 0 and all(ahead.low > 0 for ahead in lead[60])
    return Verdict(held, f"mAP of co-registration: {'; '.join(said)}")


@check("E2", DIR, "Leaving out place, time or friends each lowers mAP.")
def every_context_counts(lab: Lab) -> Verdict:
    lost = {group: lab.compare("map", Design(), Design(features=f"no {group}")) for group in GROUPS}
    said = ", ".join(f"{group} {lost[group].mean:+.3f}" for group in sorted(lost, key=lambda group: lost[group].mean))
    return Verdict(all(lost[group].high < 0 for group in ("place", "time", "friends")), f"mAP without {said}")


@check("E2b", DIR, "All feature groups together beat the best single one.")
def together_beats_alone(lab: Lab) -> Verdict:
    alone = {group: lab.value("map", Design(features=f"{group} only")) for group in GROUPS}
    best = max(alone, key=alone.get)
    over = lab.compare("map", Design(features=f"{best} only"), Design())
    return Verdict(over.low > 0, f"best alone: {best}, mAP {alone[best]:.3f}; all {difference_text(over, 4)} over it")


@check(
    "E3",
    DIR,
    "Over five worlds, bucketised features and crosses close about half of the gap from logistic regression to GBDT.",
)
def buckets_catch_up(lab: Lab) -> Verdict:
    raw, buckets = Design(model="lr"), Design(model="lr_buckets")
    gained, gap = (lab.compare_worlds("map", raw, design) for design in (buckets, Design()))
    closed = gained.mean / gap.mean
    said = f"mAP {difference_text(gained, 4)} by buckets, {difference_text(gap, 4)} by trees: {closed:.0%} of the gap"
    return Verdict(gained.low > 0 and 0.35 < closed < 0.75, said)


@check("E3-flip", FLIP, "With linear preferences, plain logistic regression is no worse than GBDT.")
def a_line_is_enough(lab: Lab) -> Verdict:
    """Trees over plain logistic regression where tastes count in proportion, against where they bend; five worlds."""
    straight, bent = (lab.compare_worlds("map", Design(curved=c, model="lr"), Design(curved=c)) for c in (0.0, 1.0))
    said = f"trees ahead by {difference_text(straight, 4)} in proportion, {difference_text(bent, 4)} non-linear"
    return Verdict(straight.low <= 0 and bent.low > max(0, straight.high), said)
