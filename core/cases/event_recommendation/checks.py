"""What event recommendation teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.checking import gain, interval_of, measured, of_stage, quality
from core.cases.event_recommendation.checks_serving import SERVING_CHECKS
from core.cases.event_recommendation.evaluate.quality import TOP, chances_of, relevant
from core.cases.event_recommendation.features.pairs import GROUPS
from core.cases.event_recommendation.serve.candidates import Candidates, finder, scan
from core.cases.event_recommendation.serve.lists import K, best_of_each
from core.contract.check import Check, Verdict
from core.metrics import average_precision, ndcg_at_k, ndcg_of, paired_difference, recall_at_k


def deeper_lists_find_no_less(seed: int) -> Verdict:
    world, ids = of_stage("world", seed), of_stage("served", seed)
    who, wanted = relevant(world)
    by_k = np.array([recall_at_k(ids[who], wanted, k).mean() for k in range(1, K + 1)])
    rows = [measured(seed).quality[key].per_query for key in ("map", "ndcg@10", "ceiling")]
    inside = all((each >= 0).all() and (each <= 1).all() for each in rows)
    return Verdict(bool((np.diff(by_k) >= 0).all() and inside), f"recall {by_k[0]:.3f} at 1, {by_k[-1]:.3f} at {K}")


def order_matters_to_ndcg_alone(seed: int) -> Verdict:
    world, ids = of_stage("world", seed), of_stage("served", seed)[:, :TOP]
    who, wanted = relevant(world)
    gains = [dict.fromkeys(map(int, each), 1.0) for each in wanted]
    there, back = (ndcg_at_k(i, gains, TOP).mean() for i in (ids[who], ids[who][:, ::-1]))
    same = (recall_at_k(ids[who], wanted, TOP) == recall_at_k(ids[who][:, ::-1], wanted, TOP)).all()
    return Verdict(bool(same and there != back), f"nDCG {there:.4f}, reversed {back:.4f}; recall the same for each")


def candidates_are_the_ceiling(seed: int) -> Verdict:
    m = measured(seed)
    over = m.quality["map"].per_query - m.quality["ceiling"].per_query
    said = f"mAP {m.quality['map'].value:.3f}, ceiling {m.quality['ceiling'].value:.3f}"
    return Verdict(bool((over <= 1e-12).all()), said)


def the_oracle_is_ahead(seed: int) -> Verdict:
    """The true chances put in order against every list by its expected registrations."""
    low = min(measured(seed, model=m).quality["regret"].per_query.min() for m in ("gbdt", "rules"))
    world, ids = of_stage("world", seed), of_stage("served", seed)
    who, _ = relevant(world)
    chance = chances_of(ids[:, :TOP][who], who, world)
    best = -np.sort(-world.requests.chance[who], axis=1)[:, :TOP]
    share = ndcg_of(chance, best)
    return Verdict(bool(low >= -1e-6), f"least regret of a person {low:.4f}; of the oracle's nDCG {share.mean():.3f}")


def tree_and_scan_agree(seed: int) -> Verdict:
    world, shelf = of_stage("world", seed), of_stage("shelf", seed)
    n, wrong = len(world.people.city), 0
    for radius in (5, 50, 200):
        found, find = scan(shelf, world, radius, 14), finder(shelf, world, radius, 14)
        bounds = found.bounds(n)
        wrong += sum(not np.array_equal(find(i), found.column[bounds[i] : bounds[i + 1]]) for i in range(n))
    return Verdict(wrong == 0, f"{wrong} of {3 * n:,} searches differ")


def co_registration_is_blind(seed: int) -> Verdict:
    """On events that are short-lived, vectors from co-registration against popularity and against trees."""
    mf, popular, trees = (measured(seed, model=m) for m in ("mf", "popular", "gbdt"))
    over, under = gain("map", mf, popular, seed), gain("map", trees, mf, seed)
    said = f"mAP {quality(mf):.3f}, popularity {quality(popular):.3f}, trees {quality(trees):.3f}"
    return Verdict(over.mean < 0.05 and under.low > 0.15, f"{said}; over popularity {interval_of(over)}")


def unseen_events_are_chance(seed: int) -> Verdict:
    """Average precision on events without a guest alone, co-registration against the mean of three random orders."""
    world = of_stage("world", seed, model="mf")
    shelf, lists = of_stage("shelf", seed, model="mf"), of_stage("lists", seed, model="mf")
    trees = of_stage("lists", seed)
    n = len(world.people.city)
    new = shelf.registered == 0
    kept = new[lists.candidates.column]
    own = Candidates(lists.candidates.person[kept], lists.candidates.column[kept])
    now = world.requests
    wanted = [now.open[now.would[i] & new] for i in range(n)]
    who = [i for i in range(n) if len(wanted[i])]

    def precise(scores: np.ndarray) -> np.ndarray:
        return average_precision(best_of_each(shelf, own, scores, n, K)[who], [wanted[i] for i in who])

    rng = np.random.default_rng(seed)
    by_luck = np.mean([precise(rng.random(kept.sum())) for _ in range(3)], axis=0)
    by_mf, by_trees = precise(lists.scores[kept]), precise(trees.scores[kept])
    mf, gbdt = paired_difference(by_mf, by_luck, seed), paired_difference(by_trees, by_mf, seed)
    said = f"random {by_luck.mean():.3f}, co-registration {by_mf.mean():.3f}, trees {by_trees.mean():.3f}"
    return Verdict(abs(mf.mean) < 0.03 and gbdt.low > 0, f"mAP over {new.sum()} events: {said}")


def co_registration_recovers(seed: int) -> Verdict:
    """Co-registration against nearest first and popularity, where events are announced 4 and 60 days ahead."""
    lead, said = {}, []
    for life in (4, 60):
        names = ("mf", "nearest", "popular", "gbdt")
        runs = {m: measured(seed, life_days=life, model=m, radius=200, horizon=90) for m in names}
        lead[life] = [gain("map", runs["mf"], runs[other], seed) for other in names[1:3]]
        values = ", ".join(f"{name} {quality(runs[name]):.3f}" for name in names[1:])
        said.append(f"{life} days {quality(runs['mf']):.3f} ({values})")
    held = lead[4][0].high < 0 and all(each.low > 0 for each in lead[60])
    return Verdict(held, f"mAP of co-registration: {'; '.join(said)}")


def every_context_counts(seed: int) -> Verdict:
    whole = measured(seed)
    lost = {g: gain("map", measured(seed, features=f"no {g}"), whole, seed) for g in GROUPS}
    said = ", ".join(f"{g} {d.mean:+.3f}" for g, d in sorted(lost.items(), key=lambda each: each[1].mean))
    return Verdict(all(lost[g].high < 0 for g in ("place", "time", "friends")), f"mAP without {said}")


def together_beats_alone(seed: int) -> Verdict:
    alone = {g: measured(seed, features=f"{g} only") for g in GROUPS}
    best = max(alone, key=lambda g: quality(alone[g]))
    over = gain("map", measured(seed), alone[best], seed)
    return Verdict(over.low > 0, f"best alone: {best}, mAP {quality(alone[best]):.3f}; all {interval_of(over)} over it")


def buckets_catch_up(seed: int) -> Verdict:
    raw, buckets, trees = (measured(seed, model=m) for m in ("lr", "lr_buckets", "gbdt"))
    closed = (quality(buckets) - quality(raw)) / (quality(trees) - quality(raw))
    over = gain("map", buckets, raw, seed)
    said = f"mAP {quality(raw):.3f} as they are, {quality(buckets):.3f} in buckets, {quality(trees):.3f} trees"
    return Verdict(over.low > 0 and closed > 0.5, f"{said}: {closed:.0%} of the gap closed")


def a_line_is_enough(seed: int) -> Verdict:
    """Trees over plain logistic regression where tastes count in proportion, against where they bend."""
    gaps = {c: gain("map", measured(seed, curved=c), measured(seed, curved=c, model="lr"), seed) for c in (0.0, 1.0)}
    said = f"trees ahead by {interval_of(gaps[0.0])} in proportion, {interval_of(gaps[1.0])} non-linear"
    return Verdict(gaps[0.0].low <= 0 and gaps[1.0].low > max(0.015, gaps[0.0].high), said)


def wider_reaches_more(seed: int) -> Verdict:
    runs = [measured(seed, radius=r) for r in (5, 10, 25, 50, 100, 200)]
    ceiling, n = [quality(m, "ceiling") for m in runs], [m.counts["candidates"] for m in runs]
    fine = (np.diff(ceiling) >= 0).all() and (np.diff(n) > 0).all()
    said = ", ".join(f"{a:.3f} of {b:.0f}" for a, b in zip(ceiling, n, strict=True))
    return Verdict(bool(fine), f"ceiling and candidates from 5 to 200 km: {said}")


def then_it_flattens(seed: int) -> Verdict:
    narrow, middle, wide = (measured(seed, radius=r) for r in (25, 100, 200))
    first, then = gain("map", middle, narrow, seed), gain("map", wide, middle, seed)
    return Verdict(
        first.low > 0 and then.mean < first.mean / 4,
        f"mAP {interval_of(first)} from 25 to 100 km, {interval_of(then)} from 100 to 200",
    )


def strong_decay_needs_less(seed: int) -> Verdict:
    lost = {d: quality(measured(seed, decay=d), "ceiling") for d in (1.0, 2.0, 3.0)}
    return Verdict(lost[1.0] < lost[2.0] < lost[3.0], ", ".join(f"{v:.3f} at decay {d:g}" for d, v in lost.items()))


def negatives_move_chances(seed: int) -> Verdict:
    few, many = (measured(seed, negatives=n, correct="no") for n in (1, 0))
    ranked = gain("map", few, many, seed)
    off = [quality(m, "calibration") for m in (few, many)]
    said = f"calibration error {off[0]:.2f} with one negative each, {off[1]:.2f} with all; mAP {interval_of(ranked)}"
    return Verdict(off[0] > 4 * off[1] and abs(ranked.mean) < 0.04, said)


def a_formula_repairs_them(seed: int) -> Verdict:
    raw, mended = (measured(seed, negatives=1, correct=c) for c in ("no", "yes"))
    same = (raw.quality["map"].per_query == mended.quality["map"].per_query).all()
    off = [quality(m, "calibration") for m in (raw, mended)]
    return Verdict(bool(same and off[1] < off[0] / 3), f"calibration error {off[0]:.2f} → {off[1]:.2f}, same order")


def random_rows_flatter(seed: int) -> Verdict:
    later, random = (measured(seed, judged=j).quality["map"] for j in ("later", "random"))
    said = f"mAP over eight shown {random.value:.3f} ({random.low:.3f} to {random.high:.3f}) at random visits"
    return Verdict(
        random.low > later.high, f"{said}, {later.value:.3f} ({later.low:.3f} to {later.high:.3f}) in a later week"
    )


def begun_events_never_show(seed: int) -> Verdict:
    designs = [dict(), dict(serving="batch", refresh_h=72), dict(serving="hybrid", refresh_h=72)]
    worst = [measured(seed, **d).quality["begun@10"].per_query.max() for d in designs]
    return Verdict(max(worst) == 0, f"largest share of anybody's first ten: {max(worst):.1f}")


def hours_left_tell(seed: int) -> Verdict:
    told, untold = (quality(measured(seed, expired="keep", features=f), "begun@10") for f in ("all", "no time"))
    said = f"of the first ten had begun {told:.2%} with the hours left, {untold:.2%} without the time features"
    return Verdict(told < 0.005 and untold > 5 * max(told, 1e-4), said)


def more_visits_rank_better(seed: int) -> Verdict:
    tenth, half, whole = (measured(seed, learnt_from=share) for share in (0.1, 0.5, 1.0))
    first, last = gain("map", half, tenth, seed), gain("map", whole, half, seed)
    said = f"mAP {interval_of(first)} from 10 to 50 % of the visits, {interval_of(last)} from 50 to 100 %"
    return Verdict(first.low > 0 and last.low > 0, said)


def few_visits_suit_a_line(seed: int) -> Verdict:
    """Trees over logistic regression, both learning from a tenth of the visits and from all."""
    ahead = {
        share: gain("map", measured(seed, learnt_from=share), measured(seed, learnt_from=share, model="lr"), seed)
        for share in (0.1, 1.0)
    }
    said = f"trees ahead by {interval_of(ahead[0.1])} with 10 % of the visits, {interval_of(ahead[1.0])} with all"
    return Verdict(ahead[0.1].low <= 0 < ahead[1.0].low, said)


CHECKS = (
    Check(
        "G1", "A longer list never finds less, and every share lies between 0 and 1.", "INV", deeper_lists_find_no_less
    ),
    Check("G2", "Turning a list round changes nDCG and leaves recall as it was.", "INV", order_matters_to_ndcg_alone),
    Check(
        "G4",
        "No ranker finds what the filter left out: mAP never exceeds the ceiling.",
        "INV",
        candidates_are_the_ceiling,
    ),
    Check("G4b", "No list brings more registrations than the oracle's.", "INV", the_oracle_is_ahead),
    Check("G3", "The tree of places finds exactly the events that a full scan finds.", "INV", tree_and_scan_agree),
    Check(
        "E1",
        "Matrix factorisation stays near popularity: an event is over before it has a history.",
        "DIR",
        co_registration_is_blind,
    ),
    Check(
        "E1b",
        "On events without a guest it orders by chance, while features still work.",
        "DIR",
        unseen_events_are_chance,
    ),
    Check(
        "E1-flip",
        "Announced 4 days ahead, nearest first beats matrix factorisation; 60 days ahead it loses to it.",
        "FLIP",
        co_registration_recovers,
    ),
    Check("E2", "Leaving out place, time or friends each lowers mAP.", "DIR", every_context_counts),
    Check("E2b", "All contexts together beat the best single one.", "DIR", together_beats_alone),
    Check(
        "E3",
        "Buckets and crosses bring logistic regression more than half of the way to trees.",
        "DIR",
        buckets_catch_up,
    ),
    Check(
        "E3-flip",
        "Where everything counts in proportion, plain logistic regression is no worse than trees.",
        "FLIP",
        a_line_is_enough,
    ),
    Check("E4", "A wider radius never lowers the ceiling, and asks for more candidates.", "INV", wider_reaches_more),
    Check("E4b", "Quality stops growing where people no longer go.", "DIR", then_it_flattens),
    Check(
        "E4c",
        "The more people mind the way, the higher the ceiling of the same radius.",
        "DIR",
        strong_decay_needs_less,
    ),
    Check("E6", "Fewer negatives shift the chances and barely touch the order.", "DIR", negatives_move_chances),
    Check("E6b", "A formula puts the negatives back, without a change of order.", "DIR", a_formula_repairs_them),
    Check(
        "E7",
        "A random split looks better than a split by time: counts leak from the future.",
        "DIR",
        random_rows_flatter,
    ),
    Check(
        "E8", "With the filter at the request, no event that has begun is ever shown.", "INV", begun_events_never_show
    ),
    Check("E8b", "Without the filter, the hours left let the ranker avoid begun events.", "DIR", hours_left_tell),
    Check(
        "E9", "More visits to learn from rank better, and the last doubling still pays.", "DIR", more_visits_rank_better
    ),
    Check(
        "E9-flip",
        "With a tenth of the visits, trees are no better than logistic regression.",
        "FLIP",
        few_visits_suit_a_line,
    ),
    *SERVING_CHECKS,
)
