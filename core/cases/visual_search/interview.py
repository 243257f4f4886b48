"""How visual search can be framed, and real pictures as rows; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.pipeline import stages
from core.contract.case import SEED
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

MOST_ROWS = 500
DARKEST = 1.0  # mean of a picture, 0 to 255: real ones are all above, a picture scaled to 0 … 1 is not


def sample(design: VisualSearch, seed: int = SEED) -> Sample:
    """The oldest pictures of the catalogue, as rows; raises DataError where a file of the data is amiss."""
    world = stages(design, seed)["world"].value
    oldest = np.argsort(-world.corpus_age, kind="stable")[:MOST_ROWS]
    return Sample(
        rows=tuple(_row(world, int(at)) for at in oldest),
        columns=(
            Column("image", "int", low=0, unique=True),
            Column("kind", "str", allowed=world.kind_names),
            Column("side_px", "int", low=world.corpus.shape[1], high=world.corpus.shape[1]),
            Column("mean_brightness", "float", low=DARKEST, high=255),
            Column("share_newer", "float", low=0, high=1),
        ),
        split={"training": len(world.train), "catalogue": len(world.corpus), "queries": len(world.queries)},
        labels=LABELS[design.dataset],
        leakage="A query that was trained on leaks its label. Training, catalogue and queries are disjoint parts of "
        "one permutation; of the emoji, every twin of a glyph stays on its side.",
        spoil=spoil,
    )


LABELS = {
    "fashion": "The shop's own categories, ten kinds, as Zalando published them: right means the same kind.",
    "drawings": "The Unicode names: right is the same glyph by either artist; its subcategory counts for less.",
    "emoji": "The Unicode names: right is the same glyph by the other artist, and its subcategory counts for less.",
    "textures": "Known by construction: each picture is drawn from one of a hundred patterns.",
}


def _row(world: Any, at: int) -> dict[str, Any]:
    return {
        "image": int(world.corpus_row[at]),
        "kind": world.kind_names[int(world.corpus_kind[at])],
        "side_px": int(world.corpus.shape[1]),
        "mean_brightness": float(world.corpus[at].mean()),
        "share_newer": float(world.corpus_age[at]),
    }


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same batch from a broken feed: pixels scaled twice, a picture sent twice, a kind that nobody declared."""
    broken = [dict(row) for row in rows]
    for row in broken[:5]:
        row["mean_brightness"] /= 255
    broken[5]["image"] = broken[6]["image"]
    broken[7]["kind"] = "unsorted"
    return broken


FRAMINGS = {
    "by_hand": lambda design: replace(design, encoder="hog"),
    "learned_here": lambda design: replace(design, encoder="contrastive"),
    "rebuilding": lambda design: replace(design, encoder="pca"),
}


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, VisualSearch, SOURCES, FRAMINGS, sample)
