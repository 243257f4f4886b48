"""How Street View blurring can be framed, and the true boxes of its photos; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.cases.street_view_blurring.data.paint import KINDS
from core.cases.street_view_blurring.data.photos import N_TRAIN_PEOPLE, PHOTO_PX, Photos
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "one_pass": lambda design: canonical(replace(design, faces="streetnet", plates="streetnet", verify="off")),
    "second_look": lambda design: canonical(replace(design, faces="streetnet", plates="streetnet", verify="strict")),
    "windows": lambda design: canonical(replace(design, faces="hog", plates="hog", verify="off")),
}
GREY = "grey of the photo"


def sample(design: StreetViewBlurring, seed: int) -> Sample:
    """The true boxes in the photos that are judged, in the order in which the photos were taken."""
    steps = stages(design, seed)
    photos, training = steps["photos"].value, steps["training"].value
    grey = photos.pixels.mean(axis=(1, 2))
    return Sample(
        rows=tuple(_row(photos, grey[photos.of[thing]], thing) for thing in range(min(SHOWN, len(photos.of)))),
        columns=(
            Column("thing", "int", 0, unique=True),
            Column("photo", "int", 0, len(photos.pixels) - 1),
            Column("kind", "str", allowed=KINDS),
            Column("left", "float", 0.0, PHOTO_PX - 1),
            Column("top", "float", 0.0, PHOTO_PX - 1),
            Column("width", "float", 2.0, PHOTO_PX * 0.6),
            Column("height", "float", 2.0, PHOTO_PX * 0.5),
            Column(GREY, "float", 5.0, 250.0),
        ),
        split={
            "photos that teach": len(training.pixels),
            "photos judged": len(photos.pixels),
            "faces and plates judged": len(photos.of),
        },
        labels="Every box is known, because faces and plates were put into photos that had none.",
        leakage=f"{N_TRAIN_PEOPLE} people and two scenes in five teach; nobody and no scene of theirs is judged.",
        spoil=spoil,
    )


def _row(photos: Photos, grey: float, thing: int) -> dict[str, Any]:
    left, top, right, bottom = map(float, photos.box[thing])
    return {
        "thing": thing, "photo": int(photos.of[thing]), "kind": KINDS[photos.kind[thing]], "left": left, "top": top,
        "width": right - left, "height": bottom - top, GREY: float(grey),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: boxes as shares of the photo, corners swapped, a kind unknown."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["width"], row["height"] = row["width"] / PHOTO_PX, row["height"] / PHOTO_PX
    for row in spoilt[1::6]:
        row["height"] = -row["height"]
    for row in spoilt[2::6]:
        row["kind"] = "person"
    for row in spoilt[3::6]:
        row["left"] = None
    for row in spoilt[4::6]:
        row[GREY] = 0.0
    return [*spoilt, *(dict(row) for row in spoilt[5::12])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, StreetViewBlurring, SOURCES, FRAMINGS, sample)
