"""News feed: how much better than base rates the heads foretell the last day of two other worlds."""

from __future__ import annotations

import numpy as np

from core.cases.news_feed.data.world import BINARY
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.model import heads, training
from core.cases.news_feed.model import linear as news_linear
from core.cases.news_feed.model import trees as news_trees
from core.cases.news_feed.pipeline import stages as news_stages
from data.make.tuning_cases.settings import OTHER_SEEDS, Constant, Tuned, log_uniform, one_of


def _feed_score(model: str) -> float:
    return float(np.mean([_information(model, seed) for seed in OTHER_SEEDS]))


def _information(model: str, seed: int) -> float:
    """The mean over binary heads of 1 - cross-entropy ÷ entropy, at the places where the posts stood."""
    design = NewsFeed(model=model)
    logged = news_stages(design, seed)["logged"].value
    shape = _feed_shape(design) if model in heads.NETWORKS else {}
    how = dict(heads=design.heads, position=design.position, rare=design.rare)
    scorer = heads.train(logged, model, **how, seed=seed, **shape)
    said = heads.rows_scored(scorer, logged.test, design.position == "tower")[:, : len(BINARY)].clip(1e-6, 1 - 1e-6)
    done = logged.test.done[:, : len(BINARY)]
    base = done.mean(axis=0).clip(1e-6, 1 - 1e-6)
    return float((1 - _entropy(done, said) / _entropy(done, base)).mean())


def _entropy(done: np.ndarray, said: np.ndarray) -> np.ndarray:
    return -(done * np.log(said) + (1 - done) * np.log(1 - said)).mean(axis=0)


def _feed_shape(design: NewsFeed) -> dict[str, int]:
    return {"width": design.width} | ({"experts": design.experts} if design.model == "mmoe" else {})


NETWORK = (
    Constant(training, "RATE", log_uniform(0.002, 0.04)), Constant(training, "EPOCHS", one_of(2, 3, 5)),
    Constant(training, "BATCH", one_of(512, 1024, 2048)), Constant(training, "DECAY", one_of(0.0, 0.6, 1.0, 3.0)),
)  # fmt: skip
TUNED = Tuned(
    "relative information gain, mean over heads", "the last day of two other worlds, seeds 100 and 101",
    {
        "lr": (Constant(news_linear, "LR_C", log_uniform(0.001, 3)),),
        "gbdt": (
            Constant(news_trees, "TREES", one_of(20, 30, 45)), Constant(news_trees, "LEAVES", one_of(4, 6, 10, 16)),
            Constant(news_trees, "TREE_RATE", log_uniform(0.06, 0.3)),
            Constant(news_trees, "LEAST_IN_LEAF", one_of(30, 60, 120)),
        ),
        "separate": NETWORK, "shared": NETWORK, "mmoe": NETWORK,
    },
    _feed_score, lambda model: NewsFeed(model=model),
)  # fmt: skip
