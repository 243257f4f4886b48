"""People you may know from links to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.cases.people_you_may_know import evaluate
from core.cases.people_you_may_know.data.people import BEFORE, known_links, load_world
from core.cases.people_you_may_know.design import PeopleYouMayKnow, embedded, fading, searched, walked
from core.cases.people_you_may_know.features import group_people
from core.cases.people_you_may_know.model.trees import learn
from core.cases.people_you_may_know.model.vectors import embed
from core.cases.people_you_may_know.serve import batch, candidates, online, ranking
from core.contract.case import SEED, Measurement
from core.contract.design import knobs
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, own_seconds, step
from core.stages import trees
from core.stages.serve import INGEST_H, snapshot_age_h

MODELS = ("vectors", "index", "ranker")  # what is trained or built from links
MOMENT = ("graph", "groups", *MODELS, "walk", "candidates", "suggested")  # from links to ten people
Stages = Mapping[str, Step | None]  # None for a stage that the design does without


def stages(design: PeopleYouMayKnow, seed: int = SEED) -> dict[str, Step]:
    """Every stage that a design has, by name. Steps are lazy: the ways of serving that it does not use cost nothing.

    A stage named `…_then` is of the links as they were when the snapshot was made. Raises ValueError for a value that
    its knob does not have.
    """
    _check(design)
    data = dict(graph=design.graph, split=design.split, rewired=design.rewired, homophily=design.homophily)
    world = step(load_world, **data, hubs=design.hubs, seed=seed)
    then, now = _moments(design, world, seed)

    active = step(batch.active_people, then["graph"], share=_stored_share(design))
    store, whole_store = (
        step(batch.precompute, world, then["suggested"], chosen, name=f"{then['suggested'].key}-{share}")
        for share, chosen in (
            (_stored_share(design), active),
            (1.0, step(batch.active_people, then["graph"], share=1.0)),
        )
    )
    lists = step(batch.country_lists, world, then["graph"])
    served = _served(design, world, now, store, lists)
    computed = now if design.serving == "online" else then
    request = _request(design, world, now)
    every = dict(
        world=world, **now, **{f"{name}_then": then[name] for name in MOMENT},
        active=active, store=store, whole_store=whole_store, lists=lists, served=served,
        quality=step(evaluate.grade, world, served, computed["suggested"]),
        shown=step(evaluate.show, world, now["graph"], served),
        finding=step(online.finding, request), ranking=step(online.ranking, request),
        looking=step(online.time_reading, world, store), listing=step(online.time_listing, world, lists),
    )  # fmt: skip
    return {name: stage for name, stage in every.items() if stage is not None}


def plan(design: PeopleYouMayKnow, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    held, stored = _held(design, s), design.serving != "online"
    return Plan(
        quality=s["quality"],
        timed={part: s[stage] for part, stage in TIMED[design.serving].items()},
        passing=lambda part: _missed(s) if design.serving in ("active", "lazy") and part != "look up" else None,
        held=held,
        built=_built(design, s),
        indexed=[s[name] for name in ("index" if design.serving in LIVE else "index_then",) if name in s],
        n_items=s["world"].value.n,
        n_keys=int(s["active"].value.sum()) if stored else 0,
        store_bytes=held["store"] if stored else 0,
        refresh_s=_refresh_s(design, s) if stored else 0.0,
        refresh_every_h=24.0 * refresh_days(design) if stored else 0.0,
        answered=lambda: batch.known_share(s["world"].value, s["store"].value),
        ingest_h=INGEST_H,
        counts=_counts(design, s),
        shown=s["shown"],
    )


def run(design: PeopleYouMayKnow, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data is amiss."""
    if design.scorer == "gbdt":
        trees.load()  # once a process, and no part of what a training run takes
    return measure(plan, design, seed)


LIVE = ("online", "lazy")  # serving that searches today's links
COMPUTED = {"find": "finding", "rank": "ranking"}  # part of a request → the stage that times it
TIMED = {
    "online": COMPUTED,
    "batch": {"look up": "looking"},
    "active": {"look up": "looking", "list": "listing"},
    "lazy": {"look up": "looking", **COMPUTED},
}


def age_days(design: PeopleYouMayKnow) -> float:
    """The mean age of the snapshot that a request meets: half the time between two of them."""
    return snapshot_age_h(24 * refresh_days(design)) / 24


def refresh_days(design: PeopleYouMayKnow) -> int:
    """Days between snapshots; the co-authors were only counted again after 42 months."""
    return BEFORE["coauthors"] if design.graph == "coauthors" else design.refresh_days


def _check(design: PeopleYouMayKnow) -> None:
    for name, knob in knobs(type(design)).items():
        value, options = getattr(design, name), ", ".join(map(str, knob.options))
        if value not in knob.options:
            raise ValueError(f"{knob.label}: {value!r} is not one of {options}")


def _moments(design: PeopleYouMayKnow, world: Step, seed: int) -> tuple[Stages, Stages]:
    """The stages of MOMENT on the links of the snapshot and on today's; lazy serving has only the snapshot's models."""
    then, now = (_links(world, age) for age in (age_days(design), 0.0))
    models_then = _models(design, world, then, age_days(design), seed)
    models_now = models_then if design.serving == "lazy" else _models(design, world, now, 0.0, seed)
    return tuple(
        {**links, **models, **_suggestions(design, world, {**links, **models})}
        for links, models in ((then, models_then), (now, models_now))
    )


def _links(world: Step, age: float) -> dict[str, Step]:
    """The links as they were `age` days ago, and people by domain as far as they had links."""
    graph = step(known_links, world, age=age)
    return {"graph": graph, "groups": step(group_people, world, graph)}


def _models(design: PeopleYouMayKnow, world: Step, links: Stages, age: float, seed: int) -> Stages:
    """Vectors, their index and the trees, as far as the design uses them."""
    vectors = index = ranker = None
    if embedded(design):
        made = dict(kind=design.embedding, dim=design.dim, layers=design.layers, negatives=design.negatives)
        made["learnt_from"] = design.learnt_from if design.embedding == "lightgcn" else 1.0
        vectors = step(embed, links["graph"], links["groups"], **made, profile=design.profile, seed=seed)
    if searched(design):
        index = step(candidates.index_people, vectors, kind=design.index, seed=seed)
    if design.scorer == "gbdt":
        learning = dict(age=age, negatives=design.tree_negatives, profile=design.profile > 0, hub_cap=design.hub_cap)
        ranker = step(learn, world, links["groups"], **learning, learnt_from=design.learnt_from, seed=seed)
    return {"vectors": vectors, "index": index, "ranker": ranker}


def _suggestions(design: PeopleYouMayKnow, world: Step, at: Stages) -> Stages:
    """Links and models → walks → candidates → ten people for every user."""
    scoring, (graph, groups) = scoring_of(design), (at["graph"], at["groups"])
    walking = {name: scoring[name] for name in ("scorer", "hub_cap", "half_life")}
    walk = step(candidates.walk_links, world, graph, **walking) if walked(design) else None
    lookup = dict(candidates=design.candidates, effort=design.effort, profile=design.profile)
    near = step(candidates.find_candidates, world, graph, groups, walk, at["vectors"], at["index"], **lookup)
    ten = step(ranking.score_and_choose, world, graph, groups, walk, at["vectors"], at["ranker"], near, **scoring)
    return {"walk": walk, "candidates": near, "suggested": ten}


def scoring_of(design: PeopleYouMayKnow) -> dict[str, Any]:
    """The knobs that say what a pair of people is worth."""
    half_life = design.half_life if fading(design) else 0
    return dict(scorer=design.scorer, profile=design.profile, hub_cap=design.hub_cap, half_life=half_life)


def _stored_share(design: PeopleYouMayKnow) -> float:
    """The share of people whose suggestions are made ahead."""
    return design.active_share if design.serving in ("active", "lazy") else 1.0


def _served(design: PeopleYouMayKnow, world: Step, now: Stages, store: Step, lists: Step) -> Step:
    """The ten people that every user gets."""
    computed = step(batch.answers, now["suggested"])
    return {
        "online": computed,
        "batch": step(batch.from_store, world, store),
        "active": step(batch.from_store, world, store, step(batch.country_answers, world, lists)),
        "lazy": step(batch.from_store, world, store, computed),
    }[design.serving]


def _request(design: PeopleYouMayKnow, world: Step, now: Stages) -> Step:
    """Requests that are computed, timed."""
    lookup = dict(candidates=design.candidates, effort=design.effort, walking=walked(design), **scoring_of(design))
    return step(online.time_request, world, now["graph"], now["groups"], *(now[name] for name in MODELS), **lookup)


def _missed(s: Mapping[str, Step]) -> np.ndarray:
    """Which of the timed requests are of people who are not in the store (N_TIMED,)."""
    return ~np.resize(s["active"].value[s["world"].value.users], online.N_TIMED)


def _held(design: PeopleYouMayKnow, s: Mapping[str, Step]) -> dict[str, Step | int]:
    """What a replica holds: the links with vectors, index and trees, the store, or both."""
    held: dict[str, Step | int] = {}
    if design.serving in LIVE:
        held |= {name: s[name] for name in ("graph", *MODELS) if name in s}
    if design.serving != "online":
        held["store"] = _store_bytes(s)
    return held | ({"lists": s["lists"]} if design.serving == "active" else {})


def _built(design: PeopleYouMayKnow, s: Mapping[str, Step]) -> list[Step]:
    """What has to be made before the first request."""
    live = [s[name] for name in ("graph", "groups", *MODELS) if name in s]
    store = s["store"]
    return {"online": live, "batch": [store], "active": [store, s["lists"]], "lazy": [store, *live]}[design.serving]


def _store_bytes(s: Mapping[str, Step]) -> int:
    """Bytes of a store with everybody chosen: ours holds the users of the test, and every row takes the same."""
    whole = s["whole_store"].value
    row_bytes = (whole.nbytes - batch.EMPTY_STORE_BYTES) / max(whole.rows, 1)
    return int(batch.EMPTY_STORE_BYTES + row_bytes * s["active"].value.sum())


def _refresh_s(design: PeopleYouMayKnow, s: Mapping[str, Step]) -> float:
    """CPU seconds of the whole batch job: what is made once, and the users' part carried to everybody chosen.

    By links walked where the job walks, else by people; both are counted, not timed (`work_share`).
    """
    once, by_user = ("graph", "groups", *MODELS), ("walk", "candidates", "suggested")
    once_s, by_user_s = (own_seconds(*(s[f"{n}_then"] for n in names if f"{n}_then" in s)) for names in (once, by_user))
    once_s += own_seconds(s["active"], s["lists"])
    work = dict(hub_cap=design.hub_cap, walking=walked(design))
    share = batch.work_share(s["world"].value, s["graph_then"].value, s["active"].value, **work)
    return once_s + share * (by_user_s + own_seconds(s["store"]))


def _counts(design: PeopleYouMayKnow, s: Mapping[str, Step]) -> dict[str, float]:
    """Work of a request that is computed, or of a person in the batch job: links walked, candidates, distances."""
    suffix = "" if design.serving == "online" else "_then"
    counts = {"candidates": float(s[f"suggested{suffix}"].value.n_candidates.mean())}
    if walked(design):
        counts["links walked"] = float(s[f"walk{suffix}"].value.paths.mean())
    if searched(design):
        counts["distances"] = float(s[f"candidates{suffix}"].value.n_distances.mean())
    return counts
