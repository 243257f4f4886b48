"""Linear models of a text, fitted on the training rows: a word list, naive Bayes and logistic regression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.cases.harmful_content.data import Post, Posts
from core.cases.harmful_content.features import Reader, damped, document_weights, weighted

if TYPE_CHECKING:
    from core.cases.harmful_content.features import Sparse

LISTED_WORDS = 400  # on the moderators' list
LEAST_MESSAGES = 10  # harmful ones that must use a word before it is listed
SMOOTHING = 0.1  # of naive Bayes
# inverse regularisation of logistic regression
STRENGTH = {"sparse": 10.0, "dense": 5.0, "crossed": 8.8, "joint": 3.0, "scores": 1.0}

Score = Callable[[Post], float]


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

    def score(self, rows: np.ndarray | Sparse, columns: np.ndarray | None = None) -> np.ndarray:
        """Scores (n,) of dense rows, or of counts; columns say nothing to it."""
        return (weighted(rows, self.idf) if len(self.idf) else rows) @ self.floats + self.bias

    def scorer(self, reader: Reader) -> Score:
        """What scores one post."""
        weights, idf = self.floats, self.idf

        def score(post: Post) -> float:
            places, values = reader.read(post, idf)
            return float(values @ weights[places]) + self.bias

        return score

    @property
    def floats(self) -> np.ndarray:
        """The weights as numbers."""
        return self.weights.astype(np.float32) * np.float32(self.step)


def fit_list(counts: Sparse, posts: Posts) -> Linear:
    """The word list: the words most peculiar to known harmful posts, one point each, per square root of the length."""
    taught = posts.taught[posts.train]
    used = counts[: len(taught)] > 0
    n_harmful, n_harmless = (used[kind].sum(axis=0) for kind in (taught, ~taught))
    peculiar = np.log((n_harmful + 0.5) / (taught.sum() + 1)) - np.log((n_harmless + 0.5) / ((~taught).sum() + 1))
    listed = np.argsort(np.where(n_harmful >= LEAST_MESSAGES, -peculiar, np.inf), kind="stable")[:LISTED_WORDS]
    weights = np.zeros(counts.shape[1], np.float32)
    weights[listed[n_harmful[listed] >= LEAST_MESSAGES]] = 1
    return Linear(weights, 0.0, np.ones(counts.shape[1], np.float32))


def fit_bayes(counts: Sparse, posts: Posts) -> Linear:
    """Multinomial naive Bayes (Manning et al. 2008, section 13.2) over damped counts, put to unit length."""
    from sklearn.naive_bayes import MultinomialNB

    taught = of_both_kinds(posts.taught[posts.train])
    rows = counts[: len(taught)]
    rows.data = damped(rows.data)
    harmless, harmful = MultinomialNB(alpha=SMOOTHING).fit(rows, taught).feature_log_prob_
    return Linear((harmful - harmless).astype(np.float32), 0.0, np.ones(counts.shape[1], np.float32))


def fit_words(counts: Sparse, posts: Posts) -> Linear:
    """Logistic regression over hashed TF-IDF."""
    taught = posts.taught[posts.train]
    idf = document_weights(counts, len(taught))
    weights, bias = logistic(weighted(counts[: len(taught)], idf), taught, STRENGTH["sparse"])
    return Linear(weights, bias, idf)


def fit_vectors(vectors: np.ndarray, posts: Posts) -> Linear:
    """Logistic regression over vectors of unit length."""
    taught = posts.taught[posts.train]
    weights, bias = logistic(vectors[: len(taught)], taught, STRENGTH["dense"])
    return Linear(weights, bias, np.zeros(0, np.float32))


def logistic(rows: Any, labels: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights and bias. Raises ValueError when the labels are all alike."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=500).fit(rows, of_both_kinds(labels))
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])


def of_both_kinds(labels: np.ndarray) -> np.ndarray:
    """The same labels. Raises ValueError when they are all alike."""
    if labels.all() or not labels.any():
        raise ValueError("training needs posts of both kinds, harmful and harmless; all of these are of one")
    return labels
