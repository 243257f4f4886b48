"""Event recommendation from cities to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

from core.cases.event_recommendation.data.places import N_PEOPLE, load_region
from core.cases.event_recommendation.data.simulator import simulate
from core.cases.event_recommendation.data.world import BEGUN_H
from core.cases.event_recommendation.design import LEARNING, SEEING, EventRecommendation
from core.cases.event_recommendation.evaluate.evenings import show
from core.cases.event_recommendation.evaluate.held_out import factorise_part, judge, split_log, training_part
from core.cases.event_recommendation.evaluate.quality import grade
from core.cases.event_recommendation.features.counts import tally
from core.cases.event_recommendation.features.rows import training_rows
from core.cases.event_recommendation.features.shelf import fill_shelf, shelf_bytes
from core.cases.event_recommendation.model.ranker import factorise, train, vector_bytes
from core.cases.event_recommendation.model.scorers import load_libraries
from core.cases.event_recommendation.serve.lists import (
    STORED,
    K,
    rank_all,
    served_from_store,
    served_in_new_order,
    served_online,
    write_store,
)
from core.cases.event_recommendation.serve.timing import (
    time_finding,
    time_look_up,
    time_reading,
    time_reordering,
    time_scoring,
)
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.stages.serve import INGEST_H, snapshot_age_h


def stages(design: EventRecommendation, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    dials = {name: getattr(design, name) for name in ("life_days", "decay", "social", "curved", "drift")}
    age_days, age_h = snapshot_age_h(24 * design.retrain_days) / 24, round(snapshot_age_h(design.refresh_h))
    begun_h = 0 if design.expired == "drop" else BEGUN_H
    filters = dict(radius=design.radius, horizon=design.horizon)
    learning = (*LEARNING, "rules")
    taught = dict(learnt_from=design.learnt_from, seed=seed)

    region = step(load_region)
    world = step(simulate, region, **dials, seed=seed)
    tallies = step(tally, world)
    known = dict(lag_h=design.lag_h, negatives=design.negatives if design.model in learning else 0, seed=seed)
    held_out = step(split_log, tallies, world, judged=design.judged, **known)
    live = design.judged == "evening"
    rows = step(training_rows, tallies, world, age_days=age_days, **known) if live else step(training_part, held_out)
    if design.model == "mf":
        ranker = step(factorise, world, age_days=age_days, **taught)
        ranker = ranker if live else step(factorise_part, held_out, world, **taught)
    else:
        ranker = step(train, rows, model=design.model, **_seen(design), **taught)

    shelf = step(fill_shelf, tallies, world, age_h=0, lag_h=design.lag_h, begun_h=begun_h)
    lists = step(rank_all, ranker, shelf, world, **filters, depth=K)

    older = step(fill_shelf, tallies, world, age_h=age_h, lag_h=design.lag_h, begun_h=begun_h)
    ahead = step(rank_all, ranker, older, world, **filters, depth=STORED)
    store = step(write_store, ahead, name=ahead.key)
    served = {
        "online": step(served_online, lists),
        "batch": step(served_from_store, store, world, expired=design.expired),
        "hybrid": step(served_in_new_order, store, ranker, shelf, world, expired=design.expired),
    }[design.serving]
    made, from_shelf = (lists, shelf) if design.serving == "online" else (ahead, older)

    on_visits = step(judge, held_out, ranker, world)
    of_evening = step(grade, served, made, ranker, from_shelf, world, correct=_corrected(design))

    return dict(
        region=region, world=world, tallies=tallies, rows=rows, ranker=ranker, shelf=shelf, lists=lists, older=older,
        ahead=ahead, store=store, served=served, made=made, from_shelf=from_shelf,
        quality=of_evening if live else on_visits,
        shown=step(
            show, served, made, ranker, from_shelf, world, region, correct=_corrected(design), radius=design.radius
        ),
        finding=step(time_finding, shelf, world, **filters),
        reading=step(time_reading, shelf, world, lists),
        scoring=step(time_scoring, ranker, shelf, world, lists),
        looking=step(time_look_up, store, world, expired=design.expired),
        ordering=step(time_reordering, store, ranker, shelf, world, expired=design.expired),
    )  # fmt: skip


def plan(design: EventRecommendation, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored = design.serving != "online"
    return Plan(
        quality=s["quality"],
        timed={PARTS[name]: s[name] for name in _timed(design)},
        held=_held(design, s),
        built=[s[name] for name in BUILT[design.serving]],
        n_items=len(s["world"].value.requests.open),
        n_keys=N_PEOPLE if stored else 0,
        store=s["store"] if stored else None,
        refreshed=[s[name] for name in NIGHTLY] if stored else (),
        refreshed_once=[s["older"]] if stored else (),
        refresh_every_h=design.refresh_h if stored else 0.0,
        ingest_h=INGEST_H,
        counts={
            "candidates": len(s["made"].value.candidates.person) / len(s["world"].value.people.city),
            "parameters": float(s["ranker"].value.parameters),
        },
        shown=s["shown"],
    )


def run(design: EventRecommendation, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of the region is amiss."""
    load_libraries(design.model)
    return measure(plan, design, seed)


PARTS = {
    "finding": "find candidates",
    "reading": "read features",
    "scoring": "score",
    "looking": "look up",
    "ordering": "put in order",
}
BUILT = {"online": ("ranker", "shelf"), "batch": ("store",), "hybrid": ("ranker", "shelf", "store")}
NIGHTLY = ("older", "ahead", "store")  # what runs again at every refresh; training is counted in the build


def _timed(design: EventRecommendation) -> tuple[str, ...]:
    """The parts of a request; co-registration reads no features."""
    if design.serving != "online":
        return ("looking",) if design.serving == "batch" else ("looking", "ordering")
    return ("finding", "scoring") if design.model == "mf" else ("finding", "reading", "scoring")


def _held(design: EventRecommendation, s: dict[str, Step]) -> dict[str, Step | int]:
    """What a replica holds: the store, or the ranker with the features of everybody, or all of them."""
    store = {"store": s["store"]} if design.serving != "online" else {}
    if design.serving == "batch":
        return store
    held: dict[str, Step | int] = {"ranker": s["ranker"], "features": shelf_bytes(s["shelf"].value), **store}
    if design.model == "mf":
        held["event vectors"] = vector_bytes(s["ranker"].value, s["shelf"].value)
    return held


def _seen(design: EventRecommendation) -> dict[str, Any]:
    """What a ranker that learns from rows is told beyond them."""
    seen = dict(groups=design.features if design.model in SEEING else "all")
    return {**seen, "compression": design.compression} if design.model == "nn" else seen


def _corrected(design: EventRecommendation) -> bool:
    """True when sampled negatives are put back; a line fitted on sampled rows needs it as well."""
    return design.correct == "yes" if design.model in LEARNING else True
