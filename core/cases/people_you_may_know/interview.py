"""How people you may know can be framed, and real links as rows; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.people_you_may_know.data.people import World
from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "count": lambda design: canonical(replace(design, scorer="adamic_adar")),
    "pairs": lambda design: canonical(replace(design, scorer="gbdt")),
    "vectors": lambda design: canonical(replace(design, scorer="embedding")),
}


def sample(design: PeopleYouMayKnow, seed: int) -> Sample:
    """Links that are known today, at most 500 over the years, by day; people are numbers."""
    world = stages(design, seed)["world"].value
    chosen = np.argsort(world.day, kind="stable")[np.linspace(0, len(world.day) - 1, SHOWN).astype(int)]
    degree = np.bincount(world.pairs.ravel(), minlength=world.n)
    return Sample(
        rows=tuple(_row(world, degree, link) for link in chosen.tolist()),
        columns=_columns(world),
        split={
            "links known": len(world.pairs),
            "people asked about": len(world.users),
            "links to foresee": len(world.future_ids),
        },
        labels="A later link is a right suggestion; nobody is asked, and a pair without a link is a stranger.",
        leakage="Links to foresee are in no graph that is walked or learnt from. "
        + ("Here they are drawn from all years, so known links are often younger than they are."
           if world.shuffled else "All of them came after today."),
        spoil=spoil,
    )  # fmt: skip


def _columns(world: World) -> tuple[Column, ...]:
    ids, links = (0, world.n - 1), (1, world.n - 1)
    return (
        Column("link", "str", unique=True),
        Column("day", "int", 0, world.today - 1),  # since 1970, or since the first drawn day
        Column("person", "int", *ids),
        Column("other", "int", *ids),
        Column("links of the person", "int", *links),
        Column("links of the other", "int", *links),
        Column("domain ends in", "str", allowed=world.tld_names),
    )


def _row(world: World, degree: np.ndarray, link: int) -> dict[str, Any]:
    person, other = map(int, world.pairs[link])
    return {
        "link": f"{person}-{other}", "day": int(world.day[link]), "person": person, "other": other,
        "links of the person": int(degree[person]), "links of the other": int(degree[other]),
        "domain ends in": world.tld_names[world.tld[person]],
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: seconds for days, a person lost, an unknown domain, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["day"] = (row["day"] + 1) * 86_400
    for row in spoilt[1::6]:
        row["other"] = None
    for row in spoilt[2::6]:
        row["domain ends in"] = "localhost"
    for row in spoilt[3::6]:
        row["links of the person"] = 0
    return [*spoilt, *(dict(row) for row in spoilt[4::12])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, PeopleYouMayKnow, SOURCES, FRAMINGS, sample)
