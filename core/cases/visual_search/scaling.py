"""What grows with the catalogue, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.visual_search.data import N_QUERIES, World
from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.evaluate import best_gains, gains
from core.cases.visual_search.features import Vectors
from core.cases.visual_search.pipeline import stages
from core.cases.visual_search.serve import Catalogue, build, search_all
from core.contract.case import Estimate, Measurement, estimate
from core.contract.scaling_spec import (
    AblationStep,
    LawBasis,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    linear,
    vector_index,
)
from core.metrics import ndcg_of
from core.scaling.recorded import recorded_laws
from core.stages.index import CODES

SLUG = "visual_search"
FASHION, EMOJI, TEXTURES = (
    VisualSearch(dataset=dataset, encoder="hog", reduce="pca") for dataset in ("fashion", "emoji", "textures")
)
MADE_BY = ("encode", "known images", "cluster", "build")  # steps over the whole catalogue


def scaling_parts(design: VisualSearch, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The index, and what re-ranks its answers, grow with the catalogue; the store with the photos asked about."""
    n, held = measured.n_items, measured.parts_bytes
    stored, searched = design.serving != "online", design.serving != "batch"
    index = dict(kind=design.index, dim=design.dim, effort=design.effort, in_job=stored, built_by=MADE_BY)
    parts: list[ScalingPart] = [vector_index("index", n, **index, part="search" if searched else "")]
    if design.rerank and searched:
        each = held["full vectors"] / n
        parts.append(linear("full vectors", n, "re-ranking reads the encoder's own vector", bytes_each=each))
    if searched:
        parts.append(fixed("encoder and projection", "a request encodes one photo, however many are searched"))
    if stored:
        each = held["store"] / measured.n_keys
        parts.append(keyed("store", "a row for each photo that is asked about", bytes_each=each))
    return tuple(parts)


SIZES = (2_500, 5_000, 10_000, 20_000)  # of a nested catalogue
SHARES = (0.125, 0.25, 0.5, 1.0)  # of the emoji and drawings, which are too few to be nested from scratch


def quality_growth(design: VisualSearch) -> QualityGrowth:
    """nDCG@10 over nested catalogues. Kinds keep their shares; where one thing is right, it is always there."""
    codes = "codes" if design.index in CODES else "vectors"
    like = f"{design.dataset}, {codes}"
    if design.dataset in ("drawings", "emoji"):
        return QualityGrowth("the catalogue is cut at random; each query asks the part that holds its thing",
                             _in_parts, SHARES, like)  # fmt: skip
    times = tuple(size / design.catalogue for size in SIZES)
    return QualityGrowth("nested catalogues in which every kind keeps its share", _nested, times, like)


def _effort(design: VisualSearch, times: float) -> int:
    """The effort that keeps the recall at `times` the catalogue."""
    return recorded_laws().effort_at(SLUG, design.index, design.effort, times)


def _nested(design: VisualSearch, times: float, seed: int) -> Estimate:
    """nDCG@10 of the first images of the same permutation: smaller catalogues are parts of larger ones."""
    size = round(design.catalogue * times)
    return stages(replace(design, catalogue=size, effort=_effort(design, times)), seed)["quality"].value["ndcg@10"]


def _in_parts(design: VisualSearch, times: float, seed: int) -> Estimate:
    """nDCG@10 with the catalogue cut into 1 ÷ times parts by thing, over all queries."""
    s, n_parts = stages(design, seed), round(1 / times)
    world, short, truth = (s[name].value for name in ("world", "short", "truth"))
    n_things = 1 + int(max(world.corpus_thing.max(), world.query_thing.max()))
    part_of = np.random.default_rng([seed, 7]).permutation(n_things) % n_parts
    graded = np.zeros(len(world.query_thing))
    for part in range(n_parts):
        rows, asked = (np.flatnonzero(part_of[things] == part) for things in (world.corpus_thing, world.query_thing))
        asking = replace(world, query_kind=world.query_kind[asked], query_thing=world.query_thing[asked])
        ids = _search(design, times, (short, truth), rows, asked, seed)
        here = replace(asking, corpus_kind=world.corpus_kind[rows], corpus_thing=world.corpus_thing[rows])
        graded[asked] = _ndcg(ids, asking, here)
    return estimate(graded, unit="things", clusters=world.query_thing)


def _search(
    design: VisualSearch, times: float, vectors: tuple[Vectors, Vectors], rows: np.ndarray, asked: np.ndarray, seed: int
) -> np.ndarray:
    """Answers (n_asked, K), rows of the whole catalogue, from an index over some rows of it."""
    short, full = (replace(each, queries=each.queries[asked]) for each in vectors)
    catalogue = Catalogue(short.corpus[rows], rows)
    index = build(catalogue, kind=design.index, seed=seed)
    return search_all(index, catalogue, short, full, effort=_effort(design, times), rerank=design.rerank)


def _ndcg(ids: np.ndarray, asking: World, here: World) -> np.ndarray:
    return ndcg_of(gains(ids, asking), best_gains(here))


def _vectors(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The photos that are neither trained on nor asked with, and 1,000 that are asked with."""
    short = stages(replace(FASHION, catalogue=23_000), seed)["short"].value
    return short.corpus, short.queries


LAW_BASIS = LawBasis(
    designs=(
        FASHION, replace(FASHION, encoder="pixels", dim=128, index="flat"), replace(FASHION, index="hnsw", dim=32),
        replace(FASHION, index="pq4"), replace(FASHION, index="ivf_pq8", dim=128),
        VisualSearch(), VisualSearch(encoder="hog", reduce="pca"), VisualSearch(index="hnsw", dim=32),
        VisualSearch(index="pq4"), VisualSearch(index="ivf_pq8", dim=128),
        EMOJI, replace(EMOJI, encoder="lite0", index="flat"),
        replace(EMOJI, index="pq4"), replace(EMOJI, encoder="lite0", index="ivf_pq8"),
        TEXTURES, replace(TEXTURES, index="pq4"),
    ),
    vectors=_vectors,
)  # fmt: skip
ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 128}),
    AblationStep("cut at N", {"rerank": 200}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_QUERIES, keys_are="images", per="item",
    note="A picture of the catalogue that somebody points at is a key; an uploaded photo is none.",
)  # fmt: skip
