"""What the news feed teaches about its funnel and about serving, each sentence with its runs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.news_feed import feed as f
from core.cases.news_feed.checking import gain_of, gain_over_worlds, interval_of, measured
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.graph import FANOUTS, fan_out_cost, follow_graph, posts_a_day
from core.cases.news_feed.run import run, stages
from core.cases.news_feed.world import NOW, REFERENCE, chances
from core.metrics import ndcg_of, paired_difference
from core.stages.serve import break_even_requests
from core.truth import Check, Verdict

THRESHOLDS = (50, 100, 300, 1000)


def kept_of_the_full_ranker(seed: int, cut: int) -> np.ndarray:
    """Share (q,) of the ten posts that the ranker would choose from all candidates that survive the pre-ranker."""
    full = stages(NewsFeed(prerank="none"), seed)["feeds"].value
    kept = stages(NewsFeed(cut=cut), seed)["kept"].value
    parts = [kept.post[a:b] for a, b in zip(kept.ptr[:-1], kept.ptr[1:], strict=True)]
    pairs = ((feed[feed >= 0], part) for feed, part in zip(full, parts, strict=True))
    return np.array([np.isin(feed, part).mean() for feed, part in pairs if len(feed)])


def tighter_cuts_lose(seed: int) -> Verdict:
    """Cuts of 60, 30 and 15."""
    cuts = (60, 30, 15)
    shares = [kept_of_the_full_ranker(seed, cut) for cut in cuts]
    ranked = [measured(seed, cut=cut).counts["ranked"] for cut in cuts]
    falls = all(paired_difference(a, b, seed).low > 0 for a, b in pairwise(shares))
    told = ", ".join(
        f"cut {c}: {n:.1f} ranked, {s.mean():.1%} kept" for c, n, s in zip(cuts, ranked, shares, strict=True)
    )
    return Verdict(falls and ranked[0] > ranked[1] > ranked[2], told)


def light_beats_newest(seed: int) -> Verdict:
    """A cut of 15 by the light model and by age."""
    light, newest = (measured(seed, cut=15, prerank=each) for each in ("light", "newest"))
    gain = gain_of("value", light, newest, seed)
    return Verdict(gain.low > 0, f"value {interval_of(gain)} with 15 kept by the light model instead of by age")


def work(degrees: str, seed: int) -> dict[str, float]:
    """Operations a person and day of push and pull, and of hybrid at each threshold."""
    degree = follow_graph(degrees, seed).degree
    costs = {name: fan_out_cost(degree, name, 0).total for name in ("push", "pull")}
    costs |= {f"hybrid from {t}": fan_out_cost(degree, "hybrid", t).total for t in THRESHOLDS}
    return {name: cost / len(degree) for name, cost in costs.items()}


def hybrid_wins_under_skew(seed: int) -> Verdict:
    """The real degrees."""
    costs = work("real", seed)
    best = min(cost for name, cost in costs.items() if name.startswith("hybrid"))
    told = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    return Verdict(best < min(costs["push"], costs["pull"]), f"operations a person and day: {told}")


def hybrid_is_idle_among_equals(seed: int) -> Verdict:
    """The same number of followers for everybody."""
    costs = work("uniform", seed)
    best = min(cost for name, cost in costs.items() if name.startswith("hybrid"))
    told = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    return Verdict(best >= min(costs["push"], costs["pull"]), f"operations a person and day: {told}")


def few_authors_cause_most_writes(seed: int) -> Verdict:
    """The hundredth with most followers, and the largest burst."""
    degree = np.sort(follow_graph("real", seed).degree)[::-1]
    writes = posts_a_day(degree) * degree
    share = writes[: len(degree) // 100].sum() / writes.sum()
    burst, hybrid = (fan_out_cost(degree, each, 100).burst for each in ("push", "hybrid"))
    told = f"{share:.0%} of inbox writes; one post writes up to {burst:,.0f} inboxes, {hybrid:,.0f} in hybrid"
    return Verdict(share > 0.1 and burst > 10 * hybrid, told)


def costs_follow_the_formula(seed: int) -> Verdict:
    """Push by followers, pull by followees, counted link by link on the readers' part of the graph."""
    follows = follow_graph("real", seed)
    rate = posts_a_day(follows.followers)
    by_link = sum(float(rate[author]) for author in follows.authors)
    into = np.bincount(follows.authors, minlength=len(rate))
    by_author = float((rate * into).sum())
    lists = np.diff(follows.ptr)
    same = abs(by_link - by_author) < 1e-6 * by_link and int(lists.sum()) == len(follows.authors)
    told = f"{by_author:,.0f} writes a day counted by author and by link, {lists.sum():,} lists read by all readers"
    return Verdict(same, told)


def fan_out_changes_no_candidate(seed: int) -> Verdict:
    """All readers' candidates by push, pull and hybrid."""
    s = {name: stages(NewsFeed(fanout=name), seed) for name in FANOUTS}
    world = s["push"]["world"].value
    gathered = [f.gatherer(world, each["shelves"].value, 200) for each in s.values()]
    same = [all(np.array_equal(gathered[0](i, NOW), g(i, NOW)) for g in gathered[1:]) for i in range(world.n_readers)]
    return Verdict(all(same), f"{np.mean(same):.0%} of {len(same)} readers get the same candidates in the same order")


def the_funnel_has_a_ceiling(seed: int) -> Verdict:
    """Every reader's feed against the best order of what the pre-ranker kept."""
    worst, told = -1.0, []
    for cut in (15, 60):
        s = stages(NewsFeed(cut=cut, most=0), seed)
        world, kept, truth = (s[name].value for name in ("world", "kept", "truth"))
        best = np.zeros((len(kept.asked), f.K))
        for i, (a, b) in enumerate(zip(kept.ptr[:-1], kept.ptr[1:], strict=True)):
            ids = kept.post[a:b]
            worth = np.maximum(chances(world, np.full(len(ids), i), ids, NOW) @ REFERENCE, 0)
            top = np.sort(worth)[::-1][: f.K]
            best[i, : len(top)] = top
        ceiling = ndcg_of(best, truth.best)
        reached = s["quality"].value["value"].per_query
        worst = max(worst, float((reached - ceiling).max()))
        told.append(f"cut {cut}: {reached.mean():.3f} of at most {ceiling.mean():.3f}")
    return Verdict(worst <= 1e-6, ", ".join(told))


def order_moves_only_some(seed: int) -> Verdict:
    """The same ten posts, last first."""
    s = stages(NewsFeed(), seed)
    world, truth, feeds = (s[name].value for name in ("world", "truth", "feeds"))
    full = np.flatnonzero((feeds >= 0).all(axis=1))
    reader = np.repeat(full, f.K)
    worth = np.maximum(chances(world, reader, feeds[full].ravel(), NOW) @ REFERENCE, 0).reshape(-1, f.K)
    before, after = (ndcg_of(each, truth.best[full]).mean() for each in (worth, worth[:, ::-1]))
    same = np.allclose(worth.sum(axis=1), worth[:, ::-1].sum(axis=1))
    return Verdict(
        same and before != after, f"nDCG {before:.3f} in order, {after:.3f} turned round, the same ten posts"
    )


def author_limit_costs_little(seed: int) -> Verdict:
    """At most one post an author against any number."""
    one, any = (measured(seed, most=most) for most in (1, 0))
    authors, value = (gain_of(key, one, any, seed) for key in ("authors", "value"))
    told = f"share of different authors {interval_of(authors)}, value {interval_of(value)}"
    return Verdict(authors.low > 0 and value.low > -0.03, told)


def stale(seed: int, **dials: object) -> object:
    """What feeds made every 24 hours lose in value against feeds made every hour, from the store both."""
    return gain_over_worlds("value", seed, dict(serving="batch", every_h=1), dict(serving="batch", every_h=24), **dials)


def old_feeds_lose(seed: int) -> Verdict:
    """News that halves in six hours."""
    gain = stale(seed, half_life_h=6)
    return Verdict(gain.low > 0, f"value {interval_of(gain)} with an hourly store where news ages in six hours")


def old_feeds_lose_less_of_old_news(seed: int) -> Verdict:
    """News that never ages, tastes that never turn."""
    still, ageing = stale(seed, half_life_h=0, drift=0.0), stale(seed, half_life_h=6)
    told = f"value {interval_of(still)} where nothing ages, {interval_of(ageing)} where news ages in six hours"
    return Verdict(still.mean < ageing.mean / 2, told)


def batch_pays_from_the_second_visit(seed: int) -> Verdict:
    """Multiplications a reader and refresh, and a request."""
    s = {each: stages(NewsFeed(serving=each), seed) for each in ("batch", "online")}
    batch, online = (np.diff(x["kept"].value.ptr).mean() * x["scorer"].value.model.flops for x in s.values())
    even = break_even_requests(batch, online)
    told = f"{batch:,.0f} multiplications a reader and refresh, {online:,.0f} a request: even at {even:.2f} visits"
    return Verdict(0.9 < even < 1.1, told)


def same_seed_same_feed(seed: int) -> Verdict:
    """The default twice, and with another seed."""
    one, two, other = (run(NewsFeed(), seed=s).quality["value"] for s in (seed, seed, seed + 1))
    same = one.per_query.tobytes() == two.per_query.tobytes()
    apart = abs(one.value - other.value)
    return Verdict(same, f"value {one.value:.3f} twice, {other.value:.3f} with another seed, {apart:.3f} apart")


CHECKS = (
    Check("F4", "A tighter cut ranks fewer posts and loses more of what the ranker would have chosen.", "DIR",
          tighter_cuts_lose),
    Check("F4L", "A light model cuts better than age.", "DIR", light_beats_newest),
    Check("F8", "With real followers, hybrid fan-out takes less work than push or pull.", "INV",
          hybrid_wins_under_skew),
    Check("F8F", "When everybody has as many followers, hybrid fan-out saves nothing.", "FLIP",
          hybrid_is_idle_among_equals),
    Check("F8B", "A few celebrities cause much of the writing, and hybrid fan-out bounds what one post can write.",
          "DIR", few_authors_cause_most_writes),
    Check("F8C", "Push costs posts times followers and pull a list for each followee, link by link.", "INV",
          costs_follow_the_formula),
    Check("F8S", "Push, pull and hybrid gather the same posts: they differ in work alone.", "INV",
          fan_out_changes_no_candidate),
    Check("G2", "Turning a feed round changes nDCG and not what it is worth in sum.", "INV", order_moves_only_some),
    Check("G4", "No feed beats the best order of what the pre-ranker kept.", "INV", the_funnel_has_a_ceiling),
    Check("D1", "One post an author makes the ten more varied and costs little value.", "DIR",
          author_limit_costs_little),
    Check("G11", "Making a feed ahead takes as much as making it now, so batch pays from the second visit a refresh.",
          "INV", batch_pays_from_the_second_visit),
    Check("G12", "Where news ages, feeds made a day apart are worth less than hourly ones.", "DIR", old_feeds_lose),
    Check("G12F", "Where nothing ages or drifts, the same delay costs less than half as much.", "FLIP",
          old_feeds_lose_less_of_old_news),
    Check("G16", "The same seed gives the same feeds, bit for bit.", "INV", same_seed_same_feed),
)  # fmt: skip
