"""The news feed from links to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.news_feed import feed as f
from core.cases.news_feed import grading as g
from core.cases.news_feed import pipeline as p
from core.cases.news_feed.compress import compress
from core.cases.news_feed.design import NewsFeed, learns, network
from core.cases.news_feed.features import learn_from, read_log
from core.cases.news_feed.graph import fan_out_cost, follow_graph
from core.cases.news_feed.models import train
from core.cases.news_feed.world import WINDOW_H, simulate
from core.contract.case import SEED, Measurement
from core.runtime.memo import Step, build_seconds, own_seconds, recording, step, trace
from core.stages.serve import snapshot_age_h

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

    shelves = step(f.fan_out, world, fanout=design.fanout, threshold=design.threshold)
    gathered = step(f.collect, world, shelves, cap=design.cap, **when)
    kept = step(f.select, gathered, world, logged, **funnel)
    gathered_now = step(f.collect, world, shelves, cap=design.cap, **at_once)
    kept_now = step(f.select, gathered_now, world, logged, **funnel)
    predicted = step(f.predict, kept, world, logged, scorer, **sees, **has, **lag)
    feeds = step(f.order, kept, predicted, world, most=design.most, **values)
    plain = step(f.order, kept, predicted, world, most=design.most, **REFERENCE_VALUES)
    store = step(p.write_store, feeds, name=feeds.key)
    served = step(p.from_store, store) if stored else feeds

    truth = step(g.know_truth, world)
    showing = dict(fanout=design.fanout, threshold=design.threshold, knows=learns(design))
    return dict(
        follows=follows, world=world, logged=logged, learnt=learnt, trained=trained, scorer=scorer, shelves=shelves,
        gathered=gathered, kept=kept,
        predicted=predicted, feeds=feeds, store=store, served=served, truth=truth,
        quality=step(g.grade, served, truth, world, logged, scorer, seed=seed),
        shown=step(g.show, kept, predicted, served, plain, world, **showing),
        held=step(p.held_by_replica, world, logged, scorer, shelves, **sees),
        looking=step(p.time_look_up, store),
        asking=step(p.time_cache, world, cache_min=design.cache_min),
        gathering=step(p.time_gathering, world, shelves, cap=design.cap),
        preranking=step(p.time_preranking, gathered_now, world, logged, **funnel),
        ranking=step(p.time_ranking, kept_now, world, logged, scorer, **sees, **has, **lag),
        ordering=step(p.time_ordering, predicted, kept, world, most=design.most),
    )  # fmt: skip


def run(design: NewsFeed, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of the links is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        timed = {PARTS[name]: s[name] for name in _timed(design)}
        quality, kept = s["quality"].value, s["kept"].value
        parts = _parts(design, s, timed)
        stored, pushed = design.serving == "batch", design.fanout != "pull"
        job = (
            ("shelves", "gathered", "kept", "predicted", "feeds", "store") if stored else ("shelves",) if pushed else ()
        )
        inboxes = s["shelves"].value.inbox_bytes
        return Measurement(
            quality=quality,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            memory_bytes=s["store"].value.nbytes if stored else s["held"].value,
            build_s=build_seconds(*(s[name] for name in (("store",) if stored else ("scorer", "shelves")))),
            refresh_s=own_seconds(*(s[name] for name in job)),
            refresh_every_h=float(design.every_h) if stored else (WINDOW_H + f.OLDEST_H) * bool(job),
            store_bytes=inboxes + (s["store"].value.nbytes if stored else 0),
            counts=_counts(design, s, kept),
            steps=trace(computed, s["quality"], *timed.values()),
            noise=max(each.value.noise for each in timed.values()),
            shown=s["shown"].value,
        )


PARTS = {
    "looking": "look up", "asking": "ask the cache", "gathering": "gather", "preranking": "pre-rank",
    "ranking": "rank", "ordering": "put in order",
}  # fmt: skip


def _timed(design: NewsFeed) -> tuple[str, ...]:
    """The stages that a request passes through."""
    if design.serving == "batch":
        return ("looking",)
    cache = ("asking",) * bool(design.cache_min)
    return (*cache, "gathering", *("preranking",) * (_prerank(design) != "none"), "ranking", "ordering")


def _parts(design: NewsFeed, s: dict[str, Step], timed: dict[str, Step]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by stage; what the cache answers goes no further."""
    parts = {name: each.value.wall_ms for name, each in timed.items()}
    if "ask the cache" in parts:
        missed = ~p.cached(s["world"].value, design.cache_min)
        missed = missed[np.arange(p.N_TIMED) % len(missed)]
        parts = {name: ms if name == "ask the cache" else ms * missed for name, ms in parts.items()}
    return parts


def _prerank(design: NewsFeed) -> str:
    """Newest first needs no ranker, so nothing is cut before it."""
    return design.prerank if learns(design) else "none"


def _shape(design: NewsFeed) -> dict[str, Any]:
    """The knobs of a network."""
    if not network(design):
        return {}
    return {"width": design.width, **({"experts": design.experts} if design.model == "mmoe" else {})}


def _counts(design: NewsFeed, s: dict[str, Step], kept: f.Kept) -> dict[str, float]:
    """Deterministic work: posts at each stage and multiplications a request; fan-out a person and day."""
    cost = fan_out_cost(s["follows"].value.degree, design.fanout, design.threshold)
    people, ranked = len(s["follows"].value.degree), float(np.diff(kept.ptr).mean())
    return {
        "candidates": float(kept.n_gathered.mean()),
        "ranked": ranked,
        "multiplications": ranked * s["scorer"].value.model.flops,
        "inbox writes a person and day": cost.writes / people,
        "lists read a person and day": cost.reads / people,
    }
