"""Similar listings: how often the booked home is among the twelve shown, in two other worlds."""

from __future__ import annotations

import numpy as np

from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.model import similarity, skipgram
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.pipeline import _training, stages
from core.cases.similar_listings.serve.sessions import look_up, make_lists
from core.stages.serve import INGEST_H
from data.make.tuning_cases.settings import OTHER_SEEDS, Constant, Tuned, log_uniform, one_of


def _score(model: str) -> float:
    return float(np.mean([_recall(SimilarListings(model=model), seed) for seed in OTHER_SEEDS]))


def _recall(design: SimilarListings, seed: int) -> float:
    world, log = (stages(design, seed)[name].value for name in ("world", "log"))
    learnt = similarity.MODELS[design.model].learn(world, log, **_training(design), seed=seed)
    known = add_new_homes(learnt, world, log, design.model, design.cold_start, INGEST_H / 24, seed)
    lists = make_lists(known, world, design.filter, seed)
    shown = look_up(known, lists, world, design.filter, design.effort, design.fetch, design.context)
    return float((shown.ids == world.now.booked[:, None]).any(axis=1).mean())


TUNED = Tuned(
    "recall@12", "the guests of two other worlds, seeds 100 and 101",
    {
        "attributes": (
            Constant(similarity, "PRICE_WEIGHT", log_uniform(0.3, 3)),
            Constant(similarity, "PLACE_WEIGHT", log_uniform(0.4, 4)),
            Constant(similarity, "KIND_WEIGHT", log_uniform(0.2, 2.5)),
            Constant(similarity, "ATTRIBUTE_ANGLE", log_uniform(0.15, 1.5)),
            Constant(similarity, "PLACE_ANGLE", log_uniform(0.25, 2.5)),
        ),
        "coclick": (
            Constant(similarity, "SHRINKAGE", log_uniform(0.5, 50)),
            Constant(similarity, "BY_ATTRIBUTES", log_uniform(1e-6, 0.1)),
        ),
        "skipgram": (
            Constant(skipgram, "LEARNING_RATE", log_uniform(0.03, 0.6)),
            Constant(skipgram, "NEGATIVES", one_of(2, 3, 5, 8)), Constant(skipgram, "EPOCHS", one_of(2, 3, 5)),
            Constant(skipgram, "START_LENGTH", log_uniform(0.1, 1.5)),
            Constant(skipgram, "NOISE_POWER", one_of(0.5, 0.75, 1.0)),
        ),
    },
    _score, lambda model: SimilarListings(model=model),
)  # fmt: skip
