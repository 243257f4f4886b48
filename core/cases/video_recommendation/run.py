"""Video recommendation from ratings to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

from core.cases.video_recommendation import grading as g
from core.cases.video_recommendation import pipeline as p
from core.cases.video_recommendation.design import VideoRecommendation, has_vectors, has_width
from core.cases.video_recommendation.showing import show
from core.cases.video_recommendation.world import load_world
from core.contract.case import SEED, Measurement
from core.runtime.memo import Step, build_seconds, own_seconds, recording, step, trace


def stages(design: VideoRecommendation, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    lookup = dict(n=design.candidates, popular=design.popular, effort=design.effort)
    learnt = dict(ranker=design.ranker, trees=design.trees, goal=design.goal, seed=seed)

    dials = ("split", "dates", "cold_share", "popularity")
    world = step(load_world, **{name: getattr(design, name) for name in dials}, seed=seed)
    tables = step(p.count_likes, world)
    model = _source(world, tables, design, seed)
    index = step(p.build_indexes, model, kind=design.index, seed=seed)
    facts = step(p.describe_films, world)
    ranker = step(p.train_ranker, model, index, facts, world, **lookup, **learnt)

    then = step(p.before_refresh, world, refresh_h=design.refresh_h)
    asking = world if design.serving == "online" else then
    varying = dict(diversity=design.diversity)
    found = step(p.find_candidates, model, index, asking, **lookup)
    first = step(p.rank, ranker, facts, found, asking)
    listed = step(p.vary, first, asking, **varying, k=p.KEPT)
    kept = found if design.serving == "hybrid" else listed
    store = step(p.write_store, kept, then, name=kept.key)
    width = design.candidates if design.serving == "hybrid" else p.KEPT
    recalled = step(p.from_store, store, world, width=width)

    candidates = recalled if design.serving == "hybrid" else found
    ranked = step(p.rank, ranker, facts, recalled, world) if design.serving == "hybrid" else first
    finished = recalled if design.serving == "batch" else step(p.vary, ranked, world, **varying, k=p.f.K)
    shown = step(p.show_ten, finished)
    knows = dict(chances=design.ranker != "none", goal=design.goal)
    return dict(
        world=world, tables=tables, model=model, index=index, facts=facts, ranker=ranker, then=then, found=found,
        first=first, listed=listed, store=store, candidates=candidates, ranked=ranked, shown=shown,
        quality=step(g.grade, shown, candidates, ranked, world, **knows, seed=seed),
        told=step(show, candidates, ranked, shown, world, asking),
        scored=step(p.count_scored, model, index, world, n=design.candidates, effort=design.effort),
        finding=step(p.time_finding, model, index, world, **lookup),
        ranking=step(p.time_ranking, ranker, facts, candidates, world),
        varying=step(p.time_varying, ranked, world, **varying),
        looking=step(p.time_look_up, store, world),
    )  # fmt: skip


def _source(world: Step, tables: Step, design: VideoRecommendation, seed: int) -> Step:
    """The source as it is served."""
    if design.source == "two_tower":
        towers = step(p.train_two_towers, tables, world, dim=design.dim, logq=design.logq, seed=seed)
        return step(p.compress, towers, tables, precision=design.precision)
    kind = "als" if design.source == "mlp" else design.source
    fitted = step(p.fit_source, tables, source=kind, dim=design.dim if has_width(design) else 0, seed=seed)
    return step(p.learn_similarity, fitted, tables, seed=seed) if design.source == "mlp" else fitted


def run(design: VideoRecommendation, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of ratings is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        timed = {PARTS[name]: s[name] for name in TIMED[design.serving]}
        parts = {name: each.value.wall_ms for name, each in timed.items()}
        stored = design.serving != "online"
        ends = (s["quality"], s["told"], *timed.values())
        return Measurement(
            quality=s["quality"].value,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            memory_bytes=_memory_bytes(design, s),
            build_s=build_seconds(*(s[name] for name in HELD[design.serving])),
            refresh_s=own_seconds(*(s[name] for name in NIGHTLY[design.serving])) if stored else 0.0,
            refresh_every_h=design.refresh_h if stored else 0.0,
            store_bytes=s["store"].value.nbytes if stored else 0,
            counts=_counts(design, s),
            steps=trace(computed, *ends),
            noise=max(each.value.noise for each in timed.values()),
            shown=s["told"].value,
        )


PARTS = {"finding": "find candidates", "ranking": "rank", "varying": "vary", "looking": "look up"}
TIMED = {
    "online": ("finding", "ranking", "varying"), "batch": ("looking",), "hybrid": ("looking", "ranking", "varying"),
}  # fmt: skip
HELD = {"online": ("model", "index", "ranker"), "batch": ("store",), "hybrid": ("store", "ranker")}
NIGHTLY = {"online": (), "batch": ("then", "found", "first", "listed", "store"), "hybrid": ("then", "found", "store")}


def _memory_bytes(design: VideoRecommendation, s: dict[str, Step]) -> int:
    """What a replica of the last era holds: source and index where it searches, ranker and facts where it ranks."""
    searching = s["model"].value[-1].served_bytes + (s["index"].value[-1].nbytes if has_vectors(design) else 0)
    ranking = s["facts"].value[-1].nbytes + (s["ranker"].value[-1].nbytes if design.ranker != "none" else 0)
    store = 0 if design.serving == "online" else s["store"].value.nbytes
    return store + (design.serving == "online") * searching + (design.serving != "batch") * ranking


def _counts(design: VideoRecommendation, s: dict[str, Step]) -> dict[str, Any]:
    """Work a request that no clock is needed for."""
    if design.serving == "batch":
        return {"look-ups": 1.0}
    left = float((s["candidates"].value.ids >= 0).sum(axis=1).mean())
    found = {"films scored": s["scored"].value} if design.serving == "online" else {}
    return found | {"films ranked": left if design.ranker != "none" else 0.0}
