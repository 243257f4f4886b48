"""How finding digits can be framed, and real digits as rows; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.cases.skeleton.data import World
from core.cases.skeleton.design import Skeleton
from core.cases.skeleton.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

DARK = 0.1  # of a digit's length as a vector: a pixel above it can be seen
FRAMINGS = {
    "scan": lambda design: canonical(replace(design, index="flat")),
    "walk": lambda design: canonical(replace(design, index="hnsw")),
}
COLUMNS = (
    Column("picture", "int", 0, unique=True),
    Column("digit", "int", 0, 9),
    Column("darkest pixel", "float", 0.0, 1.0),
    Column("pixels drawn", "int", 1, 64),
)


def sample(design: Skeleton, seed: int) -> Sample:
    """The digits that are searched with."""
    world = stages(design, seed)["world"].value
    return Sample(
        rows=tuple(_row(world, query) for query in range(len(world.queries))),
        columns=COLUMNS,
        split={"searched": len(world.corpus), "searched with": len(world.queries)},
        labels="The digit that its writer was asked to write.",
        leakage="No digit is on both sides; one writer's digits may be.",
        spoil=spoil,
    )


def _row(world: World, query: int) -> dict[str, Any]:
    pixels = world.queries[query]
    return {
        "picture": query,
        "digit": int(world.query_labels[query]),
        "darkest pixel": float(pixels.max()),
        "pixels drawn": int((pixels > DARK).sum()),
    }


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: an unknown label, a picture lost, pixels not scaled, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["digit"] = 10
    for row in spoilt[1::6]:
        row["pixels drawn"] = None
    for row in spoilt[2::6]:
        row["darkest pixel"] *= 255
    return [*spoilt, *(dict(row) for row in spoilt[3::12])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, Skeleton, SOURCES, FRAMINGS, sample)
