"""Suggestions made ahead: for whom, the store and the lists that they are read from, and what the job costs."""

from __future__ import annotations

import numpy as np

from core.cases.people_you_may_know.data.graph import Graph
from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.features import path_counts
from core.cases.people_you_may_know.model.scorers import last_days
from core.cases.people_you_may_know.serve.ranking import K, Suggested
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

EMPTY_STORE_BYTES = 3 * 4_096  # SQLite pages for the schema, for what describes the store and for the root of its rows


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


def known_share(world: World, stored: SnapshotReader) -> float:
    """The share of users whose suggestions are stored."""
    return float(stored.get_many(world.users)[1].mean())


def work_share(world: World, graph: Graph, chosen: np.ndarray, hub_cap: int, walking: bool) -> float:
    """How many times the work of the users in the store the whole job is: by links walked, else by people."""
    work = path_counts(graph, hub_cap) + 1 if walking else np.ones(graph.n)
    done = work[world.users][chosen[world.users]].sum()
    return float(work[chosen].sum() / max(done, 1))
