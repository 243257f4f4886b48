"""The rankers: what each learns from training rows, and how it scores features; chances come from all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any

import numpy as np

from core.cases.event_recommendation.features.pairs import AT, NAMES
from core.cases.event_recommendation.features.rows import Rows
from core.cases.event_recommendation.model.network import learn_network
from core.metrics.maths import sigmoid

TREES = dict(
    num_leaves=8, learning_rate=0.15, min_data_in_leaf=40, max_bin=63, num_threads=1, verbose=-1, deterministic=True,
    force_row_wise=True,
)  # fmt: skip
N_TREES = 40
C_PLAIN, C_BUCKETS = 1.0, 0.03  # inverse strengths of L2, as scikit-learn counts them
BUCKETS = 10  # equal shares of the training rows
COUNTS = ("friends going", "seats left", "registered", "was at this host before", "past registrations")
CROSSES = (
    ("kilometres", "weekend"), ("kilometres", "friends going"), ("beyond the usual", "weekend"), ("hour", "weekend"),
    ("beyond the usual", "friends going"), ("hours from the usual", "weekend"),
)  # fmt: skip


LIBRARIES = {"gbdt": "lightgbm", "lambdamart": "lightgbm", "nn": "torch"}


def load_libraries(model: str) -> None:
    """Load what a ranker learns with, once a process, so that it is no part of what its training takes."""
    names = {"scipy.sparse.csgraph", "scipy.spatial", "scipy.stats", "sklearn.linear_model", LIBRARIES.get(model)}
    for name in names - {None}:
        import_module(name)


@dataclass(frozen=True)
class Scorer:
    """A learnt ranker: `score(features)` (m, f) → (m,), its bytes in memory, and the line from a score to a chance."""

    score: Callable[[np.ndarray], np.ndarray]
    nbytes: int
    slope: float = 1.0
    shift: float = 0.0
    parameters: int = 0

    def chance(self, scores: np.ndarray) -> np.ndarray:
        """The chances (m,) that belong to scores (m,)."""
        return sigmoid(self.slope * scores + self.shift)


@dataclass(frozen=True)
class Model:
    """One option of the ranker: its name on the page, how it learns, and what tuning it received."""

    label: str
    learn: Callable[..., Scorer] | None  # learn(rows, keep, seed) with the columns to keep; none learns from rows
    tuning: str


def by_popularity(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Registrations so far."""
    at = AT["registered"]
    return _with_chances(lambda x: x[:, at].astype(np.float64), 0, rows)


def by_distance(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """The nearest first."""
    at = AT["kilometres"]
    return _with_chances(lambda x: -x[:, at].astype(np.float64), 0, rows)


def by_rules(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Points for near, liked, cheap enough, at a good hour, with friends and with seats; the best of 162 weightings."""
    weightings = np.array(list(product((1, 2, 3), (0, 1, 2), (0, 1), (0, 1, 2), (0, 1, 2))), float)
    points = _points(rows.x)
    area = [_area_under_roc(points @ weighting, rows.y) for weighting in weightings]
    best = weightings[int(np.argmax(area))]
    return _with_chances(lambda x: _points(x) @ best, best.nbytes, rows)


def _points(x: np.ndarray) -> np.ndarray:
    """Points (m, 5) for distance, likeness, price, hour and friends; full events lose all of them."""
    km, like, dear = x[:, AT["kilometres"]], x[:, AT["likeness to past events"]], x[:, AT["above the usual price"]]
    near = (km < 10).astype(float) + (km < 20) + (km < 40) + (km < 80)
    good_hour = (x[:, AT["hours from the usual"]] < 2.5).astype(float) + x[:, AT["weekend"]]
    points = np.column_stack([near, (like > 0.5) + (like > 0.8), dear < 5, good_hour, x[:, AT["friends going"]] > 0])
    return points.astype(float) - 10.0 * (x[:, AT["seats left"], None] <= 0)


def _area_under_roc(score: np.ndarray, y: np.ndarray) -> float:
    """The share of pairs in the right order, ties counting half."""
    from scipy.stats import rankdata

    n_yes = int(y.sum())
    return float((rankdata(score)[y].sum() - n_yes * (n_yes + 1) / 2) / max(n_yes * (len(y) - n_yes), 1))


def logistic(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Logistic regression on the features as they are, standardised."""
    mean, scale = rows.x[:, keep].mean(axis=0), rows.x[:, keep].std(axis=0) + 1e-6
    weights, intercept = _fitted((rows.x[:, keep] - mean) / scale, rows.y, C_PLAIN)
    weights = (weights / scale).astype(np.float32)
    shift = intercept - float(mean @ weights)
    return Scorer(lambda x: x[:, keep] @ weights + shift, weights.nbytes + 4, parameters=len(weights) + 1)


def logistic_in_buckets(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Logistic regression on buckets of every feature, and on six pairs of features crossed."""
    edges = [_edges(rows.x[:, at], NAMES[at] in COUNTS) for at in keep]
    place = {int(at): i for i, at in enumerate(keep)}
    crosses = [(place[AT[a]], place[AT[b]]) for a, b in CROSSES if AT[a] in place and AT[b] in place]
    sizes = [len(e) + 1 for e in edges] + [(len(edges[a]) + 1) * (len(edges[b]) + 1) for a, b in crosses]
    starts = np.concatenate([[0], np.cumsum(sizes)])

    def cells(x: np.ndarray) -> np.ndarray:
        """Which weights apply to each row (m, features + crosses)."""
        own = [np.searchsorted(edge, x[:, at], side="right") for edge, at in zip(edges, keep, strict=True)]
        pairs = [own[a] * (len(edges[b]) + 1) + own[b] for a, b in crosses]
        return np.column_stack([*own, *pairs]) + starts[:-1]

    from scipy.sparse import csr_matrix

    at = cells(rows.x)
    ones, bounds = np.ones(at.size, np.float64), np.arange(0, at.size + 1, at.shape[1])
    weights, intercept = _fitted(csr_matrix((ones, at.ravel(), bounds), shape=(len(at), starts[-1])), rows.y, C_BUCKETS)
    weights = weights.astype(np.float32)
    nbytes = weights.nbytes + 4 + sum(edge.nbytes for edge in edges)
    return Scorer(lambda x: weights[cells(x)].sum(axis=1) + intercept, nbytes, parameters=len(weights) + 1)


def _edges(values: np.ndarray, counted: bool) -> np.ndarray:
    """Bounds of buckets with equal shares of the values; none and one of something counted are buckets anyway."""
    bounds = np.quantile(values, np.linspace(0, 1, BUCKETS + 1)[1:-1])
    return np.unique(np.concatenate([bounds, [0.5, 1.5] if counted else []]))


def _fitted(x: Any, y: np.ndarray, c: float = 1.0) -> tuple[np.ndarray, float]:
    """The weights and intercept of a logistic regression."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(x, y)
    return fitted.coef_[0], float(fitted.intercept_[0])


def trees(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Gradient boosted trees on single rows (LightGBM, logistic loss)."""
    return _boosted(rows, keep, seed, dict(objective="binary"))


def lambdamart(rows: Rows, keep: np.ndarray, seed: int) -> Scorer:
    """Gradient boosted trees on pairs within a visit (LightGBM, LambdaRank); chances by a logistic line."""
    scorer = _boosted(rows, keep, seed, dict(objective="lambdarank", lambdarank_truncation_level=8))
    return _with_chances(scorer.score, scorer.nbytes, rows, scorer.parameters)


def _boosted(rows: Rows, keep: np.ndarray, seed: int, objective: dict[str, Any]) -> Scorer:
    import lightgbm

    pairs = objective["objective"] == "lambdarank"
    used = np.flatnonzero(np.bincount(rows.visit, rows.y)[rows.visit] > 0) if pairs else slice(None)
    groups = np.unique(rows.visit[used], return_counts=True)[1] if pairs else None  # visits without one have no pairs
    data = lightgbm.Dataset(rows.x[used][:, keep], rows.y[used].astype(np.float32), group=groups)
    booster = lightgbm.train({**TREES, **objective, "seed": seed}, data, N_TREES)
    leaves = sum(tree["num_leaves"] for tree in booster.dump_model()["tree_info"])
    booster.free_dataset()
    all_kept = np.array_equal(keep, np.arange(rows.x.shape[1]))
    nbytes = leaves * 40  # per leaf and split: threshold, two children, feature, value, counts

    def score(x: np.ndarray) -> np.ndarray:
        return booster.predict(x if all_kept else x[:, keep], raw_score=True, num_threads=1)

    return Scorer(score, nbytes, parameters=2 * leaves)


def _with_chances(score: Callable, nbytes: int, rows: Rows, parameters: int = 0) -> Scorer:
    """A scorer whose scores become chances by a logistic regression on them alone (Platt 1999)."""
    scores = score(rows.x)
    spread, middle = float(scores.std()) + 1e-9, float(scores.mean())
    (slope,), intercept = _fitted(((scores - middle) / spread)[:, None], rows.y)
    return Scorer(score, nbytes, slope / spread, intercept - slope * middle / spread, parameters)


def network(rows: Rows, keep: np.ndarray, seed: int, compression: str) -> Scorer:
    """A small neural network, and what compression makes of it."""
    served = learn_network(rows.x[:, keep], rows.y, compression, seed)
    return Scorer(lambda x: served.scores(x[:, keep]), served.nbytes, parameters=served.parameters)


MODELS = {
    "popular": Model("Popularity", by_popularity, "Nothing to tune: registrations so far."),
    "nearest": Model("Distance", by_distance, "Nothing to tune."),
    "rules": Model("Rules", by_rules, "At every training the best of 162 weightings of its points on its rows."),
    "lr": Model("Logistic regression", logistic, "L2 by four trials; features standardised."),
    "lr_buckets": Model(
        "Logistic regression, bucketised",
        logistic_in_buckets,
        "Buckets and L2 by nine trials; six crosses by hand.",
    ),
    "gbdt": Model("GBDT", trees, "Leaves, rate and trees by twelve trials; the smallest close to the best."),
    "lambdamart": Model("LambdaMART", lambdamart, "Those of the GBDT, and two trials of its own."),
    "nn": Model("Neural network", network, "Width, rate and passes by twelve trials; logarithms as further inputs."),
    "mf": Model("Matrix factorisation", None, "Factors, confidence, L2 by six trials; events folded in."),
}
