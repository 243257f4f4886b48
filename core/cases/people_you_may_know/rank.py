"""What puts candidates in order: counts of shared friends, vectors, or boosted trees over counts and the profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.people_you_may_know.walk import Groups, Walked, alike, introducers, linked, two_hops
from core.cases.people_you_may_know.world import Graph, World, graph_of

LEARN_USERS = 1_200
LEARN_STRANGERS = 20  # a person
HELD_BACK = 0.15  # share of links that training learns to foresee when they are not split by time
TREES, LEAVES, RATE = 30, 15, 0.1
FEATURE_WEIGHTINGS = ("one", "log", "inverse", "recent")


@dataclass(frozen=True)
class Ranker:
    """Boosted trees over the features of a pair; `uses_profile` says whether they look at it."""

    trees: Any
    uses_profile: bool
    nbytes: int


@dataclass(frozen=True)
class Scoring:
    """What scores are made from at one moment; `last_day` (n,) is each person's latest link."""

    graph: Graph
    groups: Groups
    vectors: np.ndarray | None
    ranker: Ranker | None
    degree: np.ndarray
    last_day: np.ndarray
    norm: np.ndarray  # (n,) what each person's friends that may introduce count, squared


@dataclass(frozen=True)
class Pairs:
    """Pairs of people (p,) with the sums over their shared friends (p, k) and the first one's total (p, k)."""

    one: np.ndarray
    other: np.ndarray
    sums: np.ndarray
    total: np.ndarray


def scoring(
    graph: Graph, groups: Groups, vectors: np.ndarray | None, ranker: Ranker | None, hub_cap: int, half_life: int
) -> Scoring:
    """What the scorers need to know of a graph."""
    counted = graph.fading(half_life) ** 2 * introducers(graph, hub_cap)[graph.friends]
    return Scoring(graph, groups, vectors, ranker, graph.degree, last_days(graph), _by_person(np.add, counted, graph))


def last_days(graph: Graph) -> np.ndarray:
    """The day of each person's latest link (n,), 0 without one."""
    return _by_person(np.maximum, graph.day, graph)


def _by_person(combine: np.ufunc, values: np.ndarray, graph: Graph) -> np.ndarray:
    return combine.reduceat(np.append(values, 0), graph.indptr[:-1]) * (graph.degree > 0)


# -- the scorers -----------------------------------------------------------------------------------------------------


def popularity(pairs: Pairs, at: Scoring) -> np.ndarray:
    """How many links the other has, as a logarithm from 0 to 1."""
    return np.log1p(at.degree[pairs.other]) / np.log1p(at.degree.max())


def shared(pairs: Pairs, at: Scoring) -> np.ndarray:
    """The share of one's friends, weighted, that the other knows too."""
    return pairs.sums[:, 0] / np.maximum(pairs.total[:, 0], 1e-30)


def jaccard(pairs: Pairs, at: Scoring) -> np.ndarray:
    """Shared friends over the friends of either; for links that fade, its generalisation by Tanimoto."""
    either = at.norm[pairs.one] + at.norm[pairs.other] - pairs.sums[:, 0]
    return pairs.sums[:, 0] / np.maximum(either, 1e-30)


def cosine(pairs: Pairs, at: Scoring) -> np.ndarray:
    """How near the two vectors are."""
    return np.einsum("pd,pd->p", at.vectors[pairs.one], at.vectors[pairs.other], dtype=np.float64)


def learnt(pairs: Pairs, at: Scoring) -> np.ndarray:
    """The probability of a link by the trees."""
    return at.ranker.trees.predict_proba(features(pairs, at, at.ranker.uses_profile))[:, 1]


@dataclass(frozen=True)
class Scorer:
    """A way to score pairs (p,), and the weightings of shared friends that it reads."""

    label: str
    of: Callable[[Pairs, Scoring], np.ndarray]
    weightings: tuple[str, ...] = ("one",)


SCORERS = {
    "popularity": Scorer("Number of links", popularity),
    "common": Scorer("Common neighbours", shared),
    "jaccard": Scorer("Jaccard", jaccard),
    "adamic_adar": Scorer("Adamic-Adar", shared, ("log",)),
    "resource": Scorer("Resource allocation", shared, ("inverse",)),
    "embedding": Scorer("Nearness of vectors", cosine),
    "gbdt": Scorer("Boosted trees on all of it", learnt, FEATURE_WEIGHTINGS),
}


def score(pairs: Pairs, at: Scoring, scorer: str, profile: float) -> np.ndarray:
    """Scores (p,) float32 with the profile's share added; rounding to float32 makes equal sums equal in any order."""
    scores = SCORERS[scorer].of(pairs, at)
    if profile and scorer != "gbdt":
        scores = scores + profile * alike(at.groups, pairs.one, pairs.other).sum(axis=1)
    return scores.astype(np.float32)


def features(pairs: Pairs, at: Scoring, profile: bool) -> np.ndarray:
    """What the trees look at (p, 8 or 10): shared friends four ways, both numbers of links, recency and the profile."""
    columns = [
        *pairs.sums.T,
        jaccard(pairs, at),
        at.degree[pairs.one],
        at.degree[pairs.other],
        at.graph.now - at.last_day[pairs.other],
        *(alike(at.groups, pairs.one, pairs.other).T if profile else ()),
    ]
    return np.column_stack(columns).astype(np.float32)


# -- learning --------------------------------------------------------------------------------------------------------


def learn(
    world: World, groups: Groups, age: float, negatives: str, profile: bool, hub_cap: int, seed: int,
    learnt_from: float = 1.0,
) -> Ranker:  # fmt: skip
    """Trees that tell links made before the moment `age` days ago from pairs that stayed strangers.

    They see the graph as it was when those links were still to come, and a `learnt_from` share of links and of
    strangers. Raises ValueError when nothing can be learnt.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(seed)
    then, new = _lesson(world, age, rng)
    row, other, right, users = _examples(then, new, negatives, rng)
    kept = kept_pairs(right, learnt_from, seed)
    row, other, right = row[kept], other[kept], right[kept]
    walked = two_hops(then, users, FEATURE_WEIGHTINGS, hub_cap, 0)
    at = scoring(then, groups, None, None, hub_cap, 0)
    pairs = Pairs(users[row], other, walked.of(row, other), walked.total[row])
    trees = HistGradientBoostingClassifier(
        max_iter=TREES, max_leaf_nodes=LEAVES, learning_rate=RATE, early_stopping=False, random_state=seed
    )
    trees.fit(features(pairs, at, profile), right)
    return Ranker(trees, profile, sum(tree.nodes.nbytes for each in trees._predictors for tree in each))


def kept_pairs(right: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Positions (m,), rising, of a uniform share of the links and of the strangers among examples (p,), so that their
    odds stay; at least one of each, and a smaller share lies within a larger.
    """
    rng = np.random.default_rng([seed, len(right)])
    parts = [rng.permutation(np.flatnonzero(kind)) for kind in (right, ~right)]
    return np.sort(np.concatenate([part[: int(np.ceil(share * len(part)))] for part in parts]))


def _lesson(world: World, age: float, rng: np.random.Generator) -> tuple[Graph, np.ndarray]:
    """A graph of the past, and the links (m, 2) between its people that came after it."""
    seen = world.day < world.today - age if age else np.ones(len(world.day), bool)
    if world.shuffled:
        old = seen & (rng.random(len(seen)) >= HELD_BACK)
    else:
        old = seen & (world.day < world.today - age - world.before)
    then = graph_of(world.n, world.pairs[old], world.day[old], int(world.today - age - world.before))
    new = world.pairs[seen & ~old]
    new = new[(then.degree[new] > 0).all(axis=1)]
    if not len(new):
        raise ValueError("no link of the past is known to learn from: serve online, or choose another scorer")
    return then, new


def _examples(
    then: Graph, new: np.ndarray, negatives: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Row of users, other person and label of each example, and the users: those who made a link.

    Against friends of friends, only links to friends of friends are examples: else "no shared friend" would look good.
    """
    ends = np.concatenate([new, new[:, ::-1]])
    users = np.sort(rng.permutation(np.unique(ends[:, 0]))[:LEARN_USERS])
    ends = ends[np.isin(ends[:, 0], users)]
    row, other = np.searchsorted(users, ends[:, 0]), ends[:, 1]
    n = np.int64(then.n)
    if negatives == "random":
        strange_row = np.repeat(np.arange(len(users)), LEARN_STRANGERS)
        stranger = rng.choice(np.flatnonzero(then.degree), len(strange_row))
    else:
        walked = two_hops(then, users, ("one",), int(n), 0)
        within = walked.of(row, other)[:, 0] > 0
        row, other = row[within], other[within]
        order = rng.permutation(len(walked.ids))[: 2 * LEARN_STRANGERS * len(users)]
        strange_row, stranger = walked.rows()[order], walked.ids[order]
    strange = ~np.isin(strange_row * n + stranger, row * n + other) & ~linked(then, users, strange_row, stranger)
    right = np.concatenate([np.ones(len(row), bool), np.zeros(int(strange.sum()), bool)])
    if not right.any() or right.all():
        raise ValueError("training needs both links and strangers: rewire fewer links, or choose another scorer")
    return np.append(row, strange_row[strange]), np.append(other, stranger[strange]), right, users


def pairs_of(walked: Walked | None, users: np.ndarray, row: np.ndarray, other: np.ndarray) -> Pairs:
    """Pairs of a row of users and a person, with their sums where somebody has walked."""
    if walked is None:
        nothing = np.zeros((len(row), 1))
        return Pairs(users[row], other, nothing, nothing)
    return Pairs(users[row], other, walked.of(row, other), walked.total[row])
