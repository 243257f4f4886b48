"""Visual search from images to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.visual_search import evaluate, features, serve
from core.cases.visual_search.data import N_QUERIES, load_world
from core.cases.visual_search.design import VisualSearch
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.stages.index import INDEXES
from core.stages.serve import snapshot_age_h, unseen_share


def stages(design: VisualSearch, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    data = dict(dataset=design.dataset, catalogue=design.catalogue, intrinsic_dim=design.intrinsic_dim)
    encoder, lookup = dict(encoder=design.encoder), dict(effort=design.effort, rerank=design.rerank)

    world = step(load_world, **data, seed=seed)
    model = step(features.fit_encoder, world, **encoder, **_fitting(design), seed=seed)
    full = step(features.encode, model, world, **encoder, dataset=design.dataset)
    retraining = _training(design) if design.reduce == "retrain" else {}
    projection = step(features.fit_reduction, full, world, kind=design.reduce, dim=design.dim, **retraining, seed=seed)
    short = step(features.shorten, projection, full)
    learned = design.reduce == "retrain"
    truth = short if learned else full  # a learned projection is what says how alike two images are

    lag = unseen_share(design.arrivals, design.ingest_min / 60)
    everything = step(serve.known_images, short, world, unseen=lag)
    index = _index(everything, design, seed)
    answered = step(serve.answer_requests, index, everything, short, truth, **lookup)

    unseen = unseen_share(design.arrivals, snapshot_age_h(design.refresh_h))
    snapshot = step(serve.known_images, short, world, unseen=unseen)
    then = step(serve.search_all, _index(snapshot, design, seed), snapshot, short, truth, **lookup)
    named = f"{then.key}-{design.uploads:g}"
    store = step(serve.precompute, then, world, unseen=unseen, uploads=design.uploads, name=named)
    served = {
        "online": step(serve.answers, answered),
        "batch": step(serve.from_store, store, world),
        "hybrid": step(serve.from_store_or_search, store, answered),
    }[design.serving]

    exact = step(evaluate.exact, truth)
    return dict(
        world=world, model=model, full=full, truth=truth, sizes=step(features.sizes, truth),
        projection=projection, short=short,
        index=index, answered=answered, snapshot=snapshot, then=then, store=store, served=served, exact=exact,
        quality=step(evaluate.grade, served, exact, world, truth),
        shown=step(evaluate.show, served, exact, world),
        encoding=step(serve.time_encoding, model, projection, world, **encoder),
        compared=step(serve.count_comparisons, index, short, **lookup),
        looking=step(serve.time_look_up, store),
        batches=step(serve.time_in_batches, index, everything, model, projection, world, truth, **encoder, **lookup,
                     learned=learned, size=design.batch),
    )  # fmt: skip


def plan(design: VisualSearch, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored, searched = design.serving != "online", design.serving != "batch"
    shipped_s = _shipped_s(design, s)
    return Plan(
        quality=s["quality"],
        timed={part: s[stage] for part, stage in TIMED[design.serving].items()},
        passing=lambda part: _unknown(s) if design.serving == "hybrid" and part != "look up" else None,
        held=(_searching(design, s) if searched else {}) | ({"store": s["store"]} if stored else {}),
        built=[s["index"]] * searched + [s["store"]] * stored,
        indexed=_index_steps(s["index"] if searched else s["then"].inputs[0]),
        n_items=s["sizes"].value["images"],
        n_keys=N_QUERIES if stored else 0,
        store=s["store"] if stored else None,
        refreshed=(s["snapshot"], *s["then"].inputs[:1], s["then"], s["store"]) if stored else (),
        refreshed_once=(s["snapshot"], *s["then"].inputs[:1]) if stored else (),
        refresh_every_h=design.refresh_h if stored else 0.0,
        answered=lambda: s["store"].value.rows / len(s["world"].value.queries),
        ingest_h=design.ingest_min / 60 if searched else 0.0,
        shipped_s=shipped_s,
        batches=s["batches"] if design.batch > 1 else None,
        counts={"distances": s["compared"].value} if searched else {},
        shown=s["shown"],
    )


def run(design: VisualSearch, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    return measure(plan, design, seed)


SEARCHING = {"encode": "encoding", "search": "answered"}  # part of a request → the stage that times it
TIMED = {"online": SEARCHING, "batch": {"look up": "looking"}, "hybrid": {"look up": "looking", **SEARCHING}}


def _fitting(design: VisualSearch) -> dict[str, Any]:
    """What fitting the encoder depends on: the training knobs, or the data set that a shipped projection is of."""
    if design.encoder == "contrastive":
        return _training(design)
    return {"dataset": design.dataset} if design.encoder == "lite0" else {}


def _training(design: VisualSearch) -> dict[str, Any]:
    """The knobs of the contrastive loss."""
    return {name: getattr(design, name) for name in ("temperature", "negatives", "hard_share", "label_noise")}


def _index(catalogue: Step, design: VisualSearch, seed: int) -> Step:
    """The index step; the kinds with inverted lists share one clustering."""
    lists = INDEXES[design.index].effort_name == "nprobe"
    coarse = (step(serve.cluster, catalogue, seed=seed),) if lists else ()
    return step(serve.build, catalogue, *coarse, kind=design.index, seed=seed)


def _index_steps(index: Step) -> tuple[Step, ...]:
    """The index step and, where it has inverted lists, their clustering."""
    return index, *index.inputs[1:]


def _unknown(s: dict[str, Step]) -> np.ndarray:
    """Which of the timed requests bring a photo that the store does not know (N_TIMED,)."""
    return np.array([s["store"].value.get(i) is None for i in range(serve.N_TIMED)])


def _searching(design: VisualSearch, s: dict[str, Step]) -> dict[str, Step | int]:
    """What a replica that searches holds: index, encoder, projection, and full vectors where it re-ranks by them."""
    full = {"full vectors": s["sizes"].value["full_bytes"]} if design.rerank else {}
    return {"index": s["index"], "encoder": s["model"], "projection": s["projection"], **full}


def _shipped_s(design: VisualSearch, s: dict[str, Step]) -> float:
    """CPU seconds that vectors which come encoded would take here, at what one request's encoding takes."""
    if design.encoder != "lite0":
        return 0.0
    return s["sizes"].value["images"] * s["encoding"].value.cpu_ms / 1e3
