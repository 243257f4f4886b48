"""Similar listings from homes to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.similar_listings.data.log import read_log
from core.cases.similar_listings.data.simulator import simulate_guests
from core.cases.similar_listings.data.world import DATES, SESSIONS_PER_HOME, load_listings
from core.cases.similar_listings.design import SimilarListings, searches, trained
from core.cases.similar_listings.evaluate import grade, lay_ground, show
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.model.similarity import MODELS
from core.cases.similar_listings.model.skipgram import compiled_training
from core.cases.similar_listings.serve.filters import FILTERS
from core.cases.similar_listings.serve.selectivity import FILTERED_OUT, Tried, try_filter
from core.cases.similar_listings.serve.sessions import look_up, make_lists, time_reading, time_search
from core.cases.similar_listings.serve.store import (
    from_store,
    from_store_in_order,
    known_share,
    neighbours,
    time_filtering,
    time_look_up,
    time_ranking,
    write_store,
)
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.stages.serve import INGEST_H, snapshot_age_h


def stages(design: SimilarListings, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    dials = {name: getattr(design, name) for name in ("geography", "hidden", "booking", "free", "turnover")}
    age_days = snapshot_age_h(24 * design.retrain_days) / 24
    lookup, context = dict(filter=design.filter, effort=design.effort, fetch=design.fetch), dict(context=design.context)
    cold = dict(model=design.model, cold_start=design.cold_start, seed=seed)

    listings = step(load_listings, city=design.city)
    world = step(simulate_guests, listings, sessions_per_home=SESSIONS_PER_HOME[design.city], **dials, seed=seed)
    log = step(read_log, world, age_days=age_days, learnt_from=design.learnt_from, seed=seed)
    learnt = step(MODELS[design.model].learn, world, log, **_training(design), seed=seed)

    model = step(add_new_homes, learnt, world, log, age_days=INGEST_H / 24, **cold)
    lists = step(make_lists, model, world, filter=design.filter, seed=seed)
    searched = step(look_up, model, lists, world, **lookup, **context)

    snapshot = step(add_new_homes, learnt, world, log, age_days=age_days, **cold)
    near = step(neighbours, snapshot, world, fetch=design.fetch)
    store = step(write_store, near, name=near.key)
    served = {
        "online": searched,
        "batch": step(from_store, store, world),
        "hybrid": step(from_store_in_order, store, model, world, **context),
    }[design.serving]

    return dict(
        listings=listings, world=world, log=log, learnt=learnt, model=model, lists=lists, searched=searched,
        snapshot=snapshot, near=near, store=store, served=served,
        quality=step(grade, served, world),
        shown=step(show, served, model, step(lay_ground, listings, seed=seed), world, listings),
        **{
            f"filtered {share:g}": step(
                try_filter, model, lists, world, listings, **lookup, **context, filtered_out=share, seed=seed
            )
            for share in FILTERED_OUT
        },
        reading=step(time_reading, model, world, **context),
        searching=step(time_search, model, lists, world, **lookup, **context),
        looking=step(time_look_up, store, world),
        filtering=step(time_filtering, store, world),
        ordering=step(time_ranking, store, model, world, **context),
    )  # fmt: skip


def tried_at(design: SimilarListings, filtered_out: float, seed: int) -> Tried:
    """What the design's place to filter gives with this share filtered out."""
    return stages(design, seed)[f"filtered {filtered_out:g}"].value


def plan(design: SimilarListings, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    served = s["served"].value
    return Plan(
        quality=s["quality"],
        timed={PARTS[name]: s[name] for name in TIMED[design.serving]},
        held=_held(design, s),
        built=[s[name] for name in BUILT[design.serving]],
        indexed=[s["lists"]] if searches(design) and FILTERS[design.filter].has_effort else (),
        n_items=len(s["listings"].value.market),
        n_keys=len(s["listings"].value.market) if design.serving != "online" else 0,
        store=s["store"] if design.serving != "online" else None,
        refreshed=[s[name] for name in NIGHTLY[design.serving]],
        refreshed_once=[s[name] for name in NIGHTLY[design.serving] if name not in ("near", "store")],
        refresh_every_h=24 * design.retrain_days,
        answered=lambda: known_share(s["store"].value, s["world"].value),
        ingest_h=INGEST_H,
        counts={
            "distances": float(np.mean(served.n_distances)),
            "filter checks": float(np.mean(served.n_checks)),
        },
        shown=s["shown"],
    )


def run(design: SimilarListings, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of its homes is amiss."""
    if trained(design):
        compiled_training()  # once a process, and no part of what a training run takes
    return measure(plan, design, seed)


MARKET_BYTES = 4  # of the number of a home's market
PARTS = {
    "reading": "read session",
    "searching": "search",
    "looking": "look up",
    "filtering": "filter",
    "ordering": "put in order",
}
TIMED = {
    "online": ("reading", "searching"),
    "batch": ("looking", "filtering"),
    "hybrid": ("reading", "looking", "ordering"),
}
BUILT = {"online": ("model", "lists"), "batch": ("store",), "hybrid": ("model", "store")}
# What runs again at every refresh. Training counts whichever way is served: an online design learns as often.
NIGHTLY = {
    "online": ("log", "learnt", "model", "lists"),
    "batch": ("log", "learnt", "snapshot", "near", "store"),
    "hybrid": ("log", "learnt", "snapshot", "near", "store", "model"),
}


def _training(design: SimilarListings) -> dict[str, Any]:
    """The knobs of skip-gram, for the model that is trained so."""
    names = ("dim", "window", "booked_context", "market_negatives")
    return {name: getattr(design, name) for name in names} if trained(design) else {}


def _held(design: SimilarListings, s: dict[str, Step]) -> dict[str, Step | int]:
    """What a replica holds: a bit per home and date, each home's market, and vectors or tables, the store, or both."""
    n = len(s["listings"].value.market)
    held: dict[str, Step | int] = {"calendar": DATES * n // 8, "markets": MARKET_BYTES * n}
    if design.serving != "batch":
        held["similarity"] = s["model"].value.served_bytes
    if design.serving == "online":
        return {**held, "lists": s["lists"]}
    return {**held, "store": s["store"]}
