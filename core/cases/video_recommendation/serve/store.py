"""Batch and hybrid: what the last refresh computed, stored under the person, and for strangers once an era."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import numpy as np

from core.cases.video_recommendation.data import World
from core.cases.video_recommendation.serve.answer import requests_of
from core.cases.video_recommendation.serve.funnel import Candidates, collected
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def write_store(listed: Candidates, then: World, name: str) -> SnapshotReader:
    """The batch job: ids and scores (q, k) of all the refresh knew, and in each era a row for strangers."""
    known = np.array([len(requests.liked[j]) > 0 for _, j, requests in requests_of(then)])
    keys = np.append(np.flatnonzero(known), [-1 - e for e, _ in enumerate(then.eras)])
    rows = np.append(np.flatnonzero(known), strangers(then))
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (keys, listed.ids[rows], listed.scores[rows]))


def strangers(then: World) -> list[int]:
    """A request of each era by somebody without likes, whose list strangers get; the era's first if none is."""
    starts = list(accumulate((len(era.requests) for era in then.eras), initial=0))
    return [
        starts[e] + next((j for j, liked in enumerate(era.requests.liked) if not len(liked)), 0)
        for e, era in enumerate(then.eras)
    ]


def known_share(store: SnapshotReader, world: World) -> float:
    """The share of requests by somebody the store knows; the others get the list for strangers."""
    return (store.rows - len(world.eras)) / len(requests_of(world))


def reading(store: SnapshotReader, world: World) -> Callable[[int], tuple[np.ndarray, np.ndarray]]:
    """A function from a request to what is stored for it and was not seen since, with scores."""
    order = requests_of(world)

    def read(i: int) -> tuple[np.ndarray, np.ndarray]:
        e, j, requests = order[i]
        key, ids = i, store.get(i)
        if ids is None:
            key, ids = -1 - e, store.get(-1 - e)
        left = (ids >= 0) & ~np.isin(ids, requests.seen[j])
        return ids[left], store.get_scores(key)[left]

    return read


def from_store(store: SnapshotReader, world: World, width: int) -> Candidates:
    """What is stored for each request and was not seen since: batch shows the first ten, hybrid ranks all of it."""
    read = reading(store, world)
    return collected([read(i) for i in range(len(requests_of(world)))], width)
