"""Every request's way through the funnel, era by era: index, candidates, their order, and the ten that are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.video_recommendation.data import Eras, Requests, World, as_of
from core.cases.video_recommendation.features import FilmFacts, unit_film_vectors
from core.cases.video_recommendation.model.queries import QUERIES
from core.cases.video_recommendation.model.retrievers import Retriever
from core.cases.video_recommendation.serve.funnel import SPARE, Candidates, K, collected, finder, ranked_by, varied
from core.stages.index import BuiltIndex, build_index, search

KEPT = 30  # films stored for each person, so that ten are left when some were seen since


def build_indexes(models: tuple[Retriever, ...], kind: str, seed: int) -> tuple[BuiltIndex | None, ...]:
    """The index over each era's film vectors; None for a source without vectors."""
    return tuple(
        None if model.items is None else build_index(unit_film_vectors(model.items[model.rows]), kind=kind, seed=seed)
        for model in models
    )


def sizes(
    world: World, models: tuple[Retriever, ...], indexes: Eras, facts: tuple[FilmFacts, ...], rankers: Eras
) -> dict[str, int]:
    """Bytes of each part that a replica of the last era may hold, and the films there are and that are searched."""
    model, index, ranker = models[-1], indexes[-1], rankers[-1]
    return {
        "films": world.n_films,
        "films searched": world.n_films if index is None else index.n,
        "source": model.served_bytes,
        **({} if index is None else {"index": index.nbytes}),
        "facts": facts[-1].nbytes,
        **({} if ranker is None else {"ranker": ranker.nbytes}),
    }


def before_refresh(world: World, refresh_h: int) -> World:
    """The same requests as the last refresh before each of them knew the person."""
    return replace(world, eras=tuple(replace(era, requests=as_of(era.requests, refresh_h)) for era in world.eras))


def find_candidates(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, popular: int, effort: int
) -> Candidates:
    """The first stage for every request, in order of the eras."""
    rows = []
    for era, model, index in zip(world.eras, models, indexes, strict=True):
        find = finder(model, index, n, popular, effort)
        rows += [find(liked, seen) for liked, seen in zip(era.requests.liked, era.requests.seen, strict=True)]
    return collected(rows, n)


def count_scored(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, effort: int, first: int = 100
) -> float:
    """Films that the source compares a request with, mean over the first of the last era's requests."""
    model, index, requests = models[-1], indexes[-1], world.eras[-1].requests
    if index is None:
        return float(world.n_films)  # counts and networks score them all
    queries = [QUERIES[model.kind](model, liked) for liked in requests.liked[:first] if len(liked)]
    vectors = np.column_stack([np.array(queries, np.float32), np.zeros(len(queries), np.float32)])
    return float(search(index, vectors, k=min(n + SPARE, index.n), effort=effort).n_distances.mean())


def rank(rankers: Eras, facts: tuple[FilmFacts, ...], candidates: Candidates, world: World) -> Candidates:
    """The second stage: every request's candidates in the ranker's order, with its chances."""
    rows = [
        ranked_by(rankers[e], facts[e], *candidates.of(i), requests.liked[j], int(requests.second[j]))
        for i, (e, j, requests) in enumerate(requests_of(world))
    ]
    return collected(rows, candidates.ids.shape[1])


def vary(ranked: Candidates, world: World, diversity: float, k: int) -> Candidates:
    """The third stage: the list that is shown, or stored, with places for scores."""
    rows = [varied(ranked.of(i)[0], world.content, diversity, k) for i in range(len(ranked.ids))]
    return collected([(ids, -np.arange(len(ids), dtype=np.float32)) for ids in rows], k)


def show_ten(listed: Candidates) -> np.ndarray:
    """The ids (q, K) on the screen."""
    return listed.ids[:, :K]


def requests_of(world: World) -> list[tuple[int, int, Requests]]:
    """(era, place in the era, its requests) of every request in order."""
    return [(e, j, era.requests) for e, era in enumerate(world.eras) for j in range(len(era.requests))]
