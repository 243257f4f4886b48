"""The smallest complete case, on scikit-learn's handwritten digits: CONTRIBUTING.md walks through it, tests run it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contract.case import SEED, Case, Measurement, QualityAxis, Requirements, Source, estimate
from core.contract.check import Check, Verdict
from core.contract.design import knob
from core.diagram import Box, Drawing, Edge
from core.metrics import precision_at_k
from core.runtime.memo import build_seconds, recording, step, trace
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex, build_index, search, searcher

K = 5


@dataclass(frozen=True)
class ToyDesign:
    """Two choices and a dial: enough to have a tradeoff."""

    noise: float = knob("Noise", (0.0, 0.5), 0.0, "data", "Noise added to every picture.")
    dim: int = knob("Embedding size", (4, 16, 64), 16, "representation", "Pixels kept: quality for memory.")
    index: str = knob("Index", ("flat", "hnsw"), "flat", "lookup", "Compare with all, or walk a graph.")
    effort: int = knob(
        "Effort",
        (4, 16, 64),
        16,
        "lookup",
        "How wide the walk is: recall for time.",
        active=lambda d: d.index == "hnsw",
    )


@dataclass(frozen=True)
class World:
    """Digits as unit vectors: corpus (n, 64) and queries (m, 64) with their labels."""

    corpus: np.ndarray
    queries: np.ndarray
    corpus_labels: np.ndarray
    query_labels: np.ndarray


def load_digits(noise: float, seed: int) -> World:
    """1,297 digits to search and 500 to search with."""
    from sklearn.datasets import load_digits as bundled

    rng = np.random.default_rng(seed)
    images, labels = bundled(return_X_y=True)
    vectors = images + rng.normal(scale=16 * noise, size=images.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    order = rng.permutation(len(labels))
    asked, searched = order[:500], order[500:]
    return World(vectors[searched], vectors[asked], labels[searched], labels[asked])


def truncate(world: World, dim: int) -> World:
    """The same world on its first `dim` pixels."""
    return World(world.corpus[:, :dim].copy(), world.queries[:, :dim].copy(), world.corpus_labels, world.query_labels)


def index_corpus(world: World, kind: str, seed: int) -> BuiltIndex:
    """The index over the corpus."""
    return build_index(world.corpus, kind=kind, seed=seed)


def answer(index: BuiltIndex, world: World, effort: int) -> np.ndarray:
    """Neighbours (m, K) of every query."""
    return search(index, world.queries, k=K, effort=effort).ids


def grade(ids: np.ndarray, world: World, seed: int) -> dict:
    """Share of neighbours that are the same digit."""
    relevant = [np.flatnonzero(world.corpus_labels == label) for label in world.query_labels]
    return {"precision@5": estimate(precision_at_k(ids, relevant, K), seed)}


def time_search(index: BuiltIndex, world: World, effort: int) -> Timing:
    """A thousand single searches."""
    one = searcher(index, k=K, effort=effort)
    return time_each(lambda i: one(world.queries[i % len(world.queries)], None), 1_000)


def run(design: ToyDesign, seed: int = SEED) -> Measurement:
    """Load, truncate, index, answer, grade, time."""
    with recording() as computed:
        world = step(load_digits, noise=design.noise, seed=seed)
        short = step(truncate, world, dim=design.dim)
        index = step(index_corpus, short, kind=design.index, seed=seed)
        found = step(answer, index, short, effort=design.effort)
        quality = step(grade, found, short, seed=seed)
        timed = step(time_search, index, short, effort=design.effort)
        service_ms = timed.value.wall_ms
        return Measurement(
            quality=quality.value,
            service_ms=service_ms,
            parts_ms={"search": service_ms},
            memory_bytes=index.value.nbytes,
            build_s=build_seconds(index),
            steps=trace(computed, quality, timed),
            noise=timed.value.noise,
        )


def draw(design: ToyDesign, measured: Measurement | None) -> Drawing:
    """Digits are indexed ahead and searched per request."""
    boxes = (
        Box("digits", "Digits", "offline", shape="data"),
        Box("index", design.index, "offline", shape="store"),
        Box("reader", "Reader", "online", shape="person"),
        Box("search", "Search", "online"),
    )
    return Drawing(
        "Finding digits", boxes, (Edge("digits", "index"), Edge("index", "search"), Edge("reader", "search"))
    )


def bigger_is_better(seed: int) -> Verdict:
    """All 64 pixels against the first 4."""
    small, large = (run(ToyDesign(dim=dim), seed).quality["precision@5"] for dim in (4, 64))
    return Verdict(large.low > small.high, f"{small.value:.3f} with 4 pixels, {large.value:.3f} with 64")


CASE = Case(
    slug="toy",
    title="Finding digits",
    question="Find handwritten digits like this one.",
    data="real",
    Design=ToyDesign,
    run=run,
    baseline=ToyDesign(dim=64),
    qualities=(QualityAxis("precision@5", "precision@5", "Share of the five nearest that are the same digit."),),
    requirements=Requirements(86_400.0, 10.0, 1.0, p99_ms=50.0, source="Illustrative."),
    draw=draw,
    checks=(Check("T1", "More pixels find more of the same digit.", "DIR", bigger_is_better),),
    published=(),
    sources=(
        Source(
            "scikit-learn digits", "1,797 digits, UCI, comes with scikit-learn.", "data", "https://scikit-learn.org"
        ),
    ),
)
