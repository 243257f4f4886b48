"""People you may know from links to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.people_you_may_know import online as o
from core.cases.people_you_may_know import pipeline as p
from core.cases.people_you_may_know.design import PeopleYouMayKnow, embedded, fading, searched, walked
from core.cases.people_you_may_know.neighbourhood import show
from core.cases.people_you_may_know.rank import learn
from core.cases.people_you_may_know.vectors import embed
from core.cases.people_you_may_know.walk import group_people
from core.cases.people_you_may_know.world import BEFORE, known_links, load_world
from core.contract.case import SEED, Measurement
from core.contract.design import knobs
from core.contract.step_record import StepRecord
from core.runtime.memo import Step, build_seconds, own_seconds, recording, step, trace
from core.runtime.timing import Timing
from core.stages.serve import snapshot_age_h


@dataclass(frozen=True)
class Moment:
    """The stages from links to suggestions, on the graph as it was some days ago."""

    graph: Step
    groups: Step
    vectors: Step
    index: Step
    ranker: Step
    walked: Step
    found: Step
    suggested: Step


@dataclass(frozen=True)
class Stages:
    """Every stage of a design; `then`, the store and the lists are only used where it serves from them."""

    world: Step
    now: Moment
    then: Moment
    chosen: Step
    store: Step
    whole_store: Step  # with every user in it, to measure what a row takes
    lists: Step
    served: Step
    quality: Step
    shown: Step
    timings: dict[str, Step]


def stages(design: PeopleYouMayKnow, seed: int = SEED) -> Stages:
    """Every stage of a design. Steps are lazy: the ways of serving that it does not use cost nothing.

    Raises ValueError for a value that its knob does not have.
    """
    _check(design)
    data = dict(graph=design.graph, split=design.split, rewired=design.rewired, homophily=design.homophily)
    world = step(load_world, **data, hubs=design.hubs, seed=seed)
    then = moment(design, world, age_days(design), seed)
    now = moment(design, world, 0.0, seed, then if design.serving == "lazy" else None)

    ahead = design.active_share if design.serving in ("active", "lazy") else 1.0
    chosen = step(p.active_people, then.graph, share=ahead)
    store = _store(world, then, ahead)
    lists = step(p.country_lists, world, then.graph)
    online = step(p.answers, now.suggested)
    served = {
        "online": online,
        "batch": step(p.from_store, world, store),
        "active": step(p.from_store, world, store, step(p.country_answers, world, lists)),
        "lazy": step(p.from_store, world, store, online),
    }[design.serving]

    asked = now if design.serving == "online" else then
    lookup = dict(candidates=design.candidates, effort=design.effort, walking=walked(design), **_scoring(design))
    serving_now = (world, now.graph, now.groups, now.vectors, now.index, now.ranker)
    timings = {
        "compute": step(o.time_request, *serving_now, **lookup),
        "look up": step(o.time_reading, world, store),
        "list": step(o.time_listing, world, lists),
    }
    quality = step(p.grade, world, served, asked.suggested, seed=seed)
    shown = step(show, world, now.graph, served)
    return Stages(world, now, then, chosen, store, _store(world, then, 1.0), lists, served, quality, shown, timings)


def _store(world: Step, then: Moment, ahead: float) -> Step:
    chosen = step(p.active_people, then.graph, share=ahead)
    return step(p.precompute, world, then.suggested, chosen, name=f"{then.suggested.key}-{ahead}")


def _check(design: PeopleYouMayKnow) -> None:
    for name, each in knobs(type(design)).items():
        value, options = getattr(design, name), ", ".join(map(str, each.options))
        if value not in each.options:
            raise ValueError(f"{each.label}: {value!r} is not one of {options}")


def moment(design: PeopleYouMayKnow, world: Step, age: float, seed: int, lent: Moment | None = None) -> Moment:
    """Links of `age` days ago → vectors and walks → candidates → ten people; `lent` has what was trained before."""
    none, scoring = step(p.nothing), _scoring(design)
    profile = scoring["profile"]
    graph = step(known_links, world, age=age)
    groups = step(group_people, world, graph)
    vectors, index, ranker = _trained(design, world, graph, groups, age, seed)
    if lent is not None:
        vectors, index, ranker = lent.vectors, lent.index, lent.ranker
    walking = dict(scorer=design.scorer, hub_cap=design.hub_cap, half_life=scoring["half_life"])
    walk = step(p.walk_links, world, graph, **walking) if walked(design) else none
    lookup = dict(candidates=design.candidates, effort=design.effort, profile=profile)
    found = step(p.find_candidates, world, graph, groups, walk, vectors, index, **lookup)
    suggested = step(p.score_and_choose, world, graph, groups, walk, vectors, ranker, found, **scoring)
    return Moment(graph, groups, vectors, index, ranker, walk, found, suggested)


def _trained(
    design: PeopleYouMayKnow, world: Step, graph: Step, groups: Step, age: float, seed: int
) -> tuple[Step, Step, Step]:
    """Vectors, their index and the trees, as far as the design uses them."""
    vectors = index = ranker = step(p.nothing)
    if embedded(design):
        made = dict(kind=design.embedding, dim=design.dim, layers=design.layers, negatives=design.negatives)
        made["learnt_from"] = design.learnt_from if design.embedding == "lightgcn" else 1.0
        vectors = step(embed, graph, groups, **made, profile=design.profile, seed=seed)
    if searched(design):
        index = step(p.index_people, vectors, kind=design.index, seed=seed)
    if design.scorer == "gbdt":
        learning = dict(age=age, negatives=design.negatives, profile=design.profile > 0, hub_cap=design.hub_cap)
        ranker = step(learn, world, groups, **learning, learnt_from=design.learnt_from, seed=seed)
    return vectors, index, ranker


def _scoring(design: PeopleYouMayKnow) -> dict[str, Any]:
    """The knobs that say what a pair of people is worth."""
    half_life = design.half_life if fading(design) else 0
    return dict(scorer=design.scorer, profile=design.profile, hub_cap=design.hub_cap, half_life=half_life)


def age_days(design: PeopleYouMayKnow) -> float:
    """The mean age of the snapshot that a request meets: half the time between two of them."""
    return snapshot_age_h(24 * refresh_days(design)) / 24


def refresh_days(design: PeopleYouMayKnow) -> int:
    """Days between snapshots; the co-authors were only counted again after 42 months."""
    return BEFORE["coauthors"] if design.graph == "coauthors" else design.refresh_days


TIMED = {
    "online": ("compute",),
    "batch": ("look up",),
    "active": ("look up", "list"),
    "lazy": ("look up", "compute"),
}


def run(design: PeopleYouMayKnow, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        quality, clocks = s.quality.value, _clocks(design, s)
        parts = _parts(design, s, clocks)
        return Measurement(
            quality=quality,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            memory_bytes=_memory_bytes(design, s),
            build_s=build_seconds(*_held(design, s)),
            refresh_s=_refresh_s(design, s) if design.serving != "online" else 0.0,
            refresh_every_h=24.0 * refresh_days(design) if design.serving != "online" else 0.0,
            store_bytes=_store_bytes(s) if design.serving != "online" else 0,
            counts=_counts(design, s),
            steps=_steps(design, s, computed),
            noise=max(timing.noise for timing in clocks.values()),
            shown=s.shown.value,
        )


def _steps(design: PeopleYouMayKnow, s: Stages, computed: set[str]) -> tuple[StepRecord, ...]:
    """What ran, in order, without the stand-in for stages that the design does without."""
    records = trace(computed, s.quality, *(s.timings[name] for name in TIMED[design.serving]))
    return tuple(record for record in records if record.name != p.nothing.__name__)


def _clocks(design: PeopleYouMayKnow, s: Stages) -> dict[str, Timing]:
    """The timings of what a request passes through, by name."""
    clocks: dict[str, Timing] = {}
    for name in TIMED[design.serving]:
        timed = s.timings[name].value
        clocks |= {"find": timed.find, "rank": timed.rank} if name == "compute" else {name: timed}
    return clocks


def _parts(design: PeopleYouMayKnow, s: Stages, clocks: dict[str, Timing]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by stage; only people who are not in the store go on past the look-up."""
    parts = {name: timing.wall_ms for name, timing in clocks.items()}
    if design.serving not in ("active", "lazy"):
        return parts
    missed = ~np.resize(s.chosen.value[s.world.value.users], o.N_TIMED)
    return {name: ms if name == "look up" else ms * missed for name, ms in parts.items()}


def _held(design: PeopleYouMayKnow, s: Stages) -> tuple[Step, ...]:
    """What is served from."""
    live = (s.now.graph, s.now.groups, s.now.vectors, s.now.index, s.now.ranker)
    return {"online": live, "batch": (s.store,), "active": (s.store, s.lists), "lazy": (s.store, *live)}[design.serving]


def _memory_bytes(design: PeopleYouMayKnow, s: Stages) -> int:
    """What a replica holds: the links with vectors, index and trees, the store, or both."""
    total = 0
    if design.serving in ("online", "lazy"):
        total += sum(each.value.nbytes for each in (s.now.graph, s.now.vectors, s.now.index, s.now.ranker)
                     if each.value is not None)  # fmt: skip
    if design.serving != "online":
        total += _store_bytes(s)
    return total + (s.lists.value.nbytes if design.serving == "active" else 0)


def _store_bytes(s: Stages) -> int:
    """Bytes of a store with everybody chosen: ours holds those asked about, and every row takes the same."""
    whole = s.whole_store.value
    row_bytes = (whole.nbytes - p.EMPTY_STORE_BYTES) / max(whole.rows, 1)
    return int(p.EMPTY_STORE_BYTES + row_bytes * s.chosen.value.sum())


def _refresh_s(design: PeopleYouMayKnow, s: Stages) -> float:
    """CPU seconds of the whole batch job: what is made once, and the users' part carried to everybody chosen.

    By links walked where the job walks, else by people; both are counted, not timed (`work_share`).
    """
    then = s.then
    once = own_seconds(then.graph, then.groups, then.vectors, then.index, then.ranker, s.chosen, s.lists)
    work = dict(hub_cap=design.hub_cap, walking=walked(design))
    share = p.work_share(s.world.value, then.graph.value, s.chosen.value, **work)
    return once + share * own_seconds(then.walked, then.found, then.suggested, s.store)


def _counts(design: PeopleYouMayKnow, s: Stages) -> dict[str, float]:
    """Work of a request that is computed, or of a person in the batch job: links walked, candidates, distances."""
    at = s.now if design.serving == "online" else s.then
    counts = {"candidates": float(at.suggested.value.n_candidates.mean())}
    if walked(design):
        counts["links walked"] = float(at.walked.value.paths.mean())
    if searched(design):
        counts["distances"] = float(at.found.value.n_distances.mean())
    return counts
