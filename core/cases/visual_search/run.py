"""Visual search from images to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.visual_search import pipeline as p
from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.world import load_world
from core.contract.case import SEED, Measurement
from core.runtime.memo import Step, build_seconds, held_bytes, own_seconds, recording, step, trace
from core.runtime.timing import Timing
from core.stages.index import INDEXES
from core.stages.serve import snapshot_age_h


def stages(design: VisualSearch, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    data = dict(dataset=design.dataset, catalogue=design.catalogue, intrinsic_dim=design.intrinsic_dim)
    encoder, lookup = dict(encoder=design.encoder), dict(effort=design.effort, rerank=design.rerank)

    world = step(load_world, **data, seed=seed)
    model = step(p.fit_encoder, world, **encoder, **_fitting(design), seed=seed)
    full = step(p.encode, model, world, **encoder, dataset=design.dataset)
    retraining = _training(design) if design.reduce == "retrain" else {}
    projection = step(p.fit_reduction, full, world, kind=design.reduce, dim=design.dim, **retraining, seed=seed)
    short = step(p.shorten, projection, full)

    everything = step(p.known_images, short, world, unseen=0.0)
    index = _index(everything, design, seed)
    answered = step(p.answer_requests, index, everything, short, full, **lookup)

    unseen = _unseen(design)
    snapshot = step(p.known_images, short, world, unseen=unseen)
    then = step(p.search_all, _index(snapshot, design, seed), snapshot, short, full, **lookup)
    store = step(p.precompute, then, world, unseen=unseen, name=then.key)
    served = {
        "online": step(p.answers, answered),
        "batch": step(p.from_store, store, world),
        "hybrid": step(p.from_store_or_search, store, answered),
    }[design.serving]

    exact = step(p.exact, full)
    return dict(
        world=world, model=model, full=full, sizes=step(p.sizes, full), projection=projection, short=short,
        index=index, answered=answered, snapshot=snapshot, then=then, store=store, served=served, exact=exact,
        quality=step(p.grade, served, exact, world, seed=seed),
        shown=step(p.show, served, exact, world),
        encoding=step(p.time_encoding, model, projection, world, **encoder),
        compared=step(p.count_comparisons, index, short, **lookup),
        looking=step(p.time_look_up, store),
        batches=step(p.time_in_batches, index, model, projection, world, full, **encoder, **lookup, size=design.batch),
    )  # fmt: skip


def run(design: VisualSearch, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        clocks = _clocks(design, s)
        parts = _parts(design, s, clocks)
        ends = [s["quality"], *(s[name] for name in TIMED[design.serving])]
        stored, searched = design.serving != "online", design.serving != "batch"
        return Measurement(
            quality=s["quality"].value,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            batches_ms={n: t.median_ms for n, t in s["batches"].value.items()} if design.batch > 1 else {},
            memory_bytes=searched * _searching_bytes(design, s) + (s["store"].value.nbytes if stored else 0),
            build_s=build_seconds(*(s[name] for name in HELD[design.serving])) + _shipped_s(design, s),
            shipped_s=_shipped_s(design, s),
            refresh_s=own_seconds(s["snapshot"], *s["then"].inputs[:1], s["then"], s["store"]) if stored else 0.0,
            refresh_every_h=design.refresh_h if stored else 0.0,
            store_bytes=s["store"].value.nbytes if stored else 0,
            counts={"distances": s["compared"].value} if searched else {},
            steps=trace(computed, *ends),
            noise=max(clock.noise for clock in clocks.values()),
            shown=s["shown"].value,
        )


TIMED = {"online": ("encoding", "answered"), "batch": ("looking",), "hybrid": ("looking", "encoding", "answered")}
HELD = {"online": ("index",), "batch": ("store",), "hybrid": ("index", "store")}


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
    coarse = (step(p.cluster, catalogue, seed=seed),) if lists else ()
    return step(p.build, catalogue, *coarse, kind=design.index, seed=seed)


def _unseen(design: VisualSearch) -> float:
    """The share of images newer than a snapshot of mean age."""
    return min(1.0, design.arrivals * snapshot_age_h(design.refresh_h) / 24)


def _clocks(design: VisualSearch, s: dict[str, Step]) -> dict[str, Timing]:
    """The timing of each stage that a request passes, by the name the page gives it."""
    clocks = {"look up": "looking", "encode": "encoding"}
    timed = {called: s[name].value for called, name in clocks.items() if name in TIMED[design.serving]}
    return timed | ({"search": s["answered"].value.timing} if design.serving != "batch" else {})


def _parts(design: VisualSearch, s: dict[str, Step], clocks: dict[str, Timing]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by stage; in hybrid serving only unknown photos are encoded and searched."""
    parts = {called: clock.wall_ms for called, clock in clocks.items()}
    if design.serving == "hybrid":
        unknown = np.array([s["store"].value.get(i) is None for i in range(p.N_TIMED)])
        parts |= {name: parts[name] * unknown for name in ("encode", "search")}
    return parts


def _searching_bytes(design: VisualSearch, s: dict[str, Step]) -> int:
    """What a replica that searches holds: the encoder, the index, and the full vectors where it re-ranks by them."""
    full_bytes = s["sizes"].value["full_bytes"] if design.rerank else 0
    return held_bytes(s["index"]) + held_bytes(s["model"]) + full_bytes


def _shipped_s(design: VisualSearch, s: dict[str, Step]) -> float:
    """CPU seconds that vectors which come encoded would take here, at what one request's encoding takes."""
    if design.encoder != "lite0":
        return 0.0
    return s["sizes"].value["images"] * s["encoding"].value.cpu_ms / 1e3
