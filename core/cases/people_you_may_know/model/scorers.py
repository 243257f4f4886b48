"""What puts candidates in order: counts of shared friends, vectors, or boosted trees over counts and the profile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.features import Groups, Walked, alike, introducers
from core.metrics.maths import sigmoid
from core.stages.trees import Trees

FEATURE_WEIGHTINGS = ("one", "log", "inverse", "recent")


@dataclass(frozen=True)
class Ranker:
    """Boosted trees over the features of a pair; `uses_profile` says whether they look at it."""

    trees: Trees
    uses_profile: bool

    @property
    def nbytes(self) -> int:
        """Bytes of the trees."""
        return self.trees.nbytes


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
    return sigmoid(at.ranker.trees.score(features(pairs, at, at.ranker.uses_profile)))


@dataclass(frozen=True)
class Scorer:
    """A way to score pairs (p,), and the weightings of shared friends that it reads."""

    label: str
    of: Callable[[Pairs, Scoring], np.ndarray]
    weightings: tuple[str, ...] = ("one",)


SCORERS = {
    "popularity": Scorer("Degree", popularity),
    "common": Scorer("Common neighbours", shared),
    "jaccard": Scorer("Jaccard", jaccard),
    "adamic_adar": Scorer("Adamic-Adar", shared, ("log",)),
    "resource": Scorer("Resource allocation", shared, ("inverse",)),
    "embedding": Scorer("Embedding similarity", cosine),
    "gbdt": Scorer("GBDT", learnt, FEATURE_WEIGHTINGS),
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


def pairs_of(walked: Walked | None, users: np.ndarray, row: np.ndarray, other: np.ndarray) -> Pairs:
    """Pairs of a row of users and a person, with their sums where somebody has walked."""
    if walked is None:
        nothing = np.zeros((len(row), 1))
        return Pairs(users[row], other, nothing, nothing)
    return Pairs(users[row], other, walked.of(row, other), walked.total[row])
