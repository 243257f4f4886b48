"""The rankers: models that make a chance of what is known of a film and a person together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_recommendation.data import Era, World
from core.cases.video_recommendation.features import candidate_features, film_facts_at
from core.metrics.maths import sigmoid

# chosen of eight settings each, by nDCG on the half of the practice people that a ranker did not learn from
INVERSE_PENALTY = 0.3
LEAVES, RATE, LEAST_ROWS = 4, 0.2, 30  # of each tree
LEARN_FROM = 100  # candidates of a practice request, evenly by place, so that chances stay right and training short


@dataclass(frozen=True)
class Ranker:
    """A fitted ranker: chances (n,) from features (n, 11), and the bytes it is served from."""

    kind: str
    model: Any
    nbytes: int

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return PREDICT[self.kind](self.model, rows)


@dataclass(frozen=True)
class Examples:
    """Features (m, 11) of practice candidates and what came of each (m,): 1 where the person went on to it."""

    rows: np.ndarray
    came: np.ndarray


def make_examples(era: Era, world: World, find: Callable[[int], tuple[np.ndarray, np.ndarray]], goal: str) -> Examples:
    """What the ranker learns from: of the candidates `find(i)` of each practice request, which came true.

    Films are described as of the request, since one that is served knows nothing of what comes after it either.
    """
    practice = era.practice
    wanted = practice.to_like if goal == "likes" else practice.to_view
    rows, came, is_wanted = [], [], np.zeros(world.n_films, bool)
    for i in range(len(practice)):
        ids, scores = find(i)
        second = int(practice.second[i])
        facts = film_facts_at(era.log, world.year, world.content, second)
        every = candidate_features(facts, ids, scores, practice.liked[i], second)
        spread = np.linspace(0, len(ids) - 1, min(len(ids), LEARN_FROM)).round().astype(int)
        is_wanted[wanted[i]] = True
        rows.append(every[spread])
        came.append(is_wanted[ids[spread]])
        is_wanted[wanted[i]] = False
    return Examples(np.concatenate(rows), np.concatenate(came).astype(np.float32))


def fit_lr(examples: Examples, trees: int, seed: int) -> Ranker:
    """Logistic regression over standardised features."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = examples.rows.mean(axis=0), np.maximum(examples.rows.std(axis=0), 1e-6)
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=200).fit((examples.rows - mean) / scale, examples.came)
    weights = (model.coef_[0] / scale).astype(np.float32)
    bias = np.float32(model.intercept_[0] - (mean / scale) @ model.coef_[0])
    return Ranker("lr", (weights, bias), weights.nbytes + 4)


def fit_gbdt(examples: Examples, trees: int, seed: int) -> Ranker:
    """Gradient-boosted trees, by LightGBM."""
    import lightgbm

    settings = dict(
        objective="binary", num_leaves=LEAVES, learning_rate=RATE, min_data_in_leaf=LEAST_ROWS, lambda_l2=5.0,
        num_threads=1, deterministic=True, force_row_wise=True, seed=seed, verbose=-1, max_bin=63,
    )  # fmt: skip
    data = lightgbm.Dataset(examples.rows, examples.came, params=settings)
    model = lightgbm.train(settings, data, num_boost_round=trees)
    return Ranker("gbdt", model, len(model.model_to_string()))


def _lr(model: Any, rows: np.ndarray) -> np.ndarray:
    weights, bias = model
    return sigmoid(rows @ weights + bias)


def _gbdt(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict(rows, num_threads=1)


RANKERS: dict[str, Callable[[Examples, int, int], Ranker] | None] = {"none": None, "lr": fit_lr, "gbdt": fit_gbdt}
PREDICT: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {"lr": _lr, "gbdt": _gbdt}
