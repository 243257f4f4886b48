"""The sources of candidates: popularity, neighbours of what was liked, and three models with a vector for each film.

A source learns from the log; `query` then turns the likes known now into a vector (or a score for every film), so that
a person who came an hour ago is served without training anew. All films get a vector; those nobody had liked by the
time of training get one only from the two-tower model, which reads what a film is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Settings were chosen on the practice requests of seed 0, about ten runs a source; page and sources.toml say so.
KNN_NEIGHBOURS, KNN_SHRINK = 100, 30.0
KNN_LIKES = 3  # of a film that may have neighbours
ALS = dict(regularization=30.0, alpha=5.0, iterations=5)
BPR = dict(learning_rate=0.03, regularization=0.01, iterations=30)
FOLD_NEGATIVES = 64  # films that a newcomer's likes are compared with


@dataclass(frozen=True)
class Retriever:
    """A fitted source: film vectors float32 (n, d), or none; likes a film in the log (n,); and what `query` reads."""

    kind: str
    items: np.ndarray | None
    popularity: np.ndarray
    parts: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def rows(self) -> np.ndarray:
        """The films (m,) that its index holds: those with a vector of their own."""
        return np.arange(len(self.popularity)) if self.kind.startswith("two_tower") else np.flatnonzero(self.popularity)

    @property
    def served_bytes(self) -> int:
        """Bytes that a replica holds beside the index: what turns likes into a query."""
        return self.popularity.nbytes + sum(part.nbytes for part in self.parts.values())


def fit_popularity(table: Any, dim: int, seed: int) -> Retriever:
    """Likes a film, for everybody the same."""
    return Retriever("popularity", None, _counts(table))


def fit_neighbours(table: Any, dim: int, seed: int) -> Retriever:
    """The KNN_NEIGHBOURS films nearest to each by cosine of who liked them, shrunk where few did."""
    counts = _counts(table)
    table = table.multiply(counts >= KNN_LIKES).tocsr()
    table.eliminate_zeros()
    together = (table.T @ table).tocsr()
    rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
    often = (together.data >= 2) & (rows != together.indices)  # once together is chance, and most of the table
    rows, films, both = rows[often], together.indices[often], together.data[often]
    scores = (both / (np.sqrt(counts[rows] * counts[films]) + KNN_SHRINK)).astype(np.float32)
    # One whole number a pair, row first and the best score next, sorts in a third of the time of two columns.
    order = np.argsort((rows.astype(np.int64) << 32) + ((1 - scores) * 2**30).astype(np.int64), kind="stable")
    starts = np.searchsorted(rows, np.arange(len(counts) + 1))
    kept = order[np.arange(len(rows)) - starts[rows] < KNN_NEIGHBOURS]
    ends = np.searchsorted(rows[kept], np.arange(len(counts) + 1))
    return Retriever(
        "item_knn", None, counts, dict(starts=ends, films=films[kept].astype(np.int64), scores=scores[kept])
    )


def fit_als(table: Any, dim: int, seed: int) -> Retriever:
    """Matrix factorisation by alternating least squares (Hu, Koren and Volinsky 2008), by the library implicit."""
    from implicit.cpu.als import AlternatingLeastSquares

    counts = _counts(table)
    known = np.flatnonzero(counts)
    model = AlternatingLeastSquares(factors=dim, random_state=seed, num_threads=1, **ALS)
    model.fit(_with_likes(table)[:, known], show_progress=False)
    items = np.zeros((len(counts), dim), np.float32)
    items[known] = model.item_factors
    gram = items.T @ items + ALS["regularization"] * np.eye(dim, dtype=np.float32)
    return Retriever("als", items, counts, dict(items=items, gram=gram.astype(np.float32)))


def fit_bpr(table: Any, dim: int, seed: int) -> Retriever:
    """Matrix factorisation by pairs of liked and not liked (Rendle et al. 2009), by the library implicit."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    counts = _counts(table)
    known = np.flatnonzero(counts)
    model = BayesianPersonalizedRanking(factors=dim, random_state=seed, num_threads=1, **BPR)
    model.fit(_with_likes(table)[:, known], show_progress=False)
    trained = np.asarray(model.item_factors, np.float32)  # the last of dim + 1 columns is the film's bias
    items = np.zeros((len(counts), dim + 1), np.float32)
    items[:, -1] = trained[:, -1].min()  # what nobody has liked comes last
    items[known] = trained
    drawn = np.random.default_rng(seed).choice(known, FOLD_NEGATIVES)
    return Retriever("bpr", items, counts, dict(items=items, negatives=items[drawn]))


def _with_likes(table: Any) -> Any:
    return table[np.diff(table.indptr) > 0]


def _counts(table: Any) -> np.ndarray:
    return np.asarray(table.sum(axis=0), np.float32).ravel()
