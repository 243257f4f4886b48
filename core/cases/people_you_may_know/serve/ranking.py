"""From candidates to the ten best, and how well future links are told from strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.features import Groups, Walked
from core.cases.people_you_may_know.model.scorers import Ranker, pairs_of, score, scoring
from core.cases.people_you_may_know.serve.candidates import Found

K = 10
RANKED_BY_TREES = 50  # candidates that the trees put in order, those with the best Adamic-Adar sums


@dataclass(frozen=True)
class Suggested:
    """Ten people for each user, ids (n_users, K) with -1 for nobody, and how well the candidates were told apart.

    `reached` (n_users,) is the share of a user's future links among the candidates, `n_candidates` their number;
    `auc_random` and `auc_near` (q,) how often a future link outscores a stranger of each kind.
    """

    ids: np.ndarray
    reached: np.ndarray
    n_candidates: np.ndarray
    auc_random: np.ndarray
    auc_near: np.ndarray


def score_and_choose(
    world: World, graph: Graph, groups: Groups, walked: Walked | None, vectors: np.ndarray | None,
    ranker: Ranker | None, near: Found, scorer: str, profile: float, hub_cap: int, half_life: int,
) -> Suggested:  # fmt: skip
    """Score the candidates, keep the ten best, and see how well future links are told from strangers."""
    at = scoring(graph, groups, vectors, ranker, hub_cap, half_life)
    row, ids = near.row, near.ids
    if scorer == "gbdt":
        sums = walked.of(row, ids)[:, 1]
        kept = _best(row, ids, sums, RANKED_BY_TREES)
        row, ids = row[kept], ids[kept]
    scores = score(pairs_of(walked, world.users, row, ids), at, scorer, profile)
    judged = np.column_stack([world.positive, world.strangers, world.near])
    of_judged = pairs_of(walked, world.users, np.repeat(world.judged, judged.shape[1]), judged.ravel())
    scores_judged = score(of_judged, at, scorer, profile).reshape(judged.shape)
    half = 1 + world.strangers.shape[1]
    return Suggested(
        _table(row, ids, scores, len(world.users)),
        _reached(world, near),
        np.bincount(near.row, minlength=len(world.users)),
        auc(scores_judged[:, :1], scores_judged[:, 1:half]),
        auc(scores_judged[:, :1], scores_judged[:, half:]),
    )


def auc(right: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """How often (q,) the right one (q, 1) scores above the wrong ones (q, n); a tie counts half."""
    return ((right > wrong) + 0.5 * (right == wrong)).mean(axis=1)


def _best(row: np.ndarray, ids: np.ndarray, scores: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k best of each row, best first, ties by number; rows come in rising order and stay so."""
    bounds = np.flatnonzero(np.diff(row, prepend=-1, append=np.iinfo(row.dtype).max))
    among = np.ones(len(row), bool)
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if stop - start > k:  # a full sort of all candidates would cost as much as finding them
            part = scores[start:stop]
            among[start:stop] = part >= np.partition(part, stop - start - k)[stop - start - k]
    at = np.flatnonzero(among)
    order = at[np.lexsort((ids[at], -scores[at], row[at]))]
    rank = np.arange(len(order)) - np.searchsorted(row[order], row[order])
    return order[rank < k]


def _table(row: np.ndarray, ids: np.ndarray, scores: np.ndarray, n_rows: int) -> np.ndarray:
    kept = _best(row, ids, scores, K)
    rank = np.arange(len(kept)) - np.searchsorted(row[kept], row[kept])
    table = np.full((n_rows, K), -1, np.int64)
    table[row[kept], rank] = ids[kept]
    return table


def _reached(world: World, near: Found) -> np.ndarray:
    """The share of each user's future links that is among the candidates."""
    n_future = np.diff(world.future_ptr)
    row = np.repeat(np.arange(len(n_future)), n_future)
    keys, future = near.row * np.int64(world.n) + near.ids, row * np.int64(world.n) + world.future_ids
    hit = np.append(keys, -1)[np.searchsorted(keys, future)] == future
    return np.bincount(row, weights=hit, minlength=len(n_future)) / n_future
