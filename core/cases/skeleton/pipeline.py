"""Finding digits from pictures to figures: the stages in order, and what one run measures."""

from __future__ import annotations

import numpy as np

from core.cases.skeleton.data import World, load_digits
from core.cases.skeleton.design import Skeleton
from core.cases.skeleton.evaluate import K, grade
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.runtime.timing import Timing, time_each
from core.stages.index import BuiltIndex, build_index, search, searcher

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99


def stages(design: Skeleton, seed: int = SEED, share: float = 1.0) -> dict[str, Step]:
    """Every stage of a design by name, over a share of the digits; a step is remembered by inputs and parameters."""
    world = step(load_digits, noise=design.noise, share=share, seed=seed)
    short = step(truncate, world, dim=design.dim)
    index = step(index_corpus, short, kind=design.index, seed=seed)
    served = step(answer, index, short, effort=design.effort)
    quality = step(grade, served, short)
    timing = step(time_search, index, short, effort=design.effort)
    return dict(world=world, short=short, index=index, served=served, quality=quality, timing=timing)


def plan(design: Skeleton, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    return Plan(
        quality=s["quality"],
        timed={"search": s["timing"]},
        held={"index": s["index"]},
        built=[s["index"]],
        n_items=len(s["short"].value.corpus),
        indexed=[s["index"]],
    )


def run(design: Skeleton, seed: int = SEED) -> Measurement:
    """Measure one design."""
    return measure(plan, design, seed)


def truncate(world: World, dim: int) -> World:
    """The same world on its first `dim` pixels."""
    return World(world.corpus[:, :dim].copy(), world.queries[:, :dim].copy(), world.corpus_labels, world.query_labels)


def index_corpus(world: World, kind: str, seed: int) -> BuiltIndex:
    """The index over the corpus."""
    return build_index(world.corpus, kind=kind, seed=seed)


def answer(index: BuiltIndex, world: World, effort: int) -> np.ndarray:
    """Neighbours (n_queries, K) of every query."""
    return search(index, world.queries, k=K, effort=effort).ids


def time_search(index: BuiltIndex, world: World, effort: int) -> Timing:
    """N_TIMED single searches."""
    one = searcher(index, k=K, effort=effort)
    return time_each(lambda i: one(world.queries[i % len(world.queries)], None), N_TIMED)
