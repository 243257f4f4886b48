"""Search while the newest images are inserted: recall and time, moment by moment, beside an index built anew.

The index is trained on the images that exist before the first insertion and keeps what it learnt, as an index that
takes in new images all day does until it is built again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.cases.visual_search.data import World
from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.features import Vectors
from core.cases.visual_search.pipeline import stages
from core.cases.visual_search.serve import K
from core.contract.case import SEED, Estimate, estimate
from core.metrics import recall_with_ties
from core.runtime.channel import Cancelled
from core.runtime.timing import time_each
from core.stages.index import (
    INDEXES,
    BuiltIndex,
    as_grown,
    build_index,
    exact_neighbours,
    inner_products,
    inserter,
    search,
    searcher,
)

N_STEPS = 8
LEAST_SEARCHES = 200  # timed at every moment
SHARES = (0.05, 0.1, 0.3, 0.5)
ORDERS = {"age": "of every kind", "kinds": "kind by kind"}  # how images come


@dataclass(frozen=True)
class Moment:
    """What searches find and take once n images exist, in the index inserted into and in one built anew over them.

    `recall` counts the K nearest by the encoder's full vectors among these images, equally near ones included.
    """

    n: int
    recall: Estimate
    recall_anew: Estimate
    distances: float
    distances_anew: float
    search_ms: np.ndarray  # (m,) of single searches, made between the insertions that led here
    insert_ms: np.ndarray  # (m,) of insertions of one image each; none at the first moment
    search_anew_ms: np.ndarray
    build_cpu_s: float  # of building anew


def learnt_words(kind: str) -> str:
    """What an index keeps from its training while vectors are inserted."""
    index = INDEXES[kind]
    if index.learnt:
        return (
            f"{index.label} takes in new vectors but keeps {index.learnt}, learnt from the old images, until a rebuild."
        )
    return f"{index.label} learns nothing from its vectors, so inserted ones are as good as built ones."


def arrivals(world: World, order: str) -> np.ndarray:
    """The rows of the catalogue (n,) in the order in which its images come. KeyError for an unknown order."""
    by = {"age": (-world.corpus_age,), "kinds": (-world.corpus_age, world.corpus_kind)}[order]
    return np.lexsort(by)


def insert_and_search(design: VisualSearch, share: float, order: str, seed: int = SEED) -> Iterator[Moment]:
    """N_STEPS + 1 moments: before the first insertion, and each time another part of the newest `share` has come.

    Raises ValueError unless the share leaves images to begin with and inserts some at every step.
    """
    s = stages(design, seed)
    short, full = (_in_order(s[name].value, arrivals(s["world"].value, order)) for name in ("short", "truth"))
    n = len(short.corpus)
    sizes = np.linspace(n - round(share * n), n, N_STEPS + 1).round().astype(int)
    if not (0 < share < 1 and sizes[0] > K and (np.diff(sizes) > 0).all()):
        raise ValueError(f"a share of {share} of {n:,} images cannot be inserted in {N_STEPS} steps")
    growing = build_index(short.corpus[: sizes[0]], kind=design.index, seed=seed)
    for before, now in zip([sizes[0], *sizes[:-1]], sizes, strict=True):
        search_ms, insert_ms = _while_inserting(design, growing, short, full, before, now)
        yield _moment(design, as_grown(growing), short, full, seed, search_ms, insert_ms)


def watch(
    design: VisualSearch, share: float, order: str, seed: int, *, progress: Callable[[float, str], None],
    cancelled: Callable[[], bool],
) -> tuple[Moment, ...]:  # fmt: skip
    """All moments of `insert_and_search`, told as they come; raises Cancelled on a cancel."""
    moments = []
    for moment in insert_and_search(design, share, order, seed):
        moments.append(moment)
        progress(len(moments) / (N_STEPS + 1), f"{moment.n:,} images in the index")
        if cancelled():
            raise Cancelled("stopped before the next insertion")
    return tuple(moments)


def _in_order(vectors: Vectors, rows: np.ndarray) -> Vectors:
    return replace(vectors, corpus=vectors.corpus[rows])


def _while_inserting(
    design: VisualSearch, growing: BuiltIndex, short: Vectors, full: Vectors, before: int, now: int
) -> tuple[np.ndarray, np.ndarray]:
    """Times of single searches (m,) and of single insertions (now - before,), which take turns on one thread."""
    every = replace(growing, n=now)  # a search may return what is inserted while this goes on
    one, insert = _searcher(design, every, full, now), inserter(growing)
    n_queries, n_inserted = len(short.queries), now - before
    turns = -(-LEAST_SEARCHES // max(n_inserted, 1)) + (n_inserted > 0)  # calls from one insertion to the next

    def call(i: int) -> None:
        if n_inserted and i % turns == 0:
            insert(short.corpus[before + i // turns][None])
        else:
            one(short.queries[i % n_queries], full.queries[i % n_queries])

    timed = time_each(call, turns * max(n_inserted, 1), warmup=0, attempts=1).wall_ms
    inserts = np.arange(len(timed)) % turns == 0 if n_inserted else np.zeros(len(timed), bool)
    return timed[~inserts], timed[inserts]


def _searcher(design: VisualSearch, index: BuiltIndex, full: Vectors, n: int) -> Callable[..., np.ndarray]:
    kept = full.corpus[:n] if design.rerank else None
    return searcher(index, kept, k=K, effort=design.effort, rerank=design.rerank)


def _moment(
    design: VisualSearch, grown: BuiltIndex, short: Vectors, full: Vectors, seed: int,
    search_ms: np.ndarray, insert_ms: np.ndarray,
) -> Moment:  # fmt: skip
    """Both indexes over the images that exist, held against the exact answer among them."""
    n, made = grown.n, []
    built = time_each(
        lambda i: made.append(build_index(short.corpus[:n], kind=design.index, seed=seed)), 1, warmup=0, attempts=1
    )
    exact = inner_products(full.corpus, full.queries, exact_neighbours(full.corpus[:n], full.queries, K))
    recalls, distances = [], []
    for index in (grown, *made):
        kept = full.corpus[:n] if design.rerank else None
        found = search(index, short.queries, kept, full.queries, k=K, effort=design.effort, rerank=design.rerank)
        returned = inner_products(full.corpus, full.queries, found.ids)
        recalls.append(estimate(recall_with_ties(returned, exact, K), unit="photos"))
        distances.append(float(found.n_distances.mean()))
    one, n_queries = _searcher(design, made[0], full, n), len(short.queries)
    anew = time_each(lambda i: one(short.queries[i % n_queries], full.queries[i % n_queries]), LEAST_SEARCHES)
    return Moment(n, *recalls, *distances, search_ms, insert_ms, anew.wall_ms, built.cpu_ms / 1e3)
