"""How video recommendation can be framed, and real ratings of its log; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.video_recommendation.data import CUTS, LIKED, World
from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "ranked": lambda design: canonical(replace(design, ranker="gbdt")),
    "retrieved": lambda design: canonical(replace(design, ranker="none")),
}
GENRES = (
    "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
    "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western", "none given",
)  # fmt: skip


def sample(design: VideoRecommendation, seed: int) -> Sample:
    """Ratings that the last training learnt from, at most 500 over its years, in order of time."""
    world = stages(design, seed)["world"].value
    log = world.eras[-1].log
    chosen = np.unique(np.linspace(0, len(log.user) - 1, SHOWN).astype(int))
    requests = sum(len(era.requests) for era in world.eras)
    return Sample(
        rows=tuple(_row(world, row) for row in chosen.tolist()),
        columns=_columns(None if design.split == "random" else CUTS[-1] - 1, world.n_users, world.n_films),
        split={
            "ratings, last training": len(log.user),
            "practice requests, for the ranker": sum(len(era.practice) for era in world.eras),
            "requests judged": requests,
        },
        labels=f"A like is a rating of {LIKED:g} stars or more by the person; any rating counts as watched.",
        leakage="Here a random split: ratings of later years teach, and people who ask are in the log but for what is "
        "to be foreseen."
        if design.split == "random"
        else "Each training ends before the first request that it serves; people who ask are in no log that taught.",
        spoil=spoil,
    )  # fmt: skip


def _columns(last_second: int | None, people: int, films: int) -> tuple[Column, ...]:
    return (
        Column("rating", "str", unique=True),
        Column("second", "int", 788_918_400, last_second),  # from 1995
        Column("person", "int", 0, people - 1),
        Column("film", "int", 0, films - 1),
        Column("film year", "int", 0, 2016),
        Column("first genre", "str", allowed=GENRES),
        Column("stars", "float", 0.5, 5.0),
    )


def _row(world: World, row: int) -> dict[str, Any]:
    log = world.eras[-1].log
    person, film = int(log.user[row]), int(log.film[row])
    genre = world.genres[film].split(", ")[0]
    return {
        "rating": f"{person}-{film}", "second": int(log.second[row]), "person": person, "film": film,
        "film year": int(world.year[film]), "first genre": genre if genre in GENRES else "none given",
        "stars": float(log.stars[row]),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: stars out of 100, milliseconds, a genre never seen, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::5]:
        row["stars"] *= 20
    for row in spoilt[1::5]:
        row["second"] *= 1_000
    for row in spoilt[2::5]:
        row["first genre"] = "Shorts"
    for row in spoilt[3::5]:
        row["stars"] = None
    return [*spoilt, *(dict(row) for row in spoilt[4::20])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, VideoRecommendation, SOURCES, FRAMINGS, sample)
