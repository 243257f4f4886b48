"""The pipeline of people you may know, each stage a plain function: links → vectors, walks → candidates → ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.people_you_may_know.rank import SCORERS, Ranker, last_days, pairs_of, score, scoring
from core.cases.people_you_may_know.walk import Groups, Walked, linked, path_counts, two_hops
from core.cases.people_you_may_know.world import Graph, World
from core.contract.case import Estimate, estimate
from core.metrics import mrr_at_k, recall_at_k
from core.stages.index import BuiltIndex, build_index, search
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 10
NEAREST = 200  # vectors taken from the index; a good part of them are friends already
BEST_CONNECTED = 200  # people whom the "popular" source proposes to everybody
RANKED_BY_TREES = 50  # candidates that the trees put in order, those with the best Adamic-Adar sums
EMPTY_STORE_BYTES = 3 * 4_096  # SQLite pages for the schema, for what describes the store and for the root of its rows


@dataclass(frozen=True)
class Found:
    """Candidates of every user: `row` (p,) of the users and person `ids` (p,), rows and ids rising.

    `n_distances` (n_users,) counts the vectors each user's vector was compared with.
    """

    row: np.ndarray
    ids: np.ndarray
    n_distances: np.ndarray


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


def nothing() -> None:
    """What a stage that the design does without hands on."""


def index_people(vectors: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the vectors of the people who have one."""
    return build_index(vectors[with_vector(vectors)], kind=kind, seed=seed)


def with_vector(vectors: np.ndarray) -> np.ndarray:
    """People who had a link when the vectors were made, in rising order; the others' are zero."""
    return np.flatnonzero(vectors.any(axis=1))


def walk_links(world: World, graph: Graph, scorer: str, hub_cap: int, half_life: int) -> Walked:
    """From every user to the friends of friends, summing up what the scorer reads."""
    return two_hops(graph, world.users, SCORERS[scorer].weightings, hub_cap, half_life)


def find_candidates(
    world: World, graph: Graph, groups: Groups, walked: Walked | None, vectors: np.ndarray | None,
    index: BuiltIndex | None, candidates: str, effort: int, profile: float,
) -> Found:  # fmt: skip
    """Everybody who is considered for each user: nobody linked already, and not themselves."""
    rows, ids, n_distances = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], np.zeros(len(world.users))
    if candidates == "popular":
        best = best_connected(graph, BEST_CONNECTED)
        rows.append(np.repeat(np.arange(len(world.users)), len(best)))
        ids.append(np.tile(best, len(world.users)))
    if candidates in ("fof", "fof_ann"):
        rows.append(walked.rows())
        ids.append(walked.ids)
    if index is not None:
        people = with_vector(vectors)
        here = np.flatnonzero(np.isin(world.users, people))
        near = search(index, vectors[world.users[here]], k=NEAREST, effort=effort)
        got = near.ids >= 0
        rows.append(np.repeat(here, got.sum(axis=1)))
        ids.append(people[near.ids[got]])
        n_distances[here] = near.n_distances
    if profile:
        same = [groups.members(domain) for domain in world.domain[world.users]]
        rows.append(np.repeat(np.arange(len(same)), [len(each) for each in same]))
        ids.append(np.concatenate(same))
    keys = np.sort(np.concatenate(rows) * np.int64(world.n) + np.concatenate(ids))
    keys = keys[np.append(True, keys[1:] != keys[:-1])[: len(keys)]]
    row, ids = keys // world.n, keys % world.n
    new = ~linked(graph, world.users, row, ids)
    return Found(row[new].astype(np.int32), ids[new].astype(np.int32), n_distances)


def best_connected(graph: Graph, k: int) -> np.ndarray:
    """The k people with the most links, ties by number."""
    return np.argsort(-graph.degree, kind="stable")[:k]


def score_and_choose(
    world: World, graph: Graph, groups: Groups, walked: Walked | None, vectors: np.ndarray | None,
    ranker: Ranker | None, found: Found, scorer: str, profile: float, hub_cap: int, half_life: int,
) -> Suggested:  # fmt: skip
    """Score the candidates, keep the ten best, and see how well future links are told from strangers."""
    at = scoring(graph, groups, vectors, ranker, hub_cap, half_life)
    row, ids = found.row, found.ids
    if scorer == "gbdt":
        sums = walked.of(row, ids)[:, 1]
        kept = _best(row, ids, sums, RANKED_BY_TREES)
        row, ids = row[kept], ids[kept]
    scores = score(pairs_of(walked, world.users, row, ids), at, scorer, profile)
    judged = np.column_stack([world.positive, world.strangers, world.near])
    of_judged = pairs_of(walked, world.users, np.repeat(world.judged, judged.shape[1]), judged.ravel())
    told = score(of_judged, at, scorer, profile).reshape(judged.shape)
    half = 1 + world.strangers.shape[1]
    return Suggested(
        _table(row, ids, scores, len(world.users)),
        _reached(world, found),
        np.bincount(found.row, minlength=len(world.users)),
        auc(told[:, :1], told[:, 1:half]),
        auc(told[:, :1], told[:, half:]),
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


def _reached(world: World, found: Found) -> np.ndarray:
    """The share of each user's future links that is among the candidates."""
    n_future = np.diff(world.future_ptr)
    row = np.repeat(np.arange(len(n_future)), n_future)
    keys, asked = found.row * np.int64(world.n) + found.ids, row * np.int64(world.n) + world.future_ids
    hit = np.append(keys, -1)[np.searchsorted(keys, asked)] == asked
    return np.bincount(row, weights=hit, minlength=len(n_future)) / n_future


# -- serving ---------------------------------------------------------------------------------------------------------


def active_people(graph: Graph, share: float) -> np.ndarray:
    """Who (n,) gets suggestions ahead: the share of people whose latest link is newest, ties by number."""
    known = np.flatnonzero(graph.degree)
    newest = known[np.argsort(-last_days(graph)[known], kind="stable")]
    chosen = np.zeros(graph.n, bool)
    chosen[newest[: int(np.ceil(share * len(known)))]] = True
    return chosen


def precompute(world: World, suggested: Suggested, chosen: np.ndarray, name: str) -> SnapshotReader:
    """The batch job: suggestions of the users chosen, in a store read by person."""
    rows = np.flatnonzero(chosen[world.users])
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (world.users[rows], suggested.ids[rows], None))


def country_lists(world: World, graph: Graph) -> np.ndarray:
    """The ten best connected people of each top-level domain (n_tlds, K): what costs next to nothing to keep."""
    lists = np.full((len(world.tld_names), K), -1, np.int64)
    for tld in range(len(lists)):
        people = np.flatnonzero((world.tld == tld) & (graph.degree > 0))
        best = people[np.argsort(-graph.degree[people], kind="stable")[:K]]
        lists[tld, : len(best)] = best
    return lists


def answers(suggested: Suggested) -> np.ndarray:
    """Online serving: what was computed now (n_users, K)."""
    return suggested.ids


def country_answers(world: World, lists: np.ndarray) -> np.ndarray:
    """The list of each user's country (n_users, K)."""
    return lists[world.tld[world.users]]


def from_store(world: World, stored: SnapshotReader, otherwise: np.ndarray | None = None) -> np.ndarray:
    """What the store holds for each user (n_users, K), else the row of `otherwise`, else nobody."""
    ids, hit = stored.get_many(world.users)
    return ids if otherwise is None else np.where(hit[:, None], ids, otherwise)


def work_share(world: World, graph: Graph, chosen: np.ndarray, hub_cap: int, walking: bool) -> float:
    """How many times the work of the users in the store the whole job is: by links walked, else by people."""
    work = path_counts(graph, hub_cap) + 1 if walking else np.ones(graph.n)
    done = work[world.users][chosen[world.users]].sum()
    return float(work[chosen].sum() / max(done, 1))


def grade(world: World, ids: np.ndarray, suggested: Suggested, seed: int) -> dict[str, Estimate]:
    """Every quality of what was served, ids (n_users, K), each with the value of every user."""
    relevant = [world.future_ids[a:b] for a, b in zip(world.future_ptr[:-1], world.future_ptr[1:], strict=True)]
    graded = {
        "recall@10": recall_at_k(ids, relevant, K),
        "hit@10": (recall_at_k(ids, relevant, K) > 0).astype(float),
        "mrr@10": mrr_at_k(ids, relevant, K),
        "reach": suggested.reached,
    }
    if len(world.judged) > 1:  # rewired or tiny worlds may have nobody with a future link two hops away
        graded |= {"auc_random": suggested.auc_random, "auc_near": suggested.auc_near}
    return {name: estimate(per_query, seed) for name, per_query in graded.items()}
