"""Visual search: nDCG@10 of exact search for things kept out of the training drawings, which no page query asks for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from core.cases.visual_search import evaluate, features
from core.cases.visual_search.data import World, load_world
from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.model import small
from core.cases.visual_search.pipeline import _fitting, _training
from core.stages import contrastive, embed
from data.make.tuning_cases.settings import Constant, Draw, Tuned, log_uniform, one_of

SEED = 0  # of the world whose training half is split; the queries of other worlds are partly in that half
KEPT_OUT = 3  # one thing in so many is asked for
OF_LITE0, OF_HOG = "learned projection of Lite0's vectors", "learned projection of HOG + colour layout"


@cache
def held_out() -> World:
    """The world whose queries are the 3D renders of a third of the things one may train on; the others train."""
    design = VisualSearch()
    world = load_world(design.dataset, design.catalogue, design.intrinsic_dim, SEED)
    things = np.random.default_rng(SEED).permutation(np.unique(world.train_labels))
    asked, n = np.isin(world.train_labels, things[: len(things) // KEPT_OUT]), len(world.corpus_row) // 2
    in_3d = np.flatnonzero(asked & (world.train_row >= 2 * n))
    taught, rows = np.flatnonzero(~asked), world.train_row[in_3d]
    return replace(
        world,
        train=small(world.train.take(taught)), train_row=world.train_row[taught],
        train_labels=world.train_labels[taught], corpus=small(world.corpus), queries=small(world.train.take(in_3d)),
        query_kind=world.corpus_kind[rows - 2 * n], query_thing=world.train_labels[in_3d], query_row=rows,
        query_age=np.zeros(len(rows)), query_turn=np.zeros(len(rows)),
    )  # fmt: skip


def _score(model: str) -> float:
    design, world = _design(model), held_out()
    fitted = features.fit_encoder(world, design.encoder, SEED, **_fitting(design))
    full = features.encode(fitted, world, design.encoder, design.dataset)
    training = _training(design) if design.reduce == "retrain" else {}
    projection = features.fit_reduction(full, world, design.reduce, design.dim, SEED, **training)
    short = features.shorten(projection, full)
    found = evaluate.exact(short)
    return evaluate.grade(found, found, world, short)["ndcg@10"].value


def _design(model: str) -> VisualSearch:
    """Exact search by what the model makes: the encoder's own 128 numbers, or a projection to 64."""
    if model in (OF_LITE0, OF_HOG):
        return VisualSearch(encoder="hog" if model == OF_HOG else "lite0", reduce="retrain", index="flat")
    return VisualSearch(encoder=model, reduce="pca" if model == "hog" else "truncate", dim=128, index="flat")


def _part_weights() -> Draw:
    """Gradients count 1, layout and colours more or less."""
    layout, colours = log_uniform(0.2, 2), log_uniform(0.1, 2)
    return lambda rng: (1.0, layout(rng), colours(rng))


RATE = Constant(contrastive, "LEARNING_RATE", log_uniform(5e-4, 0.02))
STEPS = Constant(contrastive.train_contrastive, "__kwdefaults__", one_of(50, 100, 200, 300), "steps")
HIDDEN = Constant(contrastive.train_contrastive, "__kwdefaults__", one_of(64, 128, 256), "hidden")
TUNED = Tuned(
    "nDCG@10", "a third of the things in the training drawings, kept out of training",
    {
        "pca": (Constant(embed, "WHITENED", one_of(0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)),),
        "hog": (Constant(embed, "PART_WEIGHTS", _part_weights()),),
        "contrastive": (RATE, STEPS, HIDDEN),
        OF_LITE0: (RATE, STEPS),
        OF_HOG: (RATE, STEPS),
    },
    _score, _design, seeds=(SEED,), untuned=("pixels", "lite0"),
)  # fmt: skip
