"""Video recommendation from ratings to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from core.cases.video_recommendation import evaluate, features
from core.cases.video_recommendation.data import load_world
from core.cases.video_recommendation.design import VideoRecommendation, has_vectors, has_width
from core.cases.video_recommendation.model import training
from core.cases.video_recommendation.serve import answer, timing
from core.cases.video_recommendation.serve.funnel import K
from core.cases.video_recommendation.serve.store import from_store, known_share, write_store
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.stages.serve import INGEST_H

DIALS = ("split", "dates", "cold_share", "popularity")


def stages(design: VideoRecommendation, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    lookup = dict(n=design.candidates, popular=design.popular, effort=design.effort)
    learnt = dict(ranker=design.ranker, trees=design.trees, goal=design.goal, seed=seed)

    world = step(load_world, **{name: getattr(design, name) for name in DIALS}, seed=seed)
    tables = step(features.count_likes, world)
    model = _source(world, tables, design, seed)
    index = step(answer.build_indexes, model, kind=design.index, seed=seed)
    facts = step(features.describe_films, world)
    ranker = step(training.train_ranker, model, index, world, **lookup, **learnt)

    then = step(answer.before_refresh, world, refresh_h=design.refresh_h)
    asking = world if design.serving == "online" else then
    varying = dict(diversity=design.diversity)
    retrieved = step(answer.find_candidates, model, index, asking, **lookup)
    first = step(answer.rank, ranker, facts, retrieved, asking)
    listed = step(answer.vary, first, asking, **varying, k=answer.KEPT)
    kept = retrieved if design.serving == "hybrid" else listed
    store = step(write_store, kept, then, name=kept.key)
    width = design.candidates if design.serving == "hybrid" else answer.KEPT
    recalled = step(from_store, store, world, width=width)

    candidates = recalled if design.serving == "hybrid" else retrieved
    ranked = step(answer.rank, ranker, facts, recalled, world) if design.serving == "hybrid" else first
    finished = recalled if design.serving == "batch" else step(answer.vary, ranked, world, **varying, k=K)
    shown = step(answer.show_ten, finished)
    knows = dict(chances=design.ranker != "none", goal=design.goal)
    return dict(
        world=world, tables=tables, model=model, index=index, facts=facts, ranker=ranker, then=then,
        retrieved=retrieved, first=first, listed=listed, store=store, candidates=candidates, ranked=ranked, shown=shown,
        quality=step(evaluate.grade, shown, candidates, ranked, world, **knows),
        funnel=step(evaluate.show, candidates, ranked, shown, world, asking),
        sizes=step(answer.sizes, world, model, index, facts, ranker),
        scored=step(answer.count_scored, model, index, world, n=design.candidates, effort=design.effort),
        embedding=step(timing.time_embedding, model, world),
        finding=step(timing.time_finding, model, index, world, **lookup),
        ranking=step(timing.time_ranking, ranker, facts, candidates, world),
        varying=step(timing.time_varying, ranked, world, **varying),
        looking=step(timing.time_look_up, store, world),
    )  # fmt: skip


def _source(world: Step, tables: Step, design: VideoRecommendation, seed: int) -> Step:
    """The source as it is served."""
    if design.source == "two_tower":
        towers = step(training.train_two_towers, tables, world, dim=design.dim, logq=design.logq, seed=seed)
        return step(training.compress, towers, tables, precision=design.precision)
    kind = "als" if design.source == "mlp" else design.source
    fitted = step(training.fit_source, tables, source=kind, dim=design.dim if has_width(design) else 0, seed=seed)
    return step(training.learn_similarity, fitted, tables, seed=seed) if design.source == "mlp" else fitted


def plan(design: VideoRecommendation, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored, sizes = design.serving != "online", s["sizes"].value
    store = {"store": s["store"]} if stored else {}
    return Plan(
        quality=s["quality"],
        timed={part: s[stage] for part, stage in _timed(design).items()},
        held={part: sizes[part] for part in HELD[design.serving] if part in sizes} | store,
        built=[s[stage] for stage in BUILT[design.serving]],
        indexed=[s["index"]] if has_vectors(design) else (),
        n_items=sizes["films"] if stored else sizes["films searched"],
        n_keys=sum(len(era.requests) for era in s["world"].value.eras) if stored else 0,
        store=s["store"] if stored else None,
        refreshed=[s[stage] for stage in NIGHTLY[design.serving]],
        refreshed_once=[s["then"]] if stored else (),
        refresh_every_h=design.refresh_h if stored else 0.0,
        answered=lambda: known_share(s["store"].value, s["world"].value),
        ingest_h=INGEST_H,
        counts=_counts(design, s),
        traced=[s["funnel"]],
        shown=s["funnel"],
    )


def run(design: VideoRecommendation, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of ratings is amiss."""
    return measure(plan, design, seed)


RANKING = {"rank": "ranking", "vary": "varying"}  # part of a request → the stage that times it
TIMED = {
    "online": {"find candidates": "finding", **RANKING},
    "batch": {"look up": "looking"},
    "hybrid": {"look up": "looking", **RANKING},
}
HELD = {"online": ("source", "index", "facts", "ranker"), "batch": (), "hybrid": ("facts", "ranker")}
BUILT = {"online": ("model", "index", "ranker"), "batch": ("store",), "hybrid": ("store", "ranker")}
NIGHTLY = {
    "online": (),
    "batch": ("then", "retrieved", "first", "listed", "store"),
    "hybrid": ("then", "retrieved", "store"),
}


def _timed(design: VideoRecommendation) -> dict[str, str]:
    """The parts of a request; one of an index begins with the user embedding that it is searched with."""
    first = {"embed user": "embedding"} if design.serving == "online" and has_vectors(design) else {}
    return first | TIMED[design.serving]


def _counts(design: VideoRecommendation, s: dict[str, Step]) -> dict[str, float]:
    """Work a request that no clock is needed for."""
    if design.serving == "batch":
        return {"look-ups": 1.0}
    n_candidates = float((s["candidates"].value.ids >= 0).sum(axis=1).mean())
    scored = {"films scored": s["scored"].value} if design.serving == "online" else {}
    return scored | {"films ranked": n_candidates if design.ranker != "none" else 0.0}
