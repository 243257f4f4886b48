"""What grows with the members, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow, searched, walked
from core.cases.people_you_may_know.evaluate import grade
from core.cases.people_you_may_know.pipeline import scoring_of, stages
from core.cases.people_you_may_know.serve.candidates import find_candidates, index_people
from core.cases.people_you_may_know.serve.ranking import score_and_choose
from core.contract.case import Estimate, Measurement
from core.contract.scaling_spec import (
    AblationStep,
    LawBasis,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    linear,
    vector_index,
)
from core.runtime.memo import step
from core.scaling.recorded import recorded_laws

SLUG = "people_you_may_know"
LINKED = ("known links", "group people", "embed")  # steps over all members
INDEXED = ("index people",)


def scaling_parts(design: PeopleYouMayKnow, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Links, vectors and store grow with the members; a walk goes as far as somebody has friends."""
    n, held, parts = measured.n_items, measured.parts_bytes, []
    computes, stored = design.serving in ("online", "lazy"), design.serving != "online"
    if searched(design):
        index = dict(kind=design.index, dim=design.dim, effort=design.effort, in_job=stored, built_by=INDEXED)
        parts.append(vector_index("vectors", n, **index, part="find" if computes else ""))
    if computes:
        rest = sum(part_bytes for part, part_bytes in held.items() if part not in ("index", "store", "ranker"))
        parts.append(linear("links", n, "links and vectors of each member", bytes_each=rest / n, built_by=LINKED))
    if stored:
        each = held["store"] / measured.n_keys
        parts.append(keyed("store", "a row of ten people for each member in it", bytes_each=each))
    if design.serving == "active":
        parts.append(fixed("lists", "the best connected of each country, however many live there"))
    if walked(design):
        parts.append(fixed("walk", "friends of friends depend on how many friends people have, not on how many people"))
    return tuple(parts)


def quality_growth(design: PeopleYouMayKnow) -> QualityGrowth | None:
    """Recall among more members. A walk meets no more of them; a list of the best connected has no law of its own."""
    if searched(design):
        like = f"{design.graph}, {design.candidates}"
        return QualityGrowth(
            "a share of the members is indexed; the users, and whom they come to know, always are", _among_some,
            like=like,
        )  # fmt: skip
    if design.candidates == "popular":
        return None
    return QualityGrowth("friends of friends are as many as people have friends; that number is assumed to stay")


def _among_some(design: PeopleYouMayKnow, times: float, seed: int) -> Estimate:
    """recall@10 computed at the request with the vectors of a share of the members in the index."""
    s = stages(design, seed)
    s = {name: s.get(name) for name in ("world", "graph", "groups", "walk", "vectors", "ranker")}
    some = step(keep_vectors, s["vectors"], s["world"], share=times, seed=seed)
    index = step(index_people, some, kind=design.index, seed=seed)
    lookup = dict(candidates=design.candidates, profile=design.profile)
    lookup["effort"] = recorded_laws().effort_at(SLUG, design.index, design.effort, times)
    links = (s["world"], s["graph"], s["groups"], s["walk"])
    near = step(find_candidates, *links, some, index, **lookup)
    ten = step(score_and_choose, *links, s["vectors"], s["ranker"], near, **scoring_of(design)).value
    return grade(s["world"].value, ten.ids, ten)["recall@10"]


def keep_vectors(vectors: np.ndarray, world: World, share: float, seed: int) -> np.ndarray:
    """The vectors (n, d) of a share of the members, of the users and of whom they come to know; 0 for the others."""
    kept = np.random.default_rng([seed, 7]).permutation(world.n) < round(share * world.n)
    kept[world.users] = kept[world.future_ids] = True
    return np.where(kept[:, None], vectors, 0).astype(np.float32)


def _vectors(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The members who have links and are not asked about, and those who are."""
    s = stages(BY_VECTOR, seed)
    vectors, users = s["vectors"].value, s["world"].value.users
    others = np.setdiff1d(np.flatnonzero(vectors.any(axis=1)), users)
    asked = vectors[users]
    return vectors[others], asked[asked.any(axis=1)]


BY_VECTOR = PeopleYouMayKnow(candidates="ann", scorer="embedding", profile=0.0)
MERGED = PeopleYouMayKnow(candidates="fof_ann", scorer="adamic_adar", profile=0.0)
LAW_BASIS = LawBasis(
    designs=(
        BY_VECTOR, replace(BY_VECTOR, embedding="spectral", index="flat"),
        MERGED, replace(MERGED, embedding="spectral"),
        replace(BY_VECTOR, graph="coauthors"), replace(MERGED, graph="coauthors", half_life=0),
    ),
    vectors=_vectors,
)  # fmt: skip
ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 32}),
    AblationStep("cut by the hub cap", {"hub_cap": NO_CAP}),
    AblationStep("stale", {"serving": "online", "refresh_days": 7}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "lazy"},
    keys=lambda design: int(stages(design)["active"].value.sum()), keys_are="members",
)  # fmt: skip
