"""What the funnel loses and what fan-out costs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from core.cases.news_feed.data.follows import posts_a_day
from core.cases.news_feed.data.laws import chances
from core.cases.news_feed.data.world import NOW, REFERENCE, WINDOW_H, World
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.pipeline import run, stages
from core.cases.news_feed.serve.fanout import FANOUTS, OLDEST_H, fan_out_cost
from core.cases.news_feed.serve.funnel import K, gatherer
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, INV, Verdict
from core.metrics import ndcg_of, paired_difference

THRESHOLDS = (50, 100, 300, 1000)
check = Checks(NewsFeed, run, stages)


@check("F4", DIR, "A smaller pre-ranker output ranks fewer posts and loses more of the ranker's own choice.")
def tighter_cuts_lose(lab: Lab) -> Verdict:
    cuts = (60, 30, 15)
    shares = [share_of_the_full_ranker(lab, cut) for cut in cuts]
    ranked = [np.diff(lab.stage("kept", NewsFeed(cut=cut)).ptr).mean() for cut in cuts]
    falls = all(paired_difference(wide, tight, lab.seed).low > 0 for wide, tight in pairwise(shares))
    text = (f"cut {c}: {n:.1f} ranked, {s.mean():.1%} kept" for c, n, s in zip(cuts, ranked, shares, strict=True))
    return Verdict(bool(falls and ranked[0] > ranked[1] > ranked[2]), ", ".join(text))


def share_of_the_full_ranker(lab: Lab, cut: int) -> np.ndarray:
    """Share (q,) of the ten posts that the ranker would choose from all candidates that survive the pre-ranker."""
    full, kept = lab.stage("feeds", NewsFeed(prerank="none")), lab.stage("kept", NewsFeed(cut=cut))
    pairs = ((feed[feed >= 0], kept.of(i)) for i, feed in enumerate(full))
    return np.array([np.isin(feed, part).mean() for feed, part in pairs if len(feed)])


@check("F4L", DIR, "A light pre-ranker beats a pre-ranker by age.")
def light_beats_newest(lab: Lab) -> Verdict:
    gain = lab.compare("value", NewsFeed(cut=15, prerank="newest"), NewsFeed(cut=15, prerank="light"))
    text = difference_text(gain, 4)
    return Verdict(gain.low > 0, f"value {text} with 15 kept by the light model instead of by age")


def work(lab: Lab, degrees: str) -> tuple[float, float, str]:
    """Operations per person and day of the best hybrid threshold, of the better of push and pull, and all in words."""
    degree = lab.stage("follows", NewsFeed(degrees=degrees)).degree
    costs = {name: fan_out_cost(degree, name, 0).total for name in ("push", "pull")}
    costs |= {f"hybrid from {t}": fan_out_cost(degree, "hybrid", t).total for t in THRESHOLDS}
    costs = {name: cost / len(degree) for name, cost in costs.items()}
    best = min(cost for name, cost in costs.items() if name.startswith("hybrid"))
    text = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
    return best, min(costs["push"], costs["pull"]), f"operations per person and day: {text}"


@check("F8", INV, "With real followers, hybrid fan-out takes less work than push or pull.")
def hybrid_wins_under_skew(lab: Lab) -> Verdict:
    hybrid, other, text = work(lab, "real")
    return Verdict(hybrid < other, text)


@check("F8F", FLIP, "With uniform followers, hybrid fan-out saves nothing.")
def hybrid_is_idle_among_equals(lab: Lab) -> Verdict:
    hybrid, other, text = work(lab, "uniform")
    return Verdict(hybrid >= other, text)


@check("F8B", DIR, "A few celebrities cause much of the writing, and hybrid fan-out bounds what one post can write.")
def few_authors_cause_most_writes(lab: Lab) -> Verdict:
    """The hundredth with most followers, and the largest burst."""
    degree = np.sort(lab.stage("follows", NewsFeed(degrees="real")).degree)[::-1]
    writes = posts_a_day(degree) * degree
    share = writes[: len(degree) // 100].sum() / writes.sum()
    burst, hybrid = (fan_out_cost(degree, name, 100).burst for name in ("push", "hybrid"))
    text = f"{share:.0%} of inbox writes; one post writes up to {burst:,.0f} inboxes, {hybrid:,.0f} in hybrid"
    return Verdict(bool(share > 0.1 and burst > 10 * hybrid), text)


@check("F8C", INV, "Push writes posts × followers, pull reads one list per followee, exactly.")
def costs_follow_the_formula(lab: Lab) -> Verdict:
    """What lies in the inboxes and which lists are read, against posts times followers and followees, author by author.

    The posts of the two and a half days that inboxes keep are drawn, so their number may stray from its expectation.
    """
    world = lab.stage("world", NewsFeed(fanout="push"))
    follows, posts = world.follows, world.posts
    kept = posts.hour >= np.float32(NOW - WINDOW_H - OLDEST_H)
    written = np.bincount(posts.author[kept], minlength=len(follows.followers))
    readers = np.bincount(follows.authors, minlength=len(written))
    few = follows.followers <= NewsFeed().threshold
    pushed = {"push": np.ones(len(few), bool), "pull": np.zeros(len(few), bool), "hybrid": few}
    shelves = {name: lab.stage("shelves", NewsFeed(fanout=name)) for name in FANOUTS}
    counted = {name: (len(shelf.inbox), len(shelf.pulled)) for name, shelf in shelves.items()}
    due = {name: (int((written * readers)[p].sum()), int(readers[~p].sum())) for name, p in pushed.items()}
    rate = posts_a_day(follows.followers) * (WINDOW_H + OLDEST_H) / 24
    stray = abs(written.sum() - rate.sum()) / rate.sum() ** 0.5
    text = ", ".join(f"{name} {n:,} written and {lists:,} lists" for name, (n, lists) in counted.items())
    return Verdict(bool(counted == due and stray < 5), f"{text}; posts {stray:.1f} deviations off their rate")


@check("F8S", INV, "Push, pull and hybrid gather the same posts: they differ in work alone.")
def fan_out_changes_no_candidate(lab: Lab) -> Verdict:
    world = lab.stage("world", NewsFeed(fanout="push"))
    one, *others = (gatherer(world, lab.stage("shelves", NewsFeed(fanout=name)), 200) for name in FANOUTS)
    # posts of one moment at the cut may change places, so the posts are compared and not their order
    shares = [_in_common(one(i, NOW), other(i, NOW)) for other in others for i in range(world.n_readers)]
    text = f"{np.mean(shares):.3%} of the posts of {world.n_readers} readers in common, {min(shares):.1%} at the least"
    return Verdict(bool(np.mean(shares) > 0.999), text)


def _in_common(one: np.ndarray, other: np.ndarray) -> float:
    """The share of the posts of either feed that both have; 1 where both are empty."""
    either = np.union1d(one, other)
    return len(np.intersect1d(one, other)) / len(either) if len(either) else 1.0


@check("G2", DEF, "Reversing a feed lowers nDCG and leaves its total value alone.")
def order_moves_only_some(lab: Lab) -> Verdict:
    """The same ten posts, last first."""
    world, truth, feeds = (lab.stage(name, NewsFeed()) for name in ("world", "truth", "feeds"))
    full = np.flatnonzero((feeds >= 0).all(axis=1))
    worth = true_worth(world, np.repeat(full, K), feeds[full].ravel()).reshape(-1, K)
    before, after = (ndcg_of(order, truth.best[full]).mean() for order in (worth, worth[:, ::-1]))
    same = np.allclose(worth.sum(axis=1), worth[:, ::-1].sum(axis=1))
    text = f"nDCG {before:.3f} in order, {after:.3f} turned round, the same ten posts"
    return Verdict(bool(same and after < before), text)


def true_worth(world: World, reader: np.ndarray, post: np.ndarray) -> np.ndarray:
    """What posts (n,) are truly worth to readers (n,) at the reference values, nothing below 0."""
    return np.maximum(chances(world, reader, post, NOW) @ REFERENCE, 0)


@check("G4", DEF, "No feed beats the best order of what the pre-ranker kept.")
def the_funnel_has_a_ceiling(lab: Lab) -> Verdict:
    """Every reader's feed against the best order of what the pre-ranker kept."""
    worst, text = -1.0, []
    for cut in (15, 60):
        design = NewsFeed(cut=cut, most=0)
        world, kept, truth = (lab.stage(name, design) for name in ("world", "kept", "truth"))
        best = np.zeros((len(kept.hour), K))
        for i in range(len(best)):
            top = np.sort(true_worth(world, np.full(len(kept.of(i)), i), kept.of(i)))[::-1][:K]
            best[i, : len(top)] = top
        ceiling, reached = ndcg_of(best, truth.best), lab.per_query("value", design)
        worst = max(worst, float((reached - ceiling).max()))
        text.append(f"cut {cut}: {reached.mean():.3f} of at most {ceiling.mean():.3f}")
    return Verdict(worst <= 1e-6, ", ".join(text))


@check("D1", DIR, "At most one post per author raises author diversity and costs little value.")
def author_limit_costs_little(lab: Lab) -> Verdict:
    """At most one post an author against any number."""
    authors, value = (lab.compare(key, NewsFeed(most=0), NewsFeed(most=1)) for key in ("authors", "value"))
    text = f"share of different authors {difference_text(authors, 4)}, value {difference_text(value, 4)}"
    return Verdict(authors.low > 0 and value.low > -0.03, text)
