"""Three ways to turn the links into a vector a person, and a graph network that learns one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.features import SMALL_GROUP, Groups
from core.metrics.maths import sigmoid, unit

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

OVERSAMPLING, POWER_ROUNDS = 8, 1  # of the factorisation (Halko et al. 2011, algorithm 4.4); a round is two products
WINDOW_CAP = 50  # people with more links are not walked through in the two-step window: 1.4 M entries instead of 15 M
WALKS, WALK_LENGTH, WALK_WINDOW = 2, 8, 3
BPR_STEPS, BPR_PAIRS, BPR_RATE, BPR_START = 10, 20_000, 0.06, 0.1


@dataclass(frozen=True)
class Embedding:
    """A way to make vectors (n_people, dim): `make(links, n_people, dim, layers, negatives, learnt_from, seed)`."""

    label: str
    make: Callable[..., np.ndarray]


def embed(
    graph: Graph, groups: Groups, kind: str, dim: int, layers: int, negatives: str, profile: float, seed: int,
    learnt_from: float = 1.0,
) -> np.ndarray:  # fmt: skip
    """Vectors (n, dim) float32 of unit length; zero without a link. With a profile, domains are nodes too."""
    links = with_domains(graph, groups, profile) if profile else graph.matrix().astype(np.float32)
    vectors = EMBEDDINGS[kind].make(links, graph.n, dim, layers, negatives, learnt_from, seed)[: graph.n]
    return np.where(graph.degree[:, None] > 0, unit(vectors), 0).astype(np.float32)


def with_domains(graph: Graph, groups: Groups, weight: float) -> csr_matrix:
    """The links with a node more for each small domain, joined to its people by links of that weight."""
    from scipy.sparse import coo_matrix

    size = groups.domain_size[groups.domain]
    people = np.flatnonzero((graph.degree > 0) & (groups.domain > 0) & (size > 1) & (size <= SMALL_GROUP))
    nodes = graph.n + groups.domain[people]
    links = graph.matrix().tocoo()
    row = np.concatenate([links.row, people, nodes])
    column = np.concatenate([links.col, nodes, people])
    data = np.concatenate([links.data, np.full(2 * len(people), weight)]).astype(np.float32)
    n = graph.n + len(groups.domain_size)
    return coo_matrix((data, (row, column)), shape=(n, n)).tocsr()


def spectral(
    links: csr_matrix, n_people: int, dim: int, layers: int, negatives: str, learnt_from: float, seed: int
) -> np.ndarray:
    """NetMF (Qiu et al. 2018, equation 7), window 2: the log of how much more often than by chance a walk joins two."""
    from scipy.sparse import diags

    strength = _strength(links)
    step = diags((1 / strength).astype(np.float32)) @ links
    open_ = np.flatnonzero(np.diff(links.indptr) <= WINDOW_CAP)
    chance = (step + step[:, open_] @ step[open_]) / 2 @ diags((strength.sum() / strength).astype(np.float32))
    return _factorised(_logged(chance.tocsr()), dim, seed)


def walks(
    links: csr_matrix, n_people: int, dim: int, layers: int, negatives: str, learnt_from: float, seed: int
) -> np.ndarray:
    """node2vec with p = q = 1 by factorisation: walks counted in a window, as PPMI (Levy and Goldberg 2014)."""
    from scipy.sparse import coo_matrix, diags

    rng = np.random.default_rng(seed)
    seen = _walk(links, np.repeat(np.flatnonzero(np.diff(links.indptr)), WALKS), rng)
    left = np.concatenate([seen[:, :-gap].ravel() for gap in range(1, WALK_WINDOW + 1)])
    right = np.concatenate([seen[:, gap:].ravel() for gap in range(1, WALK_WINDOW + 1)])
    counts = coo_matrix((np.ones(len(left), np.float32), (left, right)), shape=links.shape).tocsr()
    counts = counts + counts.T
    often = _strength(counts)
    turn = diags((1 / often).astype(np.float32))
    return _factorised(_logged((turn @ counts @ turn).tocsr() * np.float32(often.sum())), dim, seed)


def _walk(links: csr_matrix, starts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Random walks (n_starts, WALK_LENGTH) along the links."""
    degree, seen = np.diff(links.indptr), [starts]
    for _ in range(WALK_LENGTH - 1):
        at = seen[-1]
        seen.append(links.indices[links.indptr[at] + (rng.random(len(at)) * degree[at]).astype(np.int64)])
    return np.column_stack(seen)


def convolved(
    links: csr_matrix, n_people: int, dim: int, layers: int, negatives: str, learnt_from: float, seed: int
) -> np.ndarray:
    """SGC (Wu et al. 2019) over random features: each layer is a mean over a person and friends, nothing is learnt."""
    from scipy.sparse import eye

    step = _normalised(links + eye(links.shape[0], dtype=np.float32, format="csr"))
    vectors = np.random.default_rng(seed).standard_normal((links.shape[0], dim), np.float32)
    for _ in range(layers):
        vectors = step @ vectors
    return vectors


def lightgcn(
    links: csr_matrix, n_people: int, dim: int, layers: int, negatives: str, learnt_from: float, seed: int
) -> np.ndarray:
    """LightGCN (He et al. 2020): vectors learnt so that friends come before strangers, averaged over the layers.

    The layers pass messages along all links; the loss knows only a `learnt_from` share of them.
    """
    rng = np.random.default_rng(seed)
    step, (people, friends) = _normalised(links), taught_links(links, n_people, learnt_from, seed)
    free = BPR_START * rng.standard_normal((links.shape[0], dim), np.float32)
    first, second = np.zeros_like(free), np.zeros_like(free)
    for t in range(1, BPR_STEPS + 1):
        drawn = rng.integers(0, len(people), BPR_PAIRS)
        mine, friend = people[drawn], friends[drawn]
        stranger = _strangers(links, mine, n_people, negatives, rng)
        slope = _averaged(step, _bpr_slope(_averaged(step, free, layers), mine, friend, stranger), layers)
        first += 0.1 * (slope - first)  # Adam (Kingma and Ba 2015) with a shorter memory of squares: the steps are few
        second += 0.02 * (slope * slope - second)
        free -= BPR_RATE / (1 - 0.9**t) * first / (np.sqrt(second / (1 - 0.98**t)) + 1e-8)
    return _averaged(step, free, layers)


def taught_links(links: csr_matrix, n_people: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Both ends (m,) of a uniform share of the links between people, at least one; a link comes both ways round.

    A smaller share lies within a larger.
    """
    between = links[:n_people, :n_people].tocoo()
    if share == 1:
        return between.row, between.col  # nothing to leave out, and a tenth of the training's time to find that out
    keys = np.minimum(between.row, between.col) * np.int64(n_people) + np.maximum(between.row, between.col)
    once = np.flatnonzero(between.row < between.col)
    chosen = np.random.default_rng([seed, len(once)]).permutation(once)[: int(np.ceil(share * len(once)))]
    kept = np.isin(keys, keys[chosen])
    return between.row[kept], between.col[kept]


def _strangers(
    links: csr_matrix, mine: np.ndarray, n_people: int, negatives: str, rng: np.random.Generator
) -> np.ndarray:
    """Whom each person is told to stay away from: anybody with a link, or the end of a walk of two links."""
    if negatives == "random":
        people = np.flatnonzero(np.diff(links.indptr[: n_people + 1]))
        return people[rng.integers(0, len(people), len(mine))]
    at, degree = mine, np.diff(links.indptr)
    for _ in range(2):
        at = links.indices[links.indptr[at] + (rng.random(len(at)) * degree[at]).astype(np.int64)]
    return at


def _bpr_slope(vectors: np.ndarray, mine: np.ndarray, friend: np.ndarray, stranger: np.ndarray) -> np.ndarray:
    """The gradient of -log sigmoid(me · friend - me · stranger), summed over the triples (Rendle et al. 2009)."""
    from scipy.sparse import csr_matrix

    me, away = vectors[mine], vectors[friend] - vectors[stranger]
    pull = -sigmoid(-np.einsum("pd,pd->p", me, away))[:, None].astype(np.float32)
    slopes = np.concatenate([pull * away, pull * me, -pull * me])
    rows = np.concatenate([mine, friend, stranger])
    gather = csr_matrix((np.ones(len(rows), np.float32), (rows, np.arange(len(rows)))), (len(vectors), len(rows)))
    return gather @ slopes


def _averaged(step: csr_matrix, vectors: np.ndarray, layers: int) -> np.ndarray:
    """The mean of the vectors and of what each layer makes of them; its own transpose, as `step` is symmetric."""
    total, now = vectors.copy(), vectors
    for _ in range(layers):
        now = step @ now
        total += now
    return total / np.float32(layers + 1)


def _strength(links: csr_matrix) -> np.ndarray:
    return np.maximum(np.asarray(links.sum(axis=1)).ravel(), 1e-6)


def _normalised(links: csr_matrix) -> csr_matrix:
    """Each link over the root of both ends' strengths."""
    from scipy.sparse import diags

    root = diags((1 / np.sqrt(_strength(links))).astype(np.float32))
    return (root @ links @ root).tocsr()


def _logged(chance: csr_matrix) -> csr_matrix:
    """The logarithm where it is positive."""
    chance.data = np.log(np.maximum(chance.data, 1)).astype(np.float32)
    chance.eliminate_zeros()
    return chance


def _factorised(matrix: csr_matrix, dim: int, seed: int) -> np.ndarray:
    """The strongest `dim` directions (n, dim) of a symmetric matrix, each times the root of its strength."""
    from sklearn.utils.extmath import randomized_svd

    options = dict(n_oversamples=OVERSAMPLING, n_iter=POWER_ROUNDS, power_iteration_normalizer="QR")
    directions, strength, _ = randomized_svd(matrix, dim, **options, random_state=seed)
    return directions * np.sqrt(strength)


EMBEDDINGS = {
    "spectral": Embedding("Spectral (NetMF)", spectral),
    "walks": Embedding("node2vec (random walks)", walks),
    "sgc": Embedding("SGC (untrained GNN)", convolved),
    "lightgcn": Embedding("LightGCN (trained GNN)", lightgcn),
}


def with_vector(vectors: np.ndarray) -> np.ndarray:
    """People who had a link when the vectors were made, in rising order; the others' are zero."""
    return np.flatnonzero(vectors.any(axis=1))
