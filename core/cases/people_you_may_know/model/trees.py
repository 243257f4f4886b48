"""Boosted trees that learn from the links of the past which pairs of people will be linked."""

from __future__ import annotations

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph, graph_of
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.features import Groups, linked, two_hops
from core.cases.people_you_may_know.model.scorers import (
    FEATURE_WEIGHTINGS,
    Pairs,
    Ranker,
    features,
    scoring,
)
from core.stages.trees import fit_trees

LEARN_USERS = 3_000  # at most; on the web of trust all 2,600 who made a link in the year before
LEARN_STRANGERS = 20  # a person
HELD_BACK = 0.15  # share of links that training learns to foresee when they are not split by time
TREES, LEAVES, RATE = 30, 15, 0.1


def learn(
    world: World, groups: Groups, age: float, negatives: str, profile: bool, hub_cap: int, seed: int,
    learnt_from: float = 1.0,
) -> Ranker:  # fmt: skip
    """Trees that tell links made before the moment `age` days ago from pairs that stayed strangers.

    They see the graph as it was when those links were still to come, and a `learnt_from` share of links and of
    strangers. Raises ValueError when nothing can be learnt.
    """
    rng = np.random.default_rng(seed)
    then, new = _lesson(world, age, rng)
    row, other, right, users = _examples(then, new, negatives, rng)
    kept = kept_pairs(right, learnt_from, seed)
    row, other, right = row[kept], other[kept], right[kept]
    walked = two_hops(then, users, FEATURE_WEIGHTINGS, hub_cap, 0)
    at = scoring(then, groups, None, None, hub_cap, 0)
    pairs = Pairs(users[row], other, walked.of(row, other), walked.total[row])
    trees = fit_trees(features(pairs, at, profile), right, TREES, seed, num_leaves=LEAVES, learning_rate=RATE)
    return Ranker(trees, profile)


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
