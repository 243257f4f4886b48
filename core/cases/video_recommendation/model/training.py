"""Training, once an era: the source of candidates as it is served, and the ranker over what it brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.cases.video_recommendation.data import Eras, World
from core.cases.video_recommendation.model.compression import PRECISIONS
from core.cases.video_recommendation.model.learned_similarity import fit_mlp
from core.cases.video_recommendation.model.rankers import RANKERS, Ranker, make_examples
from core.cases.video_recommendation.model.retrievers import Retriever, fit_als, fit_bpr, fit_neighbours, fit_popularity
from core.cases.video_recommendation.model.towers import Towers, train_towers
from core.cases.video_recommendation.serve.funnel import finder

FITS: dict[str, Callable[[Any, int, int], Retriever]] = {
    "popularity": fit_popularity, "item_knn": fit_neighbours, "als": fit_als, "bpr": fit_bpr,
}  # fmt: skip


def fit_source(tables: Eras, source: str, dim: int, seed: int) -> tuple[Retriever, ...]:
    """The source of candidates, trained anew for each era."""
    return tuple(FITS[source](table, dim, seed) for table in tables)


def train_two_towers(tables: Eras, world: World, dim: int, logq: str, seed: int) -> tuple[Towers, ...]:
    """The two-tower network, trained on from era to era."""
    return train_towers(list(tables), world.content, dim, logq == "yes", seed)


def compress(towers: tuple[Towers, ...], tables: Eras, precision: str) -> tuple[Retriever, ...]:
    """The network as it is served."""
    counts = (np.asarray(table.sum(axis=0), np.float32).ravel() for table in tables)
    return tuple(PRECISIONS[precision](trained, likes) for trained, likes in zip(towers, counts, strict=True))


def learn_similarity(als: tuple[Retriever, ...], tables: Eras, seed: int) -> tuple[Retriever, ...]:
    """A network over ALS vectors in place of their product."""
    return tuple(fit_mlp(factors, table, seed) for factors, table in zip(als, tables, strict=True))


def train_ranker(
    models: tuple[Retriever, ...], indexes: Eras, world: World,
    n: int, popular: int, effort: int, ranker: str, trees: int, goal: str, seed: int,
) -> tuple[Ranker | None, ...]:  # fmt: skip
    """Each era's ranker, from the practice requests before it and the candidates they get."""
    fit = RANKERS[ranker]
    if fit is None:
        return (None,) * len(models)
    fitted = []
    for era, model, index in zip(world.eras, models, indexes, strict=True):
        find, practice = finder(model, index, n, popular, effort), era.practice
        examples = make_examples(era, world, lambda i: find(practice.liked[i], practice.seen[i]), goal)  # noqa: B023
        fitted.append(fit(examples, trees, seed))
    return tuple(fitted)
