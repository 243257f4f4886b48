"""The pipeline of visual search, each stage a plain function: images → vectors → short vectors → index → answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.visual_search.encoders import ENCODERS, stored
from core.cases.visual_search.world import World
from core.contract.case import Answer, Estimate, Item, estimate
from core.metrics import ndcg_of, recall_at_k
from core.runtime.timing import Timing, time_batches, time_each
from core.stages import embed
from core.stages.index import (
    BuiltIndex,
    build_index,
    comparisons,
    exact_neighbours,
    search,
    searcher,
    train_coarse,
)
from core.stages.serve import serve_batch, serve_hybrid
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder

K = 10
SAME_KIND_GAIN, SAME_THING_GAIN = 1.0, 3.0  # 2^grade - 1 for the grades 1 and 2, as is usual with nDCG
N_TIMED = 1_000  # single requests timed: the fewest that carry a p99, and as many as there are queries at most


@dataclass(frozen=True)
class Vectors:
    """Unit vectors float32: training (n_train, d), catalogue (n, d) and queries (n_queries, d)."""

    train: np.ndarray
    corpus: np.ndarray
    queries: np.ndarray


@dataclass(frozen=True)
class Catalogue:
    """The part of the catalogue that an index knows: its vectors (m, d) and their rows (m,) in the catalogue."""

    vectors: np.ndarray
    rows: np.ndarray


@dataclass(frozen=True)
class Answered:
    """Queries answered one by one: rows of the catalogue (n_queries, K), -1 past the last found, and their times."""

    ids: np.ndarray
    timing: Timing


def fit_encoder(world: World, encoder: str, seed: int, **training: Any) -> Any:
    """The encoder's model, fitted on the training images where there is something to fit."""
    return ENCODERS[encoder].fit(world.train, world.train_labels, seed, **training)


def encode(model: Any, world: World, encoder: str, dataset: str) -> Vectors:
    """The full vectors of every image; those of the pretrained network come encoded."""
    if encoder == "lite0":
        searched_in, asked_with = stored(dataset)
        return Vectors(searched_in[world.train_row], searched_in[world.corpus_row], asked_with[world.query_row])
    make = ENCODERS[encoder].encode
    return Vectors(make(model, world.train), make(model, world.corpus), make(model, world.queries))


def sizes(full: Vectors) -> dict[str, int]:
    """How many images the catalogue has, and the bytes of their full vectors."""
    return {"images": len(full.corpus), "full_bytes": full.corpus.nbytes}


def fit_reduction(full: Vectors, world: World, kind: str, dim: int, seed: int, **training: Any) -> embed.Projection:
    """How full vectors become `dim` numbers, fitted on the training vectors."""
    return embed.fit_reducer(full.train, world.train_labels, kind=kind, dim=dim, seed=seed, **training)


def shorten(projection: embed.Projection, full: Vectors) -> Vectors:
    """The short vectors that are indexed and asked with."""
    return Vectors(full.train[:0], embed.reduce(projection, full.corpus), embed.reduce(projection, full.queries))


def known_images(short: Vectors, world: World, unseen: float) -> Catalogue:
    """What an index built before the newest `unseen` share of the images came can know."""
    rows = np.flatnonzero(world.corpus_age >= unseen)
    return Catalogue(short.corpus[rows] if unseen else short.corpus, rows)


def cluster(catalogue: Catalogue, seed: int) -> np.ndarray:
    """The centroids that all IVF kinds share."""
    return train_coarse(catalogue.vectors, seed)


def build(catalogue: Catalogue, *coarse: np.ndarray, kind: str, seed: int) -> BuiltIndex:
    """The index over the catalogue's short vectors."""
    return build_index(catalogue.vectors, *coarse, kind=kind, seed=seed)


def exact(full: Vectors) -> np.ndarray:
    """The true neighbours (n_queries, K): nearest by the encoder's full vectors, over everything."""
    return exact_neighbours(full.corpus, full.queries, K)


def full_of(catalogue: Catalogue, full: Vectors) -> np.ndarray:
    """The full vectors (m, d) behind the short ones that an index knows; no copy where it knows everything."""
    return full.corpus if len(catalogue.rows) == len(full.corpus) else full.corpus[catalogue.rows]


def answer_requests(
    index: BuiltIndex, catalogue: Catalogue, short: Vectors, full: Vectors, effort: int, rerank: int
) -> Answered:
    """Every query searched and re-ranked alone, N_TIMED requests in all: the answers graded are those timed."""
    one = searcher(index, full_of(catalogue, full) if rerank else None, k=K, effort=effort, rerank=rerank)
    n, found = len(short.queries), {}

    def request(i: int) -> None:
        at = i % n
        found[at] = one(short.queries[at], full.queries[at])

    timing = time_each(request, N_TIMED)
    ids = np.full((n, K), -1, np.int64)
    for at, near in found.items():
        ids[at, : len(near)] = near
    return Answered(_in_catalogue(ids, catalogue), timing)


def count_comparisons(index: BuiltIndex, short: Vectors, effort: int, rerank: int) -> float:
    """Vectors, codes and centroids that a request is compared with, on average."""
    return float(comparisons(index, short.queries, k=K, effort=effort, rerank=rerank).mean())


def search_all(
    index: BuiltIndex, catalogue: Catalogue, short: Vectors, full: Vectors, effort: int, rerank: int
) -> np.ndarray:
    """The batch job's searches: every query's answers (n_queries, K), all in one go."""
    kept = full_of(catalogue, full) if rerank else None
    found = search(index, short.queries, kept, full.queries, k=K, effort=effort, rerank=rerank)
    return _in_catalogue(found.ids, catalogue)


def _in_catalogue(ids: np.ndarray, catalogue: Catalogue) -> np.ndarray:
    """What an index numbers, as rows of the whole catalogue; -1 stays."""
    return np.where(ids >= 0, catalogue.rows[ids], -1)


def precompute(ids: np.ndarray, world: World, unseen: float, name: str) -> SnapshotReader:
    """The batch job: answers of every query photo known at the time of the snapshot, in a store read by key."""
    known = np.flatnonzero(world.query_age >= unseen)
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (known, ids[known], None))


def from_store(reader: SnapshotReader, world: World) -> np.ndarray:
    """Batch serving: what the store holds (n_queries, K); nothing for a photo it has never seen."""
    return serve_batch(reader, np.arange(len(world.queries)))[0]


def from_store_or_search(reader: SnapshotReader, now: Answered) -> np.ndarray:
    """Hybrid serving: the store where it knows the photo, a search of today's index where it does not."""
    return serve_hybrid(reader, np.arange(len(now.ids)), lambda i: now.ids[i])


def answers(now: Answered) -> np.ndarray:
    """Online serving: the index's own answers (n_queries, K)."""
    return now.ids


def grade(ids: np.ndarray, exact_ids: np.ndarray, world: World, seed: int) -> dict[str, Estimate]:
    """Every quality of the answers `ids` (n_queries, K), each with the value of every query."""
    found = gains(ids, world)
    has_things = bool(world.thing_names)
    graded = {
        "recall@10": recall_at_k(ids, exact_ids, K),
        "ndcg@10": ndcg_of(found, best_gains(world)),
        **({} if has_things else {"precision@10": (found > 0).mean(axis=1)}),
        **({"R@1": (found[:, 0] == SAME_THING_GAIN).astype(float)} if has_things else {}),
        **({"R@10": (found == SAME_THING_GAIN).any(axis=1).astype(float)} if has_things else {}),
    }
    return {name: estimate(per_query, seed) for name, per_query in graded.items()}


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


def time_encoding(model: Any, projection: embed.Projection, world: World, encoder: str) -> Timing:
    """One request's way from image to short vector, N_TIMED times."""
    n, make = len(world.queries), ENCODERS[encoder].encode

    def request(i: int) -> None:
        at = i % n
        embed.reduce(projection, make(model, world.queries[at : at + 1]))

    return time_each(request, N_TIMED)


def time_look_up(reader: SnapshotReader) -> Timing:
    """One request's look-up in the store, N_TIMED times."""
    return time_each(reader.get, N_TIMED)


def time_in_batches(
    index: BuiltIndex, model: Any, projection: embed.Projection, world: World, full: Vectors,
    encoder: str, effort: int, rerank: int, size: int,
) -> dict[int, Timing]:  # fmt: skip
    """Encoding and search of requests that came together, for batches of 1, a quarter and all of `size`."""

    def together(n: int) -> None:
        vectors = ENCODERS[encoder].encode(model, world.queries[:n])
        kept = full.corpus if rerank else None
        search(index, embed.reduce(projection, vectors), kept, vectors, k=K, effort=effort, rerank=rerank)

    return time_batches(together, sorted({1, max(2, size // 4), size}))


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
