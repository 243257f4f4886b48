"""Quality of the answers: recall of the true neighbours, gains of the right kind and thing, and what a page shows."""

from __future__ import annotations

import numpy as np

from core.cases.visual_search.data import World
from core.cases.visual_search.features import Vectors
from core.cases.visual_search.serve import K
from core.contract.answer import Answer, Item
from core.contract.case import Estimate, estimate
from core.metrics import ndcg_of, recall_with_ties
from core.stages.index import (
    exact_neighbours,
    inner_products,
)

SAME_KIND_GAIN, SAME_THING_GAIN = 1.0, 3.0  # 2^grade - 1 for the grades 1 and 2, as is usual with nDCG


def exact(full: Vectors) -> np.ndarray:
    """The true neighbours (n_queries, K): nearest by the encoder's full vectors, over everything."""
    return exact_neighbours(full.corpus, full.queries, K)


def grade(ids: np.ndarray, exact_ids: np.ndarray, world: World, full: Vectors) -> dict[str, Estimate]:
    """Every quality of the answers `ids` (n_queries, K), each with the value of every query."""
    found = gains(ids, world)
    near, best = (inner_products(full.corpus, full.queries, answers) for answers in (ids, exact_ids))
    has_things = bool(world.thing_names)
    graded = {
        "recall@10": recall_with_ties(near, best, K),
        "ndcg@10": ndcg_of(found, best_gains(world)),
        **({} if has_things else {"precision@10": (found > 0).mean(axis=1)}),
        **({"R@1": (found[:, 0] == SAME_THING_GAIN).astype(float)} if has_things else {}),
        **({"R@10": (found == SAME_THING_GAIN).any(axis=1).astype(float)} if has_things else {}),
    }
    # Twins, such as a flag and its copy, are one thing that is asked for twice.
    asked = dict(unit="things", clusters=world.query_thing) if has_things else dict(unit="photos")
    return {name: estimate(per_query, **asked) for name, per_query in graded.items()}


def gains(ids: np.ndarray, world: World) -> np.ndarray:
    """What each answer (n_queries, K) is worth: most for the very thing asked for, something for its kind, else 0."""
    same_kind = world.corpus_kind[ids] == world.query_kind[:, None]
    same_thing = world.corpus_thing[ids] == world.query_thing[:, None]
    return np.where(ids < 0, 0.0, np.where(same_thing, SAME_THING_GAIN, SAME_KIND_GAIN * same_kind))


def best_gains(world: World) -> np.ndarray:
    """The gains (n_queries, K) of the best possible answer: every picture of the thing first, then of its kind."""
    n_thing = _count(world.corpus_thing, world.query_thing)
    n_kind = _count(world.corpus_kind, world.query_kind)
    rank = np.arange(K)
    return np.where(rank < n_thing, SAME_THING_GAIN, SAME_KIND_GAIN * (rank < n_kind))


def _count(corpus: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """How often each query's value (n_queries,) stands in the corpus, as a column."""
    highest = int(max(corpus.max(), queries.max()))
    return np.bincount(corpus, minlength=highest + 1)[queries][:, None]


def show(ids: np.ndarray, exact_ids: np.ndarray, world: World, n: int = 6, k: int = 8) -> tuple[Answer, ...]:
    """The first n queries with their exact neighbours and with what was served."""

    def item(query: int, row: int) -> Item | None:
        if row < 0:
            return None
        right = bool(world.corpus_kind[row] == world.query_kind[query])
        if world.thing_names:
            right = bool(world.corpus_thing[row] == world.query_thing[query])
        return Item(world.corpus[row], _name(world, world.corpus_thing[row], world.corpus_kind[row]), right)

    return tuple(
        Answer(
            Item(world.queries[i], _name(world, world.query_thing[i], world.query_kind[i])),
            tuple(item(i, row) for row in exact_ids[i, :k]),
            tuple(item(i, row) for row in ids[i, :k]),
        )
        for i in range(n)
    )


def _name(world: World, thing: int, kind: int) -> str:
    return world.thing_names[thing] if world.thing_names else world.kind_names[kind]
