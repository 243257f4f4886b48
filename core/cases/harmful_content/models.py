"""The models that judge a post, fitted on the training rows: each gives a score, the higher the more harmful."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.cases.harmful_content.features import (
    FLAG_COLUMNS,
    Bins,
    Sparse,
    document_weights,
    weighted,
)
from core.cases.harmful_content.world import PICTURES, POST_COLUMNS, Posts

LISTED_WORDS = 200  # on the moderators' list
LEAST_MESSAGES = 5  # harmful ones that must use a word before it is listed
SMOOTHING = 0.1  # of naive Bayes
STRENGTH = {"sparse": 10.0, "dense": 5.0, "joint": 3.0, "scores": 1.0}  # inverse regularisation of logistic regression
N_TREES, LEAVES, DEPTH, RATE = 40, 15, 6, 0.2
PICTURE_COLUMNS = [POST_COLUMNS.index(name) for name in PICTURES]
BIN_WEIGHT = 0.15  # of a column's bin beside words: forty of them are then about as long as the text
CROSS_WEIGHT = 8.0  # of words crossed with a flag: what sets few posts apart must be learnt from few


@dataclass(frozen=True, eq=False)
class Linear:
    """A score is rows @ weights + bias; `idf` is 1 for all where the model has none."""

    weights: np.ndarray  # (width,) float32, or int8 with a step
    bias: float
    idf: np.ndarray  # (width,), empty for dense rows
    step: float = 1.0

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return self.weights.nbytes + self.idf.nbytes

    def score(self, rows: np.ndarray | Sparse) -> np.ndarray:
        """Scores (n,) of dense rows, or of counts."""
        if isinstance(rows, Sparse):
            return _times(weighted(rows, self.idf) if len(self.idf) else rows, self.floats) + self.bias
        return rows @ self.floats + self.bias

    @property
    def floats(self) -> np.ndarray:
        """The weights as numbers."""
        return self.weights.astype(np.float32) * np.float32(self.step)


def _times(rows: Sparse, weights: np.ndarray) -> np.ndarray:
    sums = np.concatenate([[0], np.cumsum(rows.values.astype(np.float64) * weights[rows.columns])])
    return np.diff(sums[rows.ends])


def fit_list(counted: Sparse, posts: Posts) -> Linear:
    """The word list: the words most peculiar to known harmful posts, one point each, per square root of the length."""
    n_harmful, n_harmless = _posts_with(counted, posts, True), _posts_with(counted, posts, False)
    taught = posts.taught[posts.train]
    peculiar = np.log((n_harmful + 0.5) / (taught.sum() + 1)) - np.log((n_harmless + 0.5) / ((~taught).sum() + 1))
    listed = np.argsort(np.where(n_harmful >= LEAST_MESSAGES, -peculiar, np.inf), kind="stable")[:LISTED_WORDS]
    weights = np.zeros(counted.width, np.float32)
    weights[listed[n_harmful[listed] >= LEAST_MESSAGES]] = 1
    return Linear(weights, 0.0, np.ones(counted.width, np.float32))


def fit_bayes(counted: Sparse, posts: Posts) -> Linear:
    """Multinomial naive Bayes (Manning et al. 2008, section 13.2) over damped counts, put to unit length."""
    sums = [_sums(counted, posts, harm) + SMOOTHING for harm in (True, False)]
    weights = np.log(sums[0] / sums[0].sum()) - np.log(sums[1] / sums[1].sum())
    return Linear(weights.astype(np.float32), 0.0, np.ones(counted.width, np.float32))


def fit_words(counted: Sparse, posts: Posts) -> Linear:
    """Logistic regression over hashed TF-IDF."""
    idf = document_weights(counted, len(posts.train))
    rows = weighted(counted.rows(0, len(posts.train)), idf)
    weights, bias = logistic(rows.matrix(), posts.taught[posts.train], STRENGTH["sparse"])
    return Linear(weights, bias, idf)


def fit_vectors(vectors: np.ndarray, posts: Posts) -> Linear:
    """Logistic regression over vectors of unit length."""
    taught = posts.taught[posts.train]
    weights, bias = logistic(vectors[: len(taught)], taught, STRENGTH["dense"])
    return Linear(weights, bias, np.zeros(0, np.float32))


def logistic(rows: Any, labels: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights and bias. Raises ValueError when the labels are all alike."""
    from sklearn.linear_model import LogisticRegression

    if labels.all() or not labels.any():
        raise ValueError("training needs posts of both kinds, harmful and harmless; all of these are of one")
    fitted = LogisticRegression(C=strength, max_iter=500).fit(rows, labels)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])


def quantised(model: Linear | Joint) -> Linear | Joint:
    """The same model with weights of 8 bits, one step for all of them."""
    step = float(np.abs(model.weights).max()) / 127 or 1.0
    return replace(model, weights=np.round(model.weights / step).astype(np.int8), step=step)


def _posts_with(counted: Sparse, posts: Posts, harm: bool) -> np.ndarray:
    part, kind = counted.rows(0, len(posts.train)), posts.taught[posts.train] == harm
    return np.bincount(part.columns, np.repeat(kind, np.diff(part.ends)), counted.width)


def _sums(counted: Sparse, posts: Posts, harm: bool) -> np.ndarray:
    part, kind = counted.rows(0, len(posts.train)), posts.taught[posts.train] == harm
    return np.bincount(part.columns, np.repeat(kind, np.diff(part.ends)) * part.values, counted.width)


# Trees over columns.


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted trees as flat arrays (n_nodes,): go left where column <= cut; a leaf leads to itself."""

    roots: np.ndarray  # (n_trees,)
    column: np.ndarray
    cut: np.ndarray
    children: np.ndarray  # (2 * n_nodes,) node i goes to [2i + 1] where column <= cut, else to [2i]
    value: np.ndarray
    depth: int
    bias: float

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return sum(a.nbytes for a in (self.roots, self.column, self.cut, self.children, self.value))

    def score(self, rows: np.ndarray) -> np.ndarray:
        """Scores (n,) of rows (n, n_columns)."""
        starts = np.arange(len(rows))[:, None] * rows.shape[1]
        return self._sums(np.ascontiguousarray(rows).ravel(), starts, np.tile(self.roots, (len(rows), 1)))

    def score_one(self, row: np.ndarray) -> float:
        """The score of one row (n_columns,)."""
        return float(self._sums(row, 0, self.roots))

    def _sums(self, flat: np.ndarray, starts: np.ndarray | int, at: np.ndarray) -> np.ndarray:
        for _ in range(self.depth):
            left = flat.take(starts + self.column.take(at)) <= self.cut.take(at)
            at = self.children.take(2 * at + left)
        return self.value.take(at).sum(axis=-1) + self.bias


def fit_trees(posts: Posts, seed: int) -> Trees:
    """Gradient boosting over the columns, scikit-learn's histogram kind (as LightGBM, Ke et al. 2017).

    What a picture shows is a part of its own, which no tree may mix with the rest.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    kind = HistGradientBoostingClassifier(
        max_iter=N_TREES, max_leaf_nodes=LEAVES, max_depth=DEPTH, learning_rate=RATE, early_stopping=False,
        interaction_cst=[set(range(posts.columns.shape[1])) - set(PICTURE_COLUMNS), *({i} for i in PICTURE_COLUMNS)],
        random_state=seed % 2**31,
    )  # fmt: skip
    fitted = kind.fit(posts.columns[posts.train], posts.taught[posts.train])
    return _as_arrays([stage[0].nodes for stage in fitted._predictors], float(fitted._baseline_prediction[0, 0]))


def _as_arrays(trees: list[np.ndarray], bias: float) -> Trees:
    roots = np.cumsum([0, *map(len, trees[:-1])])
    nodes, own = np.concatenate(trees), np.repeat(roots, [len(tree) for tree in trees])
    leaf, itself = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    right, left = (np.where(leaf, itself, own + nodes[side]) for side in ("right", "left"))
    return Trees(
        roots, np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64), nodes["num_threshold"].astype(np.float32),
        np.stack([right, left], axis=1).ravel(), nodes["value"].astype(np.float32), int(nodes["depth"].max()), bias,
    )  # fmt: skip


# One model over both parts.


@dataclass(frozen=True, eq=False)
class Joint:
    """One linear model over text, binned columns and text crossed with flags: what early fusion is."""

    text: Linear  # its idf, for counted text
    bins: Bins
    weights: np.ndarray  # (width,): text, bins, then text once more for each flag
    bias: float
    width: int
    step: float = 1.0

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return self.weights.nbytes + self.text.idf.nbytes + self.bins.edges.nbytes

    def score(self, rows: np.ndarray | Sparse, columns: np.ndarray) -> np.ndarray:
        """Scores (n,) of texts and their columns (n, n_columns): a flag that is set adds its own text weights."""
        words, bins, crosses = self.parts
        of_text = self._by_table(rows, np.concatenate([words[None], crosses]))
        on = np.column_stack([np.ones(len(columns)), CROSS_WEIGHT * (columns[:, FLAG_COLUMNS] > 0)])
        return (of_text * on).sum(axis=1) + BIN_WEIGHT * bins[self.bins.of(columns)].sum(axis=1) + self.bias

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The weights of text (width,), of bins, and of text under each flag (n_flags, width)."""
        weights = self.weights.astype(np.float32) * np.float32(self.step)
        words, bins, crosses = np.split(weights, [self.width, self.width + self.bins.width])
        return words, bins, crosses.reshape(len(FLAG_COLUMNS), self.width)

    def _by_table(self, rows: np.ndarray | Sparse, tables: np.ndarray) -> np.ndarray:
        if isinstance(rows, Sparse):
            known = weighted(rows, self.text.idf)
            return np.column_stack([_times(known, table) for table in tables])
        return rows @ tables.T


def fit_joint(rows: np.ndarray | Sparse, posts: Posts, bins: Bins) -> Joint:
    """Logistic regression over all of it."""
    from scipy.sparse import csr_array, diags_array, hstack

    n = len(posts.train)
    columns, taught = posts.columns[posts.train], posts.taught[posts.train]
    sparse = isinstance(rows, Sparse)
    idf = document_weights(rows, n) if sparse else np.zeros(0, np.float32)
    text = weighted(rows.rows(0, n), idf).matrix() if sparse else csr_array(rows[:n])
    places = bins.of(columns)
    width = text.shape[1]
    binned = csr_array(
        (np.full(places.size, BIN_WEIGHT, np.float32), places.ravel(), np.arange(n + 1) * places.shape[1]),
        shape=(n, bins.width),
    )
    crossed = [diags_array((CROSS_WEIGHT * (columns[:, f] > 0)).astype(np.float32)) @ text for f in FLAG_COLUMNS]
    weights, bias = logistic(
        hstack([text, binned, *crossed], format="csr"), taught, STRENGTH["sparse" if sparse else "joint"]
    )
    return Joint(Linear(weights[:0], 0.0, idf), bins, weights, bias, width)


# Scores to probabilities.


@dataclass(frozen=True, eq=False)
class Calibration:
    """p = sigmoid(scores @ weights + bias), fitted on the newest known posts and moved to the platform's prevalence."""

    weights: np.ndarray  # (n_scores,)
    bias: float

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n, n_scores)."""
        return 1 / (1 + np.exp(-(scores @ self.weights + self.bias)))


def calibrate(posts: Posts, *scores: np.ndarray, prevalence: float) -> Calibration:
    """Platt scaling of one score, or stacking of several (late fusion); the prior is moved (Elkan 2001, theorem 2)."""
    rows = np.column_stack(scores)[: len(posts.valid)]
    taught = posts.taught[posts.valid]
    scale = rows.std(axis=0).clip(1e-9)
    weights, bias = logistic(rows / scale, taught, STRENGTH["scores"])
    share = float(np.clip(taught.mean(), 1e-3, 1 - 1e-3))
    bias += np.log(prevalence / (1 - prevalence)) - np.log(share / (1 - share))
    return Calibration((weights / scale).astype(np.float64), float(bias))
