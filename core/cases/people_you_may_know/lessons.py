"""What people you may know teaches about scorers, strangers, candidates and networks, each with its runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.compare import (
    DEFAULT,
    DRAWN,
    NETWORK,
    PLAIN,
    TREES,
    UNTRAINED,
    against,
    few_links,
    pooled,
    told,
)  # fmt: skip
from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow
from core.cases.people_you_may_know.pipeline import with_vector
from core.cases.people_you_may_know.rank import SCORERS
from core.cases.people_you_may_know.run import stages
from core.cases.people_you_may_know.walk import path_counts
from core.cases.people_you_may_know.world import graph_of
from core.contract.check import Verdict


def weighing_friends(seed: int) -> Verdict:
    """Adamic-Adar and resource allocation against counting shared friends."""
    base = replace(PLAIN, scorer="common")
    found = [against(base, replace(PLAIN, scorer=name), seed) for name in ("adamic_adar", "resource")]
    return Verdict(all(d.low > 0 for d in found), f"Adamic-Adar {told(found[0])}, resource {told(found[1])}")


def weighing_without_hubs(seed: int) -> Verdict:
    """The same on drawn people, with hubs and where all have about the same number of links."""
    found = [
        against(replace(DRAWN, hubs=hubs, scorer="common"), replace(DRAWN, hubs=hubs, scorer=name), seed)
        for hubs in (0.03, 0.0)
        for name in ("adamic_adar", "resource")
    ]
    holds = all(d.low > 0 for d in found[:2]) and not any(d.distinguishable for d in found[2:])
    return Verdict(holds, f"Adamic-Adar with hubs {told(found[0])}, without {told(found[2])}; "
                          f"resource {told(found[1])}, {told(found[3])}")  # fmt: skip


def strangers_flatter(seed: int) -> Verdict:
    """Every scorer's AUC against random people and against friends of friends."""
    found = {name: aucs(replace(PLAIN, scorer=name), seed) for name in SCORERS}
    falls = [easy - hard for easy, hard in found.values()]
    texts = [f"{name} {easy:.3f} → {hard:.3f}" for name, (easy, hard) in found.items()]
    return Verdict(min(falls) > 0.1, "AUC " + ", ".join(texts))


def aucs(design: PeopleYouMayKnow, seed: int) -> tuple[float, float]:
    """Mean AUC against random people and against friends of friends."""
    quality = stages(design, seed).quality.value
    return quality["auc_random"].value, quality["auc_near"].value


def order_changes(seed: int) -> Verdict:
    """Trees against resource allocation: how far they are ahead depends on the strangers."""
    counted, trees = replace(PLAIN, scorer="resource"), replace(PLAIN, scorer="gbdt")
    easy, hard = (against(counted, trees, seed, key) for key in ("auc_random", "auc_near"))
    numbers = f"trees less resource allocation: AUC {told(easy)} among random people, {told(hard)} two hops away"
    return Verdict(hard.low > 0 and not easy.low > 0, numbers)


def easy_lessons(seed: int) -> Verdict:
    """Trees that learnt from random strangers against trees that learnt from friends of friends."""
    hard = replace(DEFAULT, scorer="gbdt", negatives="two_hop")
    easy = replace(hard, negatives="random")
    looks, finds = against(hard, easy, seed, "auc_random"), against(hard, easy, seed)
    numbers = f"taught on random people: AUC among random people {told(looks)}, recall@10 {told(finds)}"
    return Verdict(looks.low > 0 and not finds.low > 0, numbers)


def more_pairs(seed: int) -> Verdict:
    """Trees from a tenth, a half and all of the pairs."""
    tenth, half = (replace(TREES, learnt_from=share) for share in (0.1, 0.5))
    whole, first, last = pooled(tenth, TREES, seed), pooled(tenth, half, seed), pooled(half, TREES, seed)
    numbers = f"recall@10 {told(whole)} from ten times the pairs, of which the last doubling {told(last)}"
    return Verdict(whole.low > 0 and last.mean < first.mean, numbers)


def more_links_for_network(seed: int) -> Verdict:
    """The trained network from a tenth and from all of the links, friends of friends as candidates."""
    d = pooled(replace(NETWORK, learnt_from=0.1), NETWORK, seed)
    return Verdict(d.high < 0.01, f"recall@10 {told(d)} from ten times the links")


def paths_square(seed: int) -> Verdict:
    """Links walked where a random half of all links is there: about a quarter."""
    world = stages(DEFAULT, seed).world.value
    half = np.random.default_rng(seed).random(len(world.pairs)) < 0.5
    whole, thin = (path_counts(graph_of(world.n, world.pairs[kept], world.day[kept], world.today), NO_CAP).sum()
                   for kept in (np.ones(len(half), bool), half))  # fmt: skip
    share = thin / whole
    return Verdict(abs(share - 0.25) < 0.03, f"{whole:,} walks of two links with all, {share:.3f} of them with half")


def hubs_cost(seed: int) -> Verdict:
    """Links walked and recall with hubs closed at 50 links against open ones."""
    capped, free = (stages(replace(DEFAULT, hub_cap=cap), seed) for cap in (50, NO_CAP))
    work = capped.now.walked.value.paths.sum() / free.now.walked.value.paths.sum()
    recall = capped.quality.value["recall@10"].value / free.quality.value["recall@10"].value
    return Verdict(work < 0.5 and recall > 0.85, f"{work:.0%} of the links walked, {recall:.0%} of the recall@10")


def counting_rivals_network(seed: int) -> Verdict:
    """Adamic-Adar against the trained network's vectors, on both real graphs and with either's candidates."""
    found = [
        against(replace(NETWORK, graph=graph, candidates=candidates), replace(DEFAULT, graph=graph), seed)
        for graph, candidates in (("trust", "fof"), ("trust", "ann"), ("coauthors", "fof"))
    ]
    names = ("trust, same candidates", "trust, its own", "co-authors")
    return Verdict(
        all(d.low > 0 for d in found), "; ".join(f"{n} {told(d)}" for n, d in zip(names, found, strict=True))
    )


def profile_helps_new(seed: int) -> Verdict:
    """For people with few links: counting with the profile, and trees with it, against counting alone."""
    few = few_links(seed)
    counted = against(DEFAULT, replace(DEFAULT, profile=0.3), seed, users=few)
    trees = replace(DEFAULT, scorer="gbdt", negatives="two_hop", profile=0.3)
    learnt = against(DEFAULT, trees, seed, users=few)
    numbers = f"{few.sum()} people: Adamic-Adar with profile {told(counted)}, trees with profile {told(learnt)}"
    return Verdict(counted.low > 0 and learnt.low > 0, numbers)


def profile_says_nothing(seed: int) -> Verdict:
    """The same where profiles were dealt out again at random."""
    blank = replace(DEFAULT, homophily=0.0)
    few = few_links(seed, blank)
    d = against(blank, replace(blank, profile=0.3), seed, users=few)
    everybody = against(blank, replace(blank, profile=0.3), seed)
    return Verdict(not d.low > 0 and not everybody.low > 0, f"people with few links {told(d)}, all {told(everybody)}")


def second_layer(seed: int) -> Verdict:
    """One and two layers of both networks."""
    trained = replace(NETWORK, candidates="ann")
    found = [against(replace(net, layers=1), replace(net, layers=2), seed) for net in (trained, UNTRAINED)]
    return Verdict(all(d.low > 0 for d in found), f"LightGCN {told(found[0])}, SGC {told(found[1])}")


def smoothing(seed: int) -> Verdict:
    """Four against sixteen layers: how alike strangers look, and what is suggested."""
    alike = [strangers_cosine(replace(UNTRAINED, layers=layers), seed) for layers in (4, 16)]
    d = against(replace(UNTRAINED, layers=4), replace(UNTRAINED, layers=16), seed)
    numbers = f"mean cosine of random pairs {alike[0]:.3f} → {alike[1]:.3f}, recall@10 {told(d)}"
    return Verdict(alike[1] > alike[0] and not d.low > 0, numbers)


def deep_hurts(seed: int) -> Verdict:
    """Whether sixteen layers suggest worse than four by more than chance."""
    d = against(replace(UNTRAINED, layers=4), replace(UNTRAINED, layers=16), seed)
    return Verdict(d.high < 0, f"sixteen against four layers: recall@10 {told(d)}")


def strangers_cosine(design: PeopleYouMayKnow, seed: int) -> float:
    """Mean cosine of 20,000 random pairs of people with links."""
    vectors = stages(design, seed).now.vectors.value
    people = with_vector(vectors)
    one, other = np.random.default_rng(seed).choice(people, (2, 20_000))
    return float(np.einsum("pd,pd->p", vectors[one], vectors[other]).mean())
