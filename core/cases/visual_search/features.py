"""From images to the short vectors that are indexed and searched with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.visual_search.data import World
from core.cases.visual_search.model import ENCODERS, stored
from core.stages import embed


@dataclass(frozen=True)
class Vectors:
    """Unit vectors float32: training (n_train, d), catalogue (n, d) and queries (n_queries, d)."""

    train: np.ndarray
    corpus: np.ndarray
    queries: np.ndarray


def fit_encoder(world: World, encoder: str, seed: int, **training: Any) -> Any:
    """The encoder's model, fitted on the training images where there is something to fit."""
    return ENCODERS[encoder].fit(world.train, world.train_labels, seed, **training)


def encode(model: Any, world: World, encoder: str, dataset: str) -> Vectors:
    """The full vectors of every image; those of the pretrained network come encoded."""
    if encoder == "lite0":
        searched_in, asked_with = stored(dataset)
        return Vectors(searched_in[world.train_row], searched_in[world.corpus_row], asked_with[world.query_row])
    make = ENCODERS[encoder].encode
    return Vectors(make(model, world.train), make(model, world.corpus), make(model, world.queries))


def sizes(full: Vectors) -> dict[str, int]:
    """How many images the catalogue has, and the bytes of their full vectors."""
    return {"images": len(full.corpus), "full_bytes": full.corpus.nbytes}


def fit_reduction(full: Vectors, world: World, kind: str, dim: int, seed: int, **training: Any) -> embed.Projection:
    """How full vectors become `dim` numbers, fitted on the training vectors."""
    return embed.fit_reducer(full.train, world.train_labels, kind=kind, dim=dim, seed=seed, **training)


def shorten(projection: embed.Projection, full: Vectors) -> Vectors:
    """The short vectors that are indexed and asked with."""
    return Vectors(full.train[:0], embed.reduce(projection, full.corpus), embed.reduce(projection, full.queries))
