"""What one request takes at each stage: a thousand requests, one by one."""

from __future__ import annotations

import numpy as np

from core.cases.video_recommendation.data import Eras, World
from core.cases.video_recommendation.features import FilmFacts
from core.cases.video_recommendation.model.retrievers import Retriever
from core.cases.video_recommendation.serve.answer import requests_of
from core.cases.video_recommendation.serve.funnel import Candidates, embedder, finder, ranked_by, varied
from core.cases.video_recommendation.serve.store import reading
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def time_embedding(models: tuple[Retriever, ...], world: World) -> Timing:
    """The user embedding of one request; nothing where nothing is liked yet."""
    embeds = [embedder(model) for model in models]
    requests_timed = [(embeds[e], requests.liked[j]) for e, j, requests in requests_of(world)]

    def request(i: int) -> None:
        embed, liked = requests_timed[i % len(requests_timed)]
        if len(liked):
            embed(liked)

    return time_each(request, N_TIMED)


def time_finding(
    models: tuple[Retriever, ...], indexes: Eras, world: World, n: int, popular: int, effort: int
) -> Timing:
    """The first stage of one request: from the user embedding where an index is searched with it, else from likes.

    The embedding has a clock of its own, since it takes no longer over more films and the search does.
    """
    lookup = dict(n=n, popular=popular, effort=effort)
    finds = [finder(*of_era, **lookup, embed=_as_it_is) for of_era in zip(models, indexes, strict=True)]
    requests_timed = [
        (finds[e], _asked(models[e], indexes[e], requests.liked[j]), requests.seen[j])
        for e, j, requests in requests_of(world)
    ]

    def request(i: int) -> None:
        find, asked, seen = requests_timed[i % len(requests_timed)]
        find(asked, seen)

    return time_each(request, N_TIMED)


def _as_it_is(embedding: np.ndarray) -> np.ndarray:
    return embedding


def _asked(model: Retriever, index: BuiltIndex | None, liked: np.ndarray) -> np.ndarray:
    """What the first stage is asked with: the likes, or the embedding of those that are searched for."""
    return embedder(model)(liked) if index is not None and len(liked) else liked


def time_ranking(rankers: Eras, facts: tuple[FilmFacts, ...], candidates: Candidates, world: World) -> Timing:
    """The second stage of one request: features and chances."""
    requests_timed = [
        (rankers[e], facts[e], *candidates.of(i), requests.liked[j], int(requests.second[j]))
        for i, (e, j, requests) in enumerate(requests_of(world))
    ]
    return time_each(lambda i: ranked_by(*requests_timed[i % len(requests_timed)]), N_TIMED)


def time_varying(ranked: Candidates, world: World, diversity: float) -> Timing:
    """The third stage of one request."""
    requests_timed = [ranked.of(i)[0] for i in range(len(ranked.ids))]
    return time_each(lambda i: varied(requests_timed[i % len(requests_timed)], world.content, diversity), N_TIMED)


def time_look_up(store: SnapshotReader, world: World) -> Timing:
    """One request's look-up in the store, without what was seen since."""
    read, n = reading(store, world), len(requests_of(world))
    return time_each(lambda i: read(i % n), N_TIMED)
