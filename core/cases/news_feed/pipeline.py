"""The news feed from links to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.news_feed.data.follows import N_READERS, follow_graph
from core.cases.news_feed.data.simulate import simulate
from core.cases.news_feed.data.world import WINDOW_H, count_recent
from core.cases.news_feed.design import NewsFeed, learns, network
from core.cases.news_feed.evaluate.feeds import grade, know_truth
from core.cases.news_feed.evaluate.shown import show
from core.cases.news_feed.features import learn_from, read_log
from core.cases.news_feed.model.compression import compress
from core.cases.news_feed.model.heads import train
from core.cases.news_feed.serve.everyone import collect, order, predict, select
from core.cases.news_feed.serve.fanout import OLDEST_H, fan_out, fan_out_cost
from core.cases.news_feed.serve.requests import (
    N_TIMED,
    cached,
    replica_bytes,
    time_cache,
    time_gathering,
    time_look_up,
    time_ordering,
    time_preranking,
    time_ranking,
)
from core.cases.news_feed.serve.store import from_store, write_store
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, held_bytes, step
from core.stages import trees
from core.stages.serve import INGEST_H, snapshot_age_h

REFERENCE_VALUES = dict(comment=6, share=8, hide=10, dwell=1)
DIALS = ("agreement", "position_bias", "passive", "half_life_h", "drift")


def stages(design: NewsFeed, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    stored, late = design.serving == "batch", design.serving == "nearline"
    age_h = snapshot_age_h(design.every_h)
    lag = dict(lag_h=age_h if late else 0.0)
    when = dict(batch_h=age_h if stored else 0.0, cache_min=0 if stored else design.cache_min)
    sees, has = dict(dim=design.dim), dict(heads=design.heads)
    learning = dict(**has, position=design.position, rare=design.rare, seed=seed)
    funnel, at_once = dict(kind=_prerank(design), cut=design.cut, **sees, **lag), dict(batch_h=0.0, cache_min=0)
    values = {name: getattr(design, name) for name in REFERENCE_VALUES}

    follows = step(follow_graph, degrees=design.degrees, seed=seed)
    world = step(simulate, follows, **{name: getattr(design, name) for name in DIALS}, seed=seed)
    logged = step(read_log, world, split=design.split, **sees, **has, **lag, seed=seed)
    learnt = step(learn_from, logged, share=design.learnt_from, seed=seed)
    trained = step(train, learnt, model=design.model, **learning, **_shape(design))
    scorer = step(compress, trained, learnt, format=design.format, **learning) if network(design) else trained

    shelves = step(fan_out, world, fanout=design.fanout, threshold=design.threshold)
    gathered = step(collect, world, shelves, cap=design.cap, **when)
    kept = step(select, gathered, world, logged, **funnel)
    gathered_now = step(collect, world, shelves, cap=design.cap, **at_once)
    kept_now = step(select, gathered_now, world, logged, **funnel)
    predicted = step(predict, kept, world, logged, scorer, **sees, **has, **lag)
    feeds = step(order, kept, predicted, world, most=design.most, **values)
    plain = step(order, kept, predicted, world, most=design.most, **REFERENCE_VALUES)
    store = step(write_store, feeds, name=feeds.key)
    served = step(from_store, store) if stored else feeds

    truth = step(know_truth, world)
    showing = dict(fanout=design.fanout, threshold=design.threshold, knows=learns(design))
    return dict(
        follows=follows, world=world, logged=logged, learnt=learnt, trained=trained, scorer=scorer, shelves=shelves,
        gathered=gathered, kept=kept,
        predicted=predicted, feeds=feeds, store=store, served=served, truth=truth,
        quality=step(grade, served, truth, world, logged, scorer),
        shown=step(show, kept, predicted, served, plain, world, truth, **showing),
        held=step(replica_bytes, world, logged, shelves, **sees), n_recent=step(count_recent, world),
        looking=step(time_look_up, store),
        asking=step(time_cache, world, cache_min=design.cache_min),
        gathering=step(time_gathering, world, shelves, cap=design.cap),
        preranking=step(time_preranking, gathered_now, world, logged, **funnel),
        ranking=step(time_ranking, kept_now, world, logged, scorer, **sees, **has, **lag),
        ordering=step(time_ordering, predicted, kept, world, most=design.most),
    )  # fmt: skip


def plan(design: NewsFeed, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored, job = design.serving == "batch", _job(design)
    inbox_bytes = s["shelves"].value.inbox_bytes
    return Plan(
        quality=s["quality"],
        timed={part: s[stage] for part, stage in _timed(design).items()},
        passing=lambda part: _missed(design, s) if design.cache_min and part != "ask the cache" else None,
        held={"store": s["store"]} if stored else {"model": s["scorer"], **s["held"].value},
        built=[s["store"]] if stored else [s["scorer"], s["shelves"]],
        n_items=s["n_recent"].value,
        n_keys=N_READERS if stored else 0,
        store_bytes=inbox_bytes + (held_bytes(s["store"]) if stored else 0),
        refreshed=[s[name] for name in job],
        refreshed_once=[s["shelves"]] if job else (),
        ingest_h=INGEST_H,
        refresh_every_h=design.every_h if stored else (WINDOW_H + OLDEST_H) * bool(job),
        counts=_counts(design, s),
        shown=s["shown"],
    )


def run(design: NewsFeed, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of the links is amiss."""
    if design.model == "gbdt":
        trees.load()  # once a process, and no part of what a training run takes
    return measure(plan, design, seed)


def _timed(design: NewsFeed) -> dict[str, str]:
    """The parts of a request, each with the stage that times it."""
    if design.serving == "batch":
        return {"look up": "looking"}
    return {
        **({"ask the cache": "asking"} if design.cache_min else {}),
        "gather": "gathering",
        **({"pre-rank": "preranking"} if _prerank(design) != "none" else {}),
        "rank": "ranking",
        "put in order": "ordering",
    }


def _job(design: NewsFeed) -> tuple[str, ...]:
    """The stages that run again and again: all that a stored feed rests on, or what fills the inboxes."""
    if design.serving == "batch":
        return ("shelves", "gathered", "kept", "predicted", "feeds", "store")
    return ("shelves",) if design.fanout != "pull" else ()


def _missed(design: NewsFeed, s: dict[str, Step]) -> np.ndarray:
    """Which of the timed requests the cache cannot answer (N_TIMED,): the others go no further."""
    missed = ~cached(s["world"].value, design.cache_min)
    return missed[np.arange(N_TIMED) % len(missed)]


def _prerank(design: NewsFeed) -> str:
    """Newest first needs no ranker, so nothing is cut before it."""
    return design.prerank if learns(design) else "none"


def _shape(design: NewsFeed) -> dict[str, Any]:
    """The knobs of a network."""
    if not network(design):
        return {}
    return {"width": design.width, **({"experts": design.experts} if design.model == "mmoe" else {})}


def _counts(design: NewsFeed, s: dict[str, Step]) -> dict[str, float]:
    """Deterministic work: posts at each stage and multiplications a request; fan-out per person and day."""
    degree, kept = s["follows"].value.degree, s["kept"].value
    cost = fan_out_cost(degree, design.fanout, design.threshold)
    people, ranked = len(degree), float(np.diff(kept.ptr).mean())
    return {
        "candidates": float(kept.n_gathered.mean()),
        "ranked": ranked,
        "multiplications": ranked * s["scorer"].value.model.flops,
        "inbox writes per person and day": cost.writes / people,
        "lists read per person and day": cost.reads / people,
    }
