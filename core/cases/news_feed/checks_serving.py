"""What the news feed teaches about its funnel and about serving, each sentence with its runs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.news_feed import feed as f
from core.cases.news_feed.checking import afresh, gain_of, gain_over_worlds, interval_of, measured
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.graph import FANOUTS, fan_out_cost, follow_graph, posts_a_day
from core.cases.news_feed.run import stages
from core.cases.news_feed.world import NOW, REFERENCE, WINDOW_H, chances
from core.contract.check import Check, Verdict
from core.metrics import ndcg_of, paired_difference

THRESHOLDS = (50, 100, 300, 1000)
DIFFERENT_WORLDS = 6


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
    """What lies in the inboxes and which lists are read, against posts times followers and followees, author by author.

    The posts of the two and a half days that inboxes keep are drawn, so their number may stray from its expectation.
    """
    s = {name: stages(NewsFeed(fanout=name), seed) for name in FANOUTS}
    world = s["push"]["world"].value
    follows, posts = world.follows, world.posts
    kept = posts.hour >= np.float32(NOW - WINDOW_H - f.OLDEST_H)
    written = np.bincount(posts.author[kept], minlength=len(follows.followers))
    readers = np.bincount(follows.authors, minlength=len(written))
    few = follows.followers <= NewsFeed().threshold
    pushed = {"push": np.ones(len(few), bool), "pull": np.zeros(len(few), bool), "hybrid": few}
    counted = {name: (len(x["shelves"].value.inbox), len(x["shelves"].value.pulled)) for name, x in s.items()}
    due = {name: (int((written * readers)[p].sum()), int(readers[~p].sum())) for name, p in pushed.items()}
    rate = posts_a_day(follows.followers) * (WINDOW_H + f.OLDEST_H) / 24
    stray = abs(written.sum() - rate.sum()) / rate.sum() ** 0.5
    told = ", ".join(f"{name} {n:,} written and {lists:,} lists" for name, (n, lists) in counted.items())
    return Verdict(bool(counted == due and stray < 5), f"{told}; posts {stray:.1f} deviations off their rate")


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
    return Verdict(same and after < before, f"nDCG {before:.3f} in order, {after:.3f} turned round, the same ten posts")


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


def same_seed_same_feed(seed: int) -> Verdict:
    """The default computed a second time past all that is remembered, and with another seed."""
    one, two = stages(NewsFeed(), seed)["served"].value, afresh(stages(NewsFeed(), seed)["served"])
    other = stages(NewsFeed(), seed + 1)["served"].value
    told = f"{(one == two).mean():.0%} of {one.size:,} places the same when made again, {(one == other).mean():.1%}"
    return Verdict(bool(np.array_equal(one, two) and (one == other).mean() < 0.5), f"{told} with another seed")


def worlds_differ(seed: int) -> Verdict:
    """The value of the feeds in six worlds: how they scatter against what the readers of one world say."""
    found = [measured(s).quality["value"] for s in range(seed, seed + DIFFERENT_WORLDS)]
    scatter = float(np.std([each.value for each in found], ddof=1))
    own = float(np.mean([each.high - each.low for each in found])) / (2 * 1.96)
    told = ", ".join(f"{each.value:.3f}" for each in found)
    return Verdict(scatter > 1.5 * own, f"value {told}: deviation {scatter:.3f}, {own:.3f} by the readers of one world")


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
    Check("F8C", "Push writes posts times followers, pull reads a list for each followee, to the last one.", "INV",
          costs_follow_the_formula),
    Check("F8S", "Push, pull and hybrid gather the same posts: they differ in work alone.", "INV",
          fan_out_changes_no_candidate),
    Check("G2", "Turning a feed round lowers nDCG and not what it is worth in sum.", "INV", order_moves_only_some),
    Check("G4", "No feed beats the best order of what the pre-ranker kept.", "INV", the_funnel_has_a_ceiling),
    Check("D1", "One post an author makes the ten more varied and costs little value.", "DIR",
          author_limit_costs_little),
    Check("G12", "Where news ages, feeds made a day apart are worth less than hourly ones.", "DIR", old_feeds_lose),
    Check("G12F", "Where nothing ages or drifts, the same delay costs less than half as much.", "FLIP",
          old_feeds_lose_less_of_old_news),
    Check("G16", "The same seed gives the same feeds when all is computed again, another seed gives others.", "INV",
          same_seed_same_feed),
    Check("G16W", "Simulated worlds differ by more than the interval over one world's readers says.", "DIR",
          worlds_differ),
)  # fmt: skip
