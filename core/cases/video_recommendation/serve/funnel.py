"""The three stages a request passes: candidates from a source, a ranker over their features, and a varied list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.cases.video_recommendation.features import FilmFacts, candidate_features
from core.cases.video_recommendation.model.queries import QUERIES, SCORES
from core.cases.video_recommendation.model.rankers import Ranker
from core.cases.video_recommendation.model.retrievers import Retriever
from core.stages.index import BuiltIndex, searcher

K = 10
VARIED_FROM = 50  # ranked films that the varied list is chosen from
SPARE = 100  # neighbours fetched beyond N, since some are films already seen

Find = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]  # likes, seen → films and scores, best first
Embed = Callable[[np.ndarray], np.ndarray]  # likes → the user embedding that an index is searched with


def embedder(model: Retriever) -> Embed:
    """The user embedding (d,) float32 of likes, by the model's own query."""
    query = QUERIES[model.kind]
    return lambda liked: np.asarray(query(model, liked), np.float32)


def finder(
    model: Retriever, index: BuiltIndex | None, n: int, popular: int, effort: int, embed: Embed | None = None
) -> Find:  # fmt: skip
    """The first stage: up to `n` unseen films, the last `popular` of them the most liked that the source left out.

    Whoever has liked nothing yet gets the most liked films. `embed` is the model's own unless given. Raises ValueError
    for n below 1 or above the catalogue.
    """
    n_films = len(model.popularity)
    if not 1 <= n <= n_films:
        raise ValueError(f"N must be from 1 to the {n_films:,} films there are, not {n}")
    liked_most = np.argsort(-model.popularity, kind="stable")[: n + SPARE]
    source = _by_vector(model, index, n, effort, embed or embedder(model)) if index is not None else _by_score(model, n)
    own, drop = max(1, n - popular), dropper(n_films)

    def find(liked: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not len(liked):
            ids = drop(liked_most, seen)[:n]
            return ids, model.popularity[ids]
        ids, scores = source(liked, seen)
        if popular:
            ids, scores = ids[:own], scores[:own]
            more = drop(drop(liked_most, seen), ids)[: n - len(ids)]
            lowest = scores[-1] if len(scores) else 0.0
            ids, scores = np.append(ids, more), np.append(scores, np.full(len(more), lowest, np.float32))
        return ids, scores

    return find


def dropper(n_films: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function that leaves out of the first films those that are among the second, and keeps the order."""
    marked = np.zeros(n_films, bool)

    def drop(ids: np.ndarray, unwanted: np.ndarray) -> np.ndarray:
        marked[unwanted] = True
        left = ids[~marked[ids]]
        marked[unwanted] = False
        return left

    return drop


def _by_vector(model: Retriever, index: BuiltIndex, n: int, effort: int, embed: Embed) -> Find:
    items, rows = model.items, model.rows
    look, drop = searcher(index, k=min(n + SPARE, index.n), effort=effort), dropper(len(items))
    longer = np.zeros(items.shape[1] + 1, np.float32)  # an index vector has one number more, of which nothing is asked

    def find(liked: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        longer[:-1] = vector = embed(liked)
        near = look(longer)
        ids = drop(rows[near if near[-1] >= 0 else near[near >= 0]], seen)[:n]
        return ids, items[ids] @ vector

    return find


def _by_score(model: Retriever, n: int) -> Find:
    score = SCORES[model.kind]

    def find(liked: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = score(model, liked).astype(np.float32)
        scores[seen] = -np.inf
        ids = np.argpartition(-scores, n - 1)[:n]
        ids = ids[np.lexsort((ids, -scores[ids]))]
        return ids, scores[ids]

    return find


def ranked_by(
    ranker: Ranker | None, facts: FilmFacts, ids: np.ndarray, scores: np.ndarray, liked: np.ndarray, second: int
) -> tuple[np.ndarray, np.ndarray]:
    """The second stage: the same films with the ranker's chance of each, best first; without one, as they came."""
    if ranker is None or not len(ids):
        return ids, scores
    chance = ranker.predict(candidate_features(facts, ids, scores, liked, second))
    order = np.argsort(-chance, kind="stable")
    return ids[order], chance[order]


def varied(ids: np.ndarray, content: np.ndarray, diversity: float, k: int = K) -> np.ndarray:
    """The third stage: k films chosen one by one for rank and against likeness to those chosen (MMR).

    (Carbonell and Goldstein 1998, with the rank among the first fifty as relevance.)
    """
    if diversity == 0 or len(ids) <= 1:
        return ids[:k]
    pool = ids[: max(VARIED_FROM, k)]
    alike = content[pool] @ content[pool].T
    worth = (1 - diversity) * (1 - np.arange(len(pool)) / len(pool))
    nearest, chosen = np.zeros(len(pool)), []
    for _ in range(min(k, len(pool))):
        gain = worth - diversity * nearest
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
        nearest = np.maximum(nearest, alike[chosen[-1]])
    return pool[chosen]


@dataclass(frozen=True)
class Candidates:
    """Films ids (q, n) with their scores, best first, -1 and -inf past the last."""

    ids: np.ndarray
    scores: np.ndarray

    def of(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """The films of request i and their scores."""
        there = self.ids[i] >= 0
        return self.ids[i][there], self.scores[i][there]


def collected(rows: list[tuple[np.ndarray, np.ndarray]], width: int) -> Candidates:
    """One row a request, filled up to `width`."""
    ids, scores = np.full((len(rows), width), -1, np.int64), np.full((len(rows), width), -np.inf, np.float32)
    for row, (films, values) in enumerate(rows):
        ids[row, : len(films)], scores[row, : len(films)] = films, values
    return Candidates(ids, scores)
