"""The stages of video recommendation: a source, an index, candidates, a ranker, a varied list, and three servings.

Whatever is trained is trained once an era; a tuple holds one of it for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np

from core.cases.video_recommendation import funnel as f
from core.cases.video_recommendation.compress import PRECISIONS
from core.cases.video_recommendation.mlp import fit_mlp
from core.cases.video_recommendation.query import QUERIES
from core.cases.video_recommendation.rank import RANKERS, FilmFacts, Ranker, film_facts, make_examples
from core.cases.video_recommendation.retrieve import (
    Retriever,
    fit_als,
    fit_bpr,
    fit_neighbours,
    fit_popularity,
    likes_table,
)
from core.cases.video_recommendation.towers import Towers, train_towers
from core.cases.video_recommendation.world import Requests, World, as_of
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex, build_index, search
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

KEPT = 30  # films stored for each person, so that ten are left when some were seen since
N_TIMED = 1_000  # single requests timed: the fewest that carry a p99
FITS: dict[str, Callable[[Any, int, int], Retriever]] = {
    "popularity": fit_popularity, "item_knn": fit_neighbours, "als": fit_als, "bpr": fit_bpr,
}  # fmt: skip
Eras = tuple[Any, ...]


def count_likes(world: World) -> Eras:
    """Each era's table of who liked what."""
    return tuple(likes_table(era.log, world.n_users, world.n_films) for era in world.eras)


def fit_source(tables: Eras, source: str, dim: int, seed: int) -> tuple[Retriever, ...]:
    """The source of candidates, trained anew for each era."""
    return tuple(FITS[source](table, dim, seed) for table in tables)


def train_two_towers(tables: Eras, world: World, dim: int, logq: str, seed: int) -> tuple[Towers, ...]:
    """The two-tower network, trained on from era to era."""
    return train_towers(list(tables), world.content, dim, logq == "yes", seed)


def compress(towers: tuple[Towers, ...], tables: Eras, precision: str) -> tuple[Retriever, ...]:
    """The network as it is served."""
    counts = (np.asarray(table.sum(axis=0), np.float32).ravel() for table in tables)
    return tuple(PRECISIONS[precision](each, likes) for each, likes in zip(towers, counts, strict=True))


def learn_similarity(als: tuple[Retriever, ...], tables: Eras, seed: int) -> tuple[Retriever, ...]:
    """A network over ALS vectors in place of their product."""
    return tuple(fit_mlp(each, table, seed) for each, table in zip(als, tables, strict=True))


def build_indexes(models: tuple[Retriever, ...], kind: str, seed: int) -> tuple[BuiltIndex | None, ...]:
    """The index over each era's film vectors; None for a source without vectors."""
    return tuple(
        None if model.items is None else build_index(f.unit_film_vectors(model.items[model.rows]), kind=kind, seed=seed)
        for model in models
    )


def describe_films(world: World) -> tuple[FilmFacts, ...]:
    """What the ranker may know of films at each training."""
    return tuple(film_facts(era.log, world.year, world.content) for era in world.eras)


def before_refresh(world: World, refresh_h: int) -> World:
    """The same requests as the last refresh before each of them knew the person."""
    return replace(world, eras=tuple(replace(era, requests=as_of(era.requests, refresh_h)) for era in world.eras))


def find_candidates(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, popular: int, effort: int
) -> f.Candidates:
    """The first stage for every request, in order of the eras."""
    rows = []
    for era, model, index in zip(world.eras, models, indexes, strict=True):
        find = f.finder(model, index, n, popular, effort)
        rows += [find(liked, seen) for liked, seen in zip(era.requests.liked, era.requests.seen, strict=True)]
    return f.collected(rows, n)


def count_scored(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, effort: int, first: int = 100
) -> float:
    """Films that the source compares a request with, mean over the first of the last era's requests."""
    model, index, requests = models[-1], indexes[-1], world.eras[-1].requests
    if index is None:
        return float(world.n_films)  # counts and networks score them all
    queries = [QUERIES[model.kind](model, liked) for liked in requests.liked[:first] if len(liked)]
    asked = np.column_stack([np.array(queries, np.float32), np.zeros(len(queries), np.float32)])
    return float(search(index, asked, k=min(n + f.SPARE, index.n), effort=effort).n_distances.mean())


def train_ranker(
    models: tuple[Retriever, ...], indexes: Eras, facts: tuple[FilmFacts, ...], world: World,
    n: int, popular: int, effort: int, ranker: str, trees: int, goal: str, seed: int,
) -> tuple[Ranker | None, ...]:  # fmt: skip
    """Each era's ranker, from the practice requests before it and the candidates they get."""
    fit = RANKERS[ranker]
    if fit is None:
        return (None,) * len(models)
    fitted = []
    for era, model, index, known in zip(world.eras, models, indexes, facts, strict=True):
        find, practice = f.finder(model, index, n, popular, effort), era.practice
        examples = make_examples(era, known, lambda i: find(practice.liked[i], practice.seen[i]), goal)  # noqa: B023
        fitted.append(fit(examples, trees, seed))
    return tuple(fitted)


def rank(rankers: Eras, facts: tuple[FilmFacts, ...], found: f.Candidates, world: World) -> f.Candidates:
    """The second stage: every request's candidates in the ranker's order, with its chances."""
    rows = [
        f.ranked(rankers[e], facts[e], *found.of(i), requests.liked[j], int(requests.second[j]))
        for i, (e, j, requests) in enumerate(each_request(world))
    ]
    return f.collected(rows, found.ids.shape[1])


def vary(ranked: f.Candidates, world: World, diversity: float, k: int) -> f.Candidates:
    """The third stage: the list that is shown, or stored, with places for scores."""
    rows = [f.varied(ranked.of(i)[0], world.content, diversity, k) for i in range(len(ranked.ids))]
    return f.collected([(ids, -np.arange(len(ids), dtype=np.float32)) for ids in rows], k)


def show_ten(listed: f.Candidates) -> np.ndarray:
    """The ids (q, K) on the screen."""
    return listed.ids[:, : f.K]


def each_request(world: World) -> list[tuple[int, int, Requests]]:
    """(era, place in the era, its requests) of every request in order."""
    return [(e, j, era.requests) for e, era in enumerate(world.eras) for j in range(len(era.requests))]


# Batch and hybrid: what was computed at the last refresh is stored under the person, and for strangers once an era.


def write_store(listed: f.Candidates, then: World, name: str) -> SnapshotReader:
    """The batch job: ids and scores (q, k) of all the refresh knew, and in each era a row for strangers."""
    known = np.array([len(requests.liked[j]) > 0 for _, j, requests in each_request(then)])
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


def reading(store: SnapshotReader, world: World) -> Callable[[int], tuple[np.ndarray, np.ndarray]]:
    """A function from a request to what is stored for it and was not seen since, with scores."""
    order = each_request(world)

    def read(i: int) -> tuple[np.ndarray, np.ndarray]:
        e, j, requests = order[i]
        key, ids = i, store.get(i)
        if ids is None:
            key, ids = -1 - e, store.get(-1 - e)
        left = (ids >= 0) & ~np.isin(ids, requests.seen[j])
        return ids[left], store.get_scores(key)[left]

    return read


def from_store(store: SnapshotReader, world: World, width: int) -> f.Candidates:
    """What is stored for each request and was not seen since: batch shows the first ten, hybrid ranks all of it."""
    read = reading(store, world)
    return f.collected([read(i) for i in range(len(each_request(world)))], width)


# Timing: one request at a time, each stage alone.


def time_finding(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, popular: int, effort: int
) -> Timing:
    """The first stage of one request, from likes to candidates."""
    finds = [f.finder(model, index, n, popular, effort) for model, index in zip(models, indexes, strict=True)]
    asked = [(finds[e], requests.liked[j], requests.seen[j]) for e, j, requests in each_request(world)]

    def request(i: int) -> None:
        find, liked, seen = asked[i % len(asked)]
        find(liked, seen)

    return time_each(request, N_TIMED)


def time_ranking(rankers: Eras, facts: tuple[FilmFacts, ...], found: f.Candidates, world: World) -> Timing:
    """The second stage of one request: features and chances."""
    asked = [
        (rankers[e], facts[e], *found.of(i), requests.liked[j], int(requests.second[j]))
        for i, (e, j, requests) in enumerate(each_request(world))
    ]
    return time_each(lambda i: f.ranked(*asked[i % len(asked)]), N_TIMED)


def time_varying(ranked: f.Candidates, world: World, diversity: float) -> Timing:
    """The third stage of one request."""
    asked = [ranked.of(i)[0] for i in range(len(ranked.ids))]
    return time_each(lambda i: f.varied(asked[i % len(asked)], world.content, diversity), N_TIMED)


def time_look_up(store: SnapshotReader, world: World) -> Timing:
    """One request's look-up in the store, without what was seen since."""
    read, n = reading(store, world), len(each_request(world))
    return time_each(lambda i: read(i % n), N_TIMED)
