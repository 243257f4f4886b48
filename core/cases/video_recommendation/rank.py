"""The ranker: what is known of a film and a person together, and the models that make a chance of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_recommendation.world import LIKED, Era, Log

FEATURES = (
    "score of the source", "place at the source", "likes", "likes in the last two years", "stars", "like the likes",
    "like the nearest like", "age", "years from the likes", "number of likes", "how popular the likes are",
)  # fmt: skip
RECENT_S = 2 * 365 * 86_400
LEAVES, RATE, LEAST_ROWS = 8, 0.1, 30  # of each tree, chosen on practice requests of the eras before
LEARN_FROM = 100  # candidates of a practice request, evenly by place, so that chances stay right and training short
LAST_LIKES = 20  # that the nearest like is looked for among
YEAR_S = 365.2425 * 86_400


@dataclass(frozen=True)
class FilmFacts:
    """What each film is and how it had done by the time of training, (n,) each; content (n, c)."""

    likes: np.ndarray  # log of one and the likes of ten thousand
    recent: np.ndarray
    stars: np.ndarray
    year: np.ndarray
    content: np.ndarray

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in (self.likes, self.recent, self.stars, self.year, self.content))


def film_facts(log: Log, year: np.ndarray, content: np.ndarray) -> FilmFacts:
    """Counts and means over the log; few stars are drawn towards the mean of all."""
    n, liked = len(year), log.stars >= LIKED
    recent = liked & (log.second >= log.second[-1] - RECENT_S)
    views = np.bincount(log.film, minlength=n)
    stars = (np.bincount(log.film, log.stars, minlength=n) + 5 * log.stars.mean()) / (views + 5)
    return FilmFacts(
        _share(log.film[liked], n), _share(log.film[recent], n), stars.astype(np.float32),
        np.where(year > 0, year, np.median(year)).astype(np.float32), content,
    )  # fmt: skip


def _share(films: np.ndarray, n: int) -> np.ndarray:
    return np.log1p(1e4 * np.bincount(films, minlength=n) / max(len(films), 1)).astype(np.float32)


def features(facts: FilmFacts, ids: np.ndarray, scores: np.ndarray, liked: np.ndarray, second: int) -> np.ndarray:
    """The FEATURES (n, 11) of candidates for a person with these likes at this second."""
    n, total = len(ids), np.add.reduce  # the method `mean` costs more than the sum of so few
    rows = np.empty((n, len(FEATURES)), np.float32)
    middled = scores - total(scores) / n
    rows[:, 0] = middled / max(float(total(middled * middled) / n) ** 0.5, 1e-6)
    rows[:, 1] = np.log1p(np.arange(n))
    rows[:, 2], rows[:, 3], rows[:, 4] = facts.likes[ids], facts.recent[ids], facts.stars[ids]
    rows[:, 7] = 1970 + second / YEAR_S - facts.year[ids]
    rows[:, 9] = np.log1p(len(liked))
    if not len(liked):
        rows[:, (5, 6, 8, 10)] = 0
        return rows
    alike = facts.content[liked[-LAST_LIKES:]] @ facts.content[ids].T
    rows[:, 5], rows[:, 6] = total(alike, axis=0) / len(alike), np.maximum.reduce(alike, axis=0)
    rows[:, 8] = np.abs(facts.year[ids] - total(facts.year[liked]) / len(liked))
    rows[:, 10] = total(facts.likes[liked]) / len(liked)
    return rows


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


def make_examples(
    era: Era, facts: FilmFacts, found: Callable[[int], tuple[np.ndarray, np.ndarray]], goal: str
) -> Examples:
    """What the ranker learns from: of the candidates `found(i)` of each practice request, which came true."""
    practice = era.practice
    wanted = practice.to_like if goal == "likes" else practice.to_view
    rows, came, is_wanted = [], [], np.zeros(len(facts.year), bool)
    for i in range(len(practice)):
        ids, scores = found(i)
        every = features(facts, ids, scores, practice.liked[i], int(practice.second[i]))
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
    model = LogisticRegression(C=1.0, max_iter=200).fit((examples.rows - mean) / scale, examples.came)
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
    return 1 / (1 + np.exp(-(rows @ weights + bias)))


def _gbdt(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict(rows, num_threads=1)


RANKERS: dict[str, Callable[[Examples, int, int], Ranker] | None] = {"none": None, "lr": fit_lr, "gbdt": fit_gbdt}
PREDICT: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {"lr": _lr, "gbdt": _gbdt}
